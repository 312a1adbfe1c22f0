import type { LineHunk } from '../edits/diff.ts';
import { control, cursorCoreTokens, joinTexts, type Prompt, text } from './prompt.ts';
import type { Snippet } from './snippet.ts';

/** Each hunk as `START,END` above a fence with the replacing lines of `to` (`generate_locations_changes`). */
export function locationBlocks(to: Snippet, hunks: readonly LineHunk[], language: string): Prompt {
  const blocks = hunks.map(({ start, end, newStart, newEnd }) => {
    const lines = to.lines.slice(newStart, newEnd).join('\n');
    return `${start},${end}\n\`\`\`${language}\n${lines}\n\`\`\``;
  });
  return joinTexts([text(blocks.join('\n'))]);
}

/** Each hunk as a fence with the lines of `from`, the separating token, and those of `to` (`generate_search_and_replace`). */
export function searchBlocks(from: Snippet, to: Snippet, hunks: readonly LineHunk[], language: string): Prompt {
  return joinTexts(
    hunks.flatMap(({ start, end, newStart, newEnd }, i) => [
      text(`${i > 0 ? '\n' : ''}\`\`\`${language}\n${from.lines.slice(start, end).join('\n')}\n`),
      control(cursorCoreTokens.searchAndReplace),
      text(`\n${to.lines.slice(newStart, newEnd).join('\n')}\n\`\`\``),
    ]),
  );
}
