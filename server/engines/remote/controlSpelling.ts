import type { Prompt, PromptPart } from '../../../shared/conversation/prompt.ts';

/**
 * Control tokens of model families on servers (Qwen, Llama, DeepSeek, StarCoder, Seed, Gemma, Mistral, Phi, GPT),
 * as text. Servers read them as control tokens anywhere. Marks that prompt formats write as text, such as
 * `<|cursor|>` or CursorCore's in the one-shot prompts, are not among them.
 */
const families = [
  '<\\|(?:im_(?:start|end|sep)|end_?of_?text|begin_of_text|start_of_role|end_of_role|(?:start|end)_header_id|eo[tm]_id|eom|eot)\\|>',
  '<\\|(?:fim_(?:prefix|middle|suffix|pad)|repo_name|file_sep|file_separator|python_tag|reserved_special_token_\\d+)\\|>',
  '<\\|(?:system|user|assistant|end|start|channel|message|return|call|constrain|endofprompt)\\|>',
  '<\\|(?:(?:object_ref|box|quad|vision)_(?:start|end)|(?:vision|image|video)_pad|finetune_right_pad_id)\\|>',
  '<｜[^｜<>\\n]{1,40}｜>',
  '<(?:fim_(?:prefix|middle|suffix|pad)|filename|gh_stars|reponame|file_sep|repo_name|issue_\\w+|jupyter_\\w+|empty_output|commit_\\w+)>',
  '<\\[(?:fim-(?:prefix|middle|suffix)|begin▁of▁sentence|end▁of▁sentence|PAD▁TOKEN|SEP▁TOKEN)\\]>',
  '<(?:start|end)_of_turn>|</?s>|<(?:unk|pad|bos|eos|mask)>|</?(?:tool_call|tool_response|think)>',
  '\\[/?(?:INST|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|SYSTEM_PROMPT|PREFIX|MIDDLE|SUFFIX)\\]|<</?SYS>>',
];

/** Text that a model writes at the end of its turn, if a server passes it on as text. */
const endTokens = new Set([
  '<|im_end|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|end|>',
  '<|return|>',
  '</s>',
  '<eos>',
  '<end_of_turn>',
  '<｜end▁of▁sentence｜>',
  '<[end▁of▁sentence]>',
]);

/** Invisible characters: one that does not occur in the prompt breaks up text that spells a control token. */
const breakers = ['\u2060', '\u200b', '\u200d', '\ufeff', '\ue000', '\ue001', '\ue002', '\uf8ff'];

/** A prompt whose text spells no control token, whatever a file contains, and how to read the answer. */
export interface Disarmed {
  readonly prompts: readonly Prompt[];
  /** The answer as it would be for the original prompt. */
  reveal(answer: string): string;
  /** The same change of a text that belongs to the prompts. */
  hide(text: string): string;
}

/**
 * A server receives text, and turns everything that spells a control token into one; only a few accept ids. So an
 * invisible character is inserted into prompt text that spells one, and removed from the answer again.
 * Undefined if the prompt contains every such character.
 */
export function disarm(prompts: readonly Prompt[]): Disarmed | undefined {
  const parts = prompts.flat();
  const own = parts.flatMap((part) => (part.kind === 'control' ? [escapeRegExp(part.token)] : []));
  const spelled = new RegExp([...new Set(own), ...families].join('|'), 'gu');
  const texts = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
  if (!texts.some((text) => text.search(spelled) >= 0)) {
    return { prompts, reveal: (answer) => answer, hide: (text) => text };
  }
  const breaker = breakers.find((one) => !texts.some((text) => text.includes(one)));
  if (breaker === undefined) return undefined;
  const hide = (text: string) => text.replace(spelled, (token) => `${token[0]}${breaker}${token.slice(1)}`);
  const hidden = (part: PromptPart) => (part.kind === 'text' ? { ...part, text: hide(part.text) } : part);
  return {
    prompts: prompts.map((prompt) => prompt.map(hidden)),
    reveal: (answer) => answer.replaceAll(breaker, ''),
    hide,
  };
}

/** Whether a piece of an answer, as received from the server, is the token that ends the model's turn. */
export function isEndToken(piece: string): boolean {
  return endTokens.has(piece.trim());
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
