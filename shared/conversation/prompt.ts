/**
 * A piece of a prompt. Only `control` may become one of the model's control tokens: `text` is encoded as plain text
 * even if a user's file contains `<|im_end|>`.
 */
export type PromptPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'control'; readonly token: string };

export type Prompt = readonly PromptPart[];

export const text = (value: string): PromptPart => ({ kind: 'text', text: value });
export const control = (token: string): PromptPart => ({ kind: 'control', token });

/** The prompt as one string, as the authors' code writes it. Never tokenise this: see `PromptPart`. */
export function promptText(prompt: Prompt): string {
  return prompt.map((part) => (part.kind === 'text' ? part.text : part.token)).join('');
}

/** The same prompt with neighbouring texts merged, so that they are tokenised together. */
export function joinTexts(parts: Prompt): Prompt {
  const joined: PromptPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === 'text' && last?.kind === 'text') joined[joined.length - 1] = text(last.text + part.text);
    else if (part.kind === 'control' || part.text !== '') joined.push(part);
  }
  return joined;
}

/** CursorCore's control tokens (arXiv 2410.07002, appendix; `generic/special_tokens.py` of the authors' repository). */
export const cursorCoreTokens = {
  imStart: '<|im_start|>',
  imEnd: '<|im_end|>',
  nextStart: '<|next_start|>',
  nextEnd: '<|next_end|>',
  targetStart: '<|target_start|>',
  targetEnd: '<|target_end|>',
  target: '<|target|>',
  searchAndReplace: '<|search_and_replace|>',
} as const;
