import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import type { EverydayChange } from './everydayCase.ts';

/**
 * The edits, each of the text that those before it left, by which a user makes a change of `text` in an editor: what is
 * pasted or deleted is one, what is typed one for each key. A new line comes with its indentation, as editors do it.
 */
export function keystrokes(text: string, { start, end, text: typed, mode }: EverydayChange): OffsetEdit[] {
  const isDeletion = start < end && typed === '';
  if (mode === 'p' || (isDeletion && mode !== 'b')) return [{ start, end, newText: typed }];
  const edits: OffsetEdit[] = [];
  if (mode === 'b') edits.push(...backspaces(text, start, end));
  else if (start < end) edits.push({ start, end, newText: '' });
  let at = start;
  for (const [key] of typed.matchAll(/\n[ \t]*|./gsu)) {
    edits.push({ start: at, end: at, newText: key });
    at += key.length;
  }
  return edits;
}

/** The deletions that take `text` between two offsets away from its end, a character each. */
function backspaces(text: string, start: number, end: number): OffsetEdit[] {
  const steps: OffsetEdit[] = [];
  let at = end;
  for (const character of [...text.slice(start, end)].reverse()) {
    steps.push({ start: at - character.length, end: at, newText: '' });
    at -= character.length;
  }
  return steps;
}
