import { type FileChange, readChanges } from './fileChanges.ts';
import { partAt, partAtLast } from './parts.ts';
import type { ServedPrompt } from './servedPrompt.ts';

const cursorMark = '<|user_cursor_is_here|>';
const startOfFile = '<|start_of_file|>\n';
const regionStart = '<|editable_region_start|>\n';
const regionEnd = '\n<|editable_region_end|>';
const excerptHeader = '### User Excerpt:\n\n';
const excerptEnd = '\n```\n\n### Response:';

/** Reads a prompt for Zeta 1 (zed-industries/zeta), as Zed and cursortab.nvim write it; undefined for any other. */
export function readZeta1(prompt: string): ServedPrompt | undefined {
  if (!prompt.startsWith('### Instruction:\n')) return undefined;
  const [head, tail] = partAtLast(prompt, regionStart) ?? [];
  const [history, excerptHead] = partAtLast(head ?? '', excerptHeader) ?? [];
  const [marked, behind] = partAtLast(tail ?? '', regionEnd) ?? [];
  const [beforeCursor, afterCursor] = partAt(marked ?? '', cursorMark) ?? [];
  const [after] = partAtLast(behind ?? '', excerptEnd) ?? [];
  const [fence, shown] = partAt(excerptHead ?? '', '\n') ?? [];
  if (history === undefined || beforeCursor === undefined || afterCursor === undefined) return undefined;
  if (after === undefined || shown === undefined || !fence?.startsWith('```')) return undefined;
  return {
    format: 'zeta1',
    path: fence.slice(3),
    before: shown.startsWith(startOfFile) ? shown.slice(startOfFile.length) : shown,
    region: beforeCursor + afterCursor,
    after,
    cursor: beforeCursor.length,
    changes: readEdits(history),
    // Up to the first of the marks that the editor uses as stop strings.
    answer: (newRegion) => regionStart + newRegion,
  };
}

/** `User edited PATH:`, or `User edited "PATH":`, and a fenced unified diff, each. */
function readEdits(history: string): FileChange[] {
  return readChanges(history, (first, second) =>
    second === '```diff' ? /^User edited "?(.*?)"?:$/.exec(first)?.[1] : undefined,
  );
}
