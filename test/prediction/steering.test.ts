import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentPrediction } from '../../server/prediction/documentPrediction.ts';
import { applicableEdits } from '../../server/prediction/pendingEdits.ts';
import { applyEdits } from '../../shared/edits/apply.ts';

const override = '\u202e';

function pendingOf(text: string, ...edits: { start: number; end: number; newText: string }[]) {
  const prediction = new DocumentPrediction(1, text);
  let id = 0;
  prediction.answer({ edits: edits.map((edit) => ({ ...edit, confidence: 1 })) }, () => ++id);
  return prediction.pending.map(({ newText }) => newText);
}

describe('what is offered', () => {
  it('has no control or bidi character that the text does not have, nor the rest of a hunk with one', () => {
    const text = 'one\ntwo\n\n\nthree\n';
    expect(pendingOf(text, { start: 3, end: 3, newText: `; ${override}x` })).toEqual([]);
    expect(pendingOf(text, { start: 3, end: 3, newText: ';' }, { start: 7, end: 7, newText: '\u001b[2J' })).toEqual([]);
    const other = { start: 15, end: 15, newText: ';' };
    expect(pendingOf(text, { start: 3, end: 3, newText: '\u0000' }, other)).toEqual([';']);
  });

  it('may have what the text has, and what lines are made of', () => {
    expect(pendingOf(`one ${override}\n`, { start: 3, end: 3, newText: override })).toEqual([override]);
    expect(pendingOf('one\n', { start: 3, end: 3, newText: '\r\n\ttwo' })).toEqual(['\r\n\ttwo']);
  });

  it('brings nothing of the kind into any text', () => {
    const piece = fc.constantFrom('a', '\n', '\t', ' ', '\u001b', '\u0085', '\u200f', override, '\u2069');
    const string = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(string, string, fc.nat(8), fc.nat(8), (text, newText, a, b) => {
        const [start, end] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
        const edits = applicableEdits(text, [{ start, end, newText }]);
        for (const character of applyEdits(text, edits)) {
          expect(text.includes(character) || /[a\n\t ]/.test(character)).toBe(true);
        }
      }),
    );
  });
});
