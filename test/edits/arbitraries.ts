import fc from 'fast-check';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

/** What text is made of where it goes wrong: every terminator, tabs, emoji, combining marks, lone surrogates apart. */
const piece = fc.constantFrom(
  ...[
    'a',
    'b',
    'foo',
    ' ',
    '\t',
    '(',
    ')',
    'é',
    'e\u0301',
    '漢',
    '😀',
    '👩‍👩‍👧',
    '\u200d',
    '\n',
    '\r\n',
    '\r',
    '\n',
    '}',
  ],
);

/** Any text of those pieces, with or without a final terminator. */
export const anyText = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

/** A text of few distinct short lines: diffs of two such texts have much in common. */
export const anyLines = fc
  .array(fc.constantFrom('a\n', 'b\n', 'foo(1)\n', '  foo(2)\r\n', '\n', '😀\n', '😁\n', 'é\r', '\r'), {
    maxLength: 30,
  })
  .chain((lines) => anyTail.map((tail) => lines.join('') + tail));
const anyTail = fc.constantFrom('', 'a', '😀', '\t');

/** Sorted edits of `text` that do not overlap; they may touch and may be empty. */
export function anyEdits(text: string, maxEdits = 5): fc.Arbitrary<OffsetEdit[]> {
  return fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(text.length), anyText), { maxLength: maxEdits })
    .map((raw) => disjoint(raw.map(([a, b, newText]) => ({ start: Math.min(a, b), end: Math.max(a, b), newText }))));
}

function disjoint(edits: OffsetEdit[]): OffsetEdit[] {
  const kept: OffsetEdit[] = [];
  for (const edit of edits.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start >= (kept.at(-1)?.end ?? 0)) kept.push(edit);
  }
  return kept;
}

/** A text together with edits of it. */
export const textAndEdits = anyText.chain((text) => anyEdits(text).map((edits) => ({ text, edits })));
