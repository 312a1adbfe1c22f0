import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LastPlace } from '../../server/lsp/lastPlace.ts';
import { OpenDocument } from '../../server/lsp/openDocument.ts';
import { applyContentChanges } from '../../server/lsp/textSync.ts';

const [a, b] = ['file:///a', 'file:///b'];

it('is behind the last edit, in the document that it was made in', () => {
  const place = new LastPlace();
  expect(place.current).toBeUndefined();
  place.opened(a);
  place.opened(b);
  expect(place.current).toEqual({ uri: b, offset: 0 });
  place.changed(a, changesOf('one\ntwo', [insertion(1, 3, '2')]));
  expect(place.current).toEqual({ uri: a, offset: 8 });
  // Looking at another document is no edit.
  place.opened('file:///c');
  expect(place.current).toEqual({ uri: a, offset: 8 });
  place.changed(b, changesOf('', [insertion(0, 0, 'x')]));
  expect(place.current).toEqual({ uri: b, offset: 1 });
  expect(place.in(a)).toBe(8);
  place.closed(b);
  expect(place.current).toEqual({ uri: a, offset: 8 });
  // Opened anew, it is another document with another text.
  place.opened(a);
  expect(place.in(a)).toBe(0);
});

it('is right behind what the last of several edits put in', () => {
  const change = fc.record({
    line: fc.nat(3),
    character: fc.nat(6),
    length: fc.nat(3),
    text: fc.string({ unit: fc.constantFrom('a', '\n', 'é', '😀') }),
  });
  fc.assert(
    fc.property(fc.string(), fc.array(change, { minLength: 1, maxLength: 4 }), (text, edits) => {
      const place = new LastPlace();
      const document = new OpenDocument(a, 'plaintext', 1, text);
      const changes = edits.map(({ line, character, length, text: newText }) => ({
        range: { start: { line: 0, character }, end: { line: 0, character: character + length } },
        text: newText.repeat(line),
      }));
      place.opened(a);
      place.changed(a, applyContentChanges(document, 2, changes, 'utf-16'));
      const { offset } = place.current ?? { offset: -1 };
      expect(document.getText().slice(0, offset)).toMatch(new RegExp(`${changes.at(-1)?.text ?? ''}$`, 'u'));
    }),
  );
});

function insertion(line: number, character: number, text: string) {
  return { range: { start: { line, character }, end: { line, character } }, text };
}

function changesOf(text: string, changes: Parameters<typeof applyContentChanges>[2]) {
  return applyContentChanges(new OpenDocument(a, 'plaintext', 1, text), 2, changes, 'utf-16');
}
