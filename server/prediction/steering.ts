import { toHunks } from '../../shared/edits/hunks.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { steeringCharacters } from '../../shared/printable.ts';

/**
 * The edits without those hunks that would bring control characters or marks of bidirectional text into a text that
 * has none such: nobody sees what they do to a line (Trojan Source, CVE-2021-42574), and nobody can type them by
 * accident. Throws a RangeError for edits that cannot be applied together.
 */
export function withoutSteering<T extends OffsetEdit>(text: string, edits: readonly T[]): T[] {
  const bringing = edits.filter(({ newText }) =>
    steeringCharacters(newText).some((character) => !text.includes(character)),
  );
  if (bringing.length === 0) return [...edits];
  const hunks = toHunks(text, edits).filter((hunk) => !hunk.edits.some((edit) => bringing.includes(edit)));
  return hunks.flatMap((hunk) => hunk.edits);
}
