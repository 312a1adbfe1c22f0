import { toHunks } from '../../shared/edits/hunks.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { steeringCharacters } from '../../shared/printable.ts';

/**
 * The edits without those hunks that would bring control characters or bidirectional marks into a text that has none:
 * they hide what a line does (Trojan Source, CVE-2021-42574), and are never typed by accident. Throws a RangeError for
 * edits that cannot be applied together.
 */
export function withoutSteering<T extends OffsetEdit>(text: string, edits: readonly T[]): T[] {
  const bringing = edits.filter(({ newText }) =>
    steeringCharacters(newText).some((character) => !text.includes(character)),
  );
  if (bringing.length === 0) return [...edits];
  const hunks = toHunks(text, edits).filter((hunk) => !hunk.edits.some((edit) => bringing.includes(edit)));
  return hunks.flatMap((hunk) => hunk.edits);
}
