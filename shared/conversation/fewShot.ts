import type { Conversation } from './conversation.ts';
import type { RenderOptions } from './format.ts';
import { earlierSnippets } from './historyExcerpt.ts';
import { cursorCoreTokens, promptText } from './prompt.ts';
import { pythonStrip } from './python.ts';
import { Snippet } from './snippet.ts';
import { fencedSnippet, languageName } from './snippetPrompt.ts';

const { nextStart, nextEnd } = cursorCoreTokens;

/** The task for the model; comes before the example and before the request. */
export const fewShotTask =
  'Read the following messages during programming and return the modified code in this format:\n\n' +
  `${nextStart}{modified code}${nextEnd}`;

/** The only example in the paper's prompts (Tables 20 and 21): a renaming that was begun is continued. */
export const oneShot = {
  request: [
    'Programming process 1:\n```python\na = 1\nb = 2\nc = a + b\n```',
    'Current code:\n```python\ni = 1\nb = 2\nc = a + b\n```',
    'User instruction:\nPlease change variable names.',
  ].join('\n\n'),
  answer: `${nextStart}\`\`\`python\ni = 1\nj = 2\nk = i + j\n\`\`\`${nextEnd}`,
} as const;

/** History, current code and instruction in the prompt's words, all plain text. */
export function fewShotRequest(
  conversation: Conversation,
  { excerpt, targetArea = false }: Pick<RenderOptions, 'excerpt' | 'targetArea'>,
): string {
  const { current, target, instruction } = conversation;
  const language = languageName(conversation.languageId);
  const blocks = earlierSnippets(conversation, excerpt).map(
    (earlier, i) =>
      `Programming process ${i + 1}:\n${promptText(fencedSnippet(earlier.snippet, { language, excerpt: earlier.excerpt }))}`,
  );
  const marked = target && targetArea ? { area: target, as: 'text' as const } : undefined;
  const code = fencedSnippet(Snippet.of(current), { language, excerpt, target: marked });
  blocks.push(`Current code:\n${promptText(code)}`);
  if (instruction) blocks.push(`User instruction:\n${instruction}`);
  return pythonStrip(blocks.join('\n\n'));
}

/** The beginning of an answer that changes the code. */
export function fewShotFence({ languageId }: Conversation): string {
  return `${nextStart}\`\`\`${languageName(languageId)}\n`;
}
