import { checkEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

/** The edits that take `applyEdits(text, edits)` back to `text`, sorted. Throws as `applyEdits` does. */
export function invertEdits(text: string, edits: readonly OffsetEdit[]): OffsetEdit[] {
  let shift = 0;
  return checkEdits(text.length, edits).map(({ start, end, newText }) => {
    const inverse = { start: start + shift, end: start + shift + newText.length, newText: text.slice(start, end) };
    shift += newText.length - (end - start);
    return inverse;
  });
}
