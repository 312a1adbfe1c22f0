import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentPrediction } from '../../server/prediction/documentPrediction.ts';
import { ghostTextOffer, idsOf, namedEdits } from '../../server/prediction/offers.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

const insert = (at: number, newText: string): OffsetEdit => ({ start: at, end: at, newText });

/** A document whose ghost text a client takes piece by piece. */
class Shown {
  readonly prediction: DocumentPrediction;
  cursor: number;
  #lastId = 0;

  constructor(text: string, edits: readonly OffsetEdit[], cursor: number) {
    this.prediction = new DocumentPrediction(1, text);
    const certain = edits.map((edit) => ({ ...edit, confidence: 1 }));
    this.prediction.answer({ edits: certain }, () => ++this.#lastId);
    this.cursor = cursor;
  }

  /** What a client is shown at the cursor. */
  ask(): { id: string; insert: string } | undefined {
    const offer = ghostTextOffer(this.prediction, this.cursor);
    if (!offer) return undefined;
    this.prediction.show({ ids: idsOf(offer.id), at: this.cursor, newText: offer.insert });
    return { id: offer.id, insert: offer.insert };
  }

  take(piece: string): void {
    const edit = insert(this.cursor, piece);
    const { version, text } = this.prediction;
    this.prediction.change(version + 1, [{ edit, text: applyEdits(text, [edit]) }]);
    this.cursor += piece.length;
  }

  get target(): string {
    return applyEdits(this.prediction.text, this.prediction.pending);
  }
}

describe('ghost text of several edits', () => {
  const text = 'call\nold\nend\n';
  const [ending, line, changed] = [insert(4, '(1)'), insert(5, 'new\n'), { start: 9, end: 12, newText: 'END' }];

  it('is shown where they make a hunk with others that are none', () => {
    expect(new Shown(text, [ending, changed], 4).ask()).toEqual({ id: '1-1', insert: '(1)' });
    const adjacent = { start: 5, end: 8, newText: 'OLD' };
    expect(new Shown(text, [ending, adjacent], 4).ask()).toEqual({ id: '1-1', insert: '(1)' });
  });

  it('is as long as can be', () => {
    const below = { start: 6, end: 8, newText: 'LD' };
    expect(new Shown(text, [ending, line, below], 4).ask()).toEqual({ id: '1-2', insert: '(1)\nnew' });
    expect(new Shown(text, [ending, line], 4).ask()).toEqual({ id: '1-2', insert: '(1)\nnew' });
  });
});

describe('after a piece of the ghost text was taken', () => {
  it('the rest stays, word by word and line by line, under the same id', () => {
    const document = new Shown('call\nold\n', [insert(4, '(1, 2)'), insert(5, 'new\n'), insert(8, '!')], 4);
    const whole = '(1, 2)\nnew\nold!';
    expect(document.ask()).toEqual({ id: '1-2', insert: '(1, 2)\nnew' });
    let taken = '';
    for (const piece of ['(1, ', '2)', '\nn']) {
      document.take(piece);
      taken += piece;
      expect(document.ask()).toEqual({ id: '1-2', insert: '(1, 2)\nnew'.slice(taken.length) });
      expect(document.prediction.isSettled()).toBe(true);
      expect(namedEdits(document.prediction, '1-2')).toHaveLength(1);
    }
    document.take('ew');
    expect(document.prediction.pending).toMatchObject([{ id: 3, newText: '!' }]);
    expect(document.target).toBe(`call${whole}\n`);
  });

  it('a line that is inserted below is taken from the end of the line above', () => {
    const document = new Shown('a {\n}\n', [insert(4, '  one();\n  two();\n')], 3);
    expect(document.ask()).toEqual({ id: '1-1', insert: '\n  one();\n  two();' });
    document.take('\n  one();');
    expect(document.ask()).toEqual({ id: '1-1', insert: '\n  two();' });
    document.take('\n');
    expect(document.ask()).toEqual({ id: '1-1', insert: '  two();' });
    document.take('  two();');
    expect(document.prediction.text).toBe('a {\n  one();\n  two();\n}\n');
    expect(document.prediction.pending).toEqual([]);
  });

  it('what is turned down stays turned down', () => {
    const document = new Shown('call\nold\n', [insert(4, '(1)'), insert(5, 'new\n')], 4);
    document.ask();
    document.take('(');
    const offer = document.ask();
    document.prediction.reject(namedEdits(document.prediction, offer?.id ?? ''));
    expect(document.prediction.pending).toEqual([]);
  });

  it('whatever the pieces are, the whole comes out', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', '(', ' ', '\n'), maxLength: 4 });
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(piece, piece, piece, piece, piece, fc.nat(), sizes, (head, one, between, two, tail, at, lengths) => {
        fc.pre(between !== '' && (one !== '' || two !== ''));
        const text = head + between + tail;
        const edits = [insert(head.length, one), insert(head.length + between.length, two)];
        const wanted = edits.filter(({ newText }) => newText !== '');
        const document = new Shown(text, wanted, at % (text.length + 1));
        const shown = document.ask();
        fc.pre(shown !== undefined);
        const parts = namedEdits(document.prediction, shown?.id ?? '');
        const from = Math.min(document.cursor, ...parts.map(({ start }) => start));
        const to = Math.max(document.cursor, ...parts.map(({ end }) => end));
        const others = document.prediction.pending.filter((edit) => !parts.includes(edit));
        fc.pre(others.every(({ start, end }) => end < from || start > to));
        const { target } = document;
        let left = shown?.insert ?? '';
        for (const length of lengths) {
          const taken = left.slice(0, length);
          if (taken === '') break;
          document.take(taken);
          left = left.slice(taken.length);
          expect(document.target).toBe(target);
          const next = document.ask();
          // What begins like the text behind the cursor cannot be drawn, and is a next edit.
          if (next === undefined) break;
          if (left !== '') expect(next).toEqual({ id: shown?.id, insert: left });
          else break;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
