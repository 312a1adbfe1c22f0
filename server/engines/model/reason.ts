import type { Hunk } from '../../../shared/edits/hunks.ts';

/** A title shows at most this many characters of removed or inserted text. */
const maxShown = 32;

/** A few words for a hunk with one small change; undefined for others, whose lines are counted instead. */
export function reasonFor(current: string, { edits }: Hunk): string | undefined {
  const [edit] = edits;
  if (!edit || edits.length > 1) return undefined;
  const [old, now] = [current.slice(edit.start, edit.end), edit.newText].map((text) => text.trim());
  if (old === undefined || now === undefined || !isShort(old) || !isShort(now)) return undefined;
  if (old === '') return now === '' ? undefined : `insert \`${now}\``;
  return now === '' ? `delete \`${old}\`` : `\`${old}\` becomes \`${now}\``;
}

function isShort(text: string): boolean {
  return text.length <= maxShown && !/[\r\n`]/.test(text);
}
