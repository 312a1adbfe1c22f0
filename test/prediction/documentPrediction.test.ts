import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextChange } from '../../server/prediction/documentPrediction.ts';
import { ghostTextOffer } from '../../server/prediction/offers.ts';
import { applyEdits, checkEdits, mergeEdits } from '../../shared/edits/apply.ts';
import { splitsCharacter } from '../../shared/edits/lines.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { insert, PredictedDocument, replace } from './predictedDocument.ts';

/** A document with its prediction, changed by one edit at a time. */
class Predicted extends PredictedDocument {
  /** What the text becomes once everything predicted is applied. */
  get target(): string {
    return applyEdits(this.text, this.pending);
  }

  change(edit: OffsetEdit): boolean {
    return this.prediction.change(this.prediction.version + 1, [{ edit, text: applyEdits(this.text, [edit]) }]);
  }

  ghostAt(cursor: number): string | undefined {
    return ghostTextOffer(this.prediction, cursor)?.insert;
  }
}

describe('while the user types', () => {
  it('the rest of what the prediction says stays, under the same id', () => {
    const document = new Predicted('foo\n', [insert(3, 'bar()')]);
    expect(document.ghostAt(3)).toBe('bar()');
    expect(document.change(insert(3, 'b'))).toBe(true);
    expect(document.ghostAt(4)).toBe('ar()');
    expect(document.change(insert(4, 'ar'))).toBe(true);
    expect(document.ghostAt(6)).toBe('()');
    expect(document.prediction.pending).toMatchObject([{ id: 1 }]);
    expect(document.change(insert(6, '()'))).toBe(false);
    expect(document.prediction.isSettled()).toBe(false);
  });

  it.each([
    ['other text there', insert(3, 'x')],
    ['text on another line', insert(4, 'x')],
    ['more than it says', insert(3, 'bar()!')],
  ])('%s drops it', (_, change) => {
    const document = new Predicted('foo\n', [insert(3, 'bar()')]);
    expect(document.change(change)).toBe(false);
    expect(document.pending).toEqual([]);
    expect(document.prediction.isSettled()).toBe(false);
  });

  it('a change that changes nothing leaves it be', () => {
    const document = new Predicted('foo\n', [insert(3, 'bar()')]);
    expect(document.change(replace(0, 3, 'foo'))).toBe(true);
    expect(document.prediction.version).toBe(2);
    expect(document.ghostAt(3)).toBe('bar()');
  });

  it('the whole word may be retyped of which a part is to change', () => {
    const document = new Predicted('call(loadUser)', [replace(5, 9, 'fetch')]);
    expect(document.change(replace(5, 13, ''))).toBe(true);
    expect(document.ghostAt(5)).toBe('fetchUser');
    expect(document.change(insert(5, 'fe'))).toBe(true);
    expect(document.ghostAt(7)).toBe('tchUser');
  });

  it('and so may one whose end is to change', () => {
    const document = new Predicted('call(userOld)', [replace(9, 12, 'New')]);
    expect(document.change(replace(5, 12, 'us'))).toBe(true);
    expect(document.ghostAt(7)).toBe('erNew');
  });

  it('more than the word may not go', () => {
    const document = new Predicted('call(loadUser)', [replace(5, 9, 'fetch')]);
    expect(document.change(replace(4, 14, ''))).toBe(false);
    expect(document.pending).toEqual([]);
  });

  it('a bracket that the client closes by itself counts as typed', () => {
    const document = new Predicted('f\n', [insert(1, '(a)')]);
    expect(document.change(insert(1, '()'))).toBe(true);
    expect(document.ghostAt(2)).toBe('a');
  });
});

describe('after a reject', () => {
  const uses = [replace(6, 9, 'bar'), replace(12, 15, 'bar')];

  it('the edit does not come back until its line has changed', () => {
    const document = new Predicted('foo\n1\nfoo\n2\nfoo\n', uses);
    document.prediction.reject(document.prediction.pending.slice(0, 1));
    expect(document.pending).toEqual([uses[1]]);
    document.answer(uses);
    expect(document.pending).toEqual([uses[1]]);

    document.change(insert(0, 'x'));
    document.answer([replace(7, 10, 'bar')]);
    expect(document.pending).toEqual([]);

    document.change(insert(10, '!'));
    document.answer([replace(7, 10, 'bar')]);
    expect(document.pending).toEqual([replace(7, 10, 'bar')]);
  });
});

describe('for any text and prediction', () => {
  const unit = fc.constantFrom('a', 'b', '\n', ' ', '\r\n', '\r', '😀');
  const piece = fc.string({ unit, maxLength: 6 });
  /** A text with edits that lie apart, and the text they lead to. */
  const predicted = fc
    .array(fc.record({ kept: fc.string({ unit, minLength: 1, maxLength: 6 }), old: piece, newText: piece }), {
      maxLength: 4,
    })
    .map((parts) => {
      let text = '';
      const edits: OffsetEdit[] = [];
      for (const { kept, old, newText } of parts) {
        text += kept;
        edits.push(replace(text.length, text.length + old.length, newText));
        text += old;
      }
      return { text: `${text}\n`, edits };
    });

  it('applying the prediction gives exactly its new text', () => {
    fc.assert(
      fc.property(predicted, ({ text, edits }) => {
        expect(new Predicted(text, edits).target).toBe(applyEdits(text, edits));
      }),
    );
  });

  it('accepting hunk by hunk, in any order, ends there, and nothing is asked in between', () => {
    fc.assert(
      fc.property(predicted, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), ({ text, edits }, order) => {
        const document = new Predicted(text, edits);
        const { target } = document;
        for (const at of order) {
          const edit = document.pending[at % document.pending.length];
          if (!edit) break;
          const left = document.pending.length - 1;
          const holds = document.change(edit);
          // Where repeated text makes two edits look alike, asking again is the safe way out.
          if (holds) expect(document.pending).toHaveLength(left);
          if (!holds && left > 0) return;
        }
        expect(document.text).toBe(target);
      }),
      { numRuns: 500 },
    );
  });

  it('all edits written as one change leave nothing pending', () => {
    fc.assert(
      fc.property(predicted, ({ text, edits }) => {
        const document = new Predicted(text, edits);
        const { target } = document;
        // Edits that undo each other make no change to be seen.
        fc.pre(target !== text);
        document.change(mergeEdits(text, document.pending));
        expect(document.text).toBe(target);
        expect(document.pending).toEqual([]);
      }),
      {
        examples: [
          [{ text: 'a\r\n\r\n\n', edits: [insert(1, 'a\r\n'), replace(3, 5, '')] }],
          [{ text: 'a b\n', edits: [insert(1, ' '), insert(3, 'b')] }],
        ],
      },
    );
  });

  it('whatever is typed, what stays pending fits the text and leads where it did', () => {
    const change = fc.record({ from: fc.nat(), length: fc.nat(4), newText: piece, guess: fc.nat(9) });
    fc.assert(
      fc.property(predicted, fc.array(change, { maxLength: 6 }), ({ text, edits }, changes) => {
        const document = new Predicted(text, edits);
        const { target } = document;
        let isAnyTaken = false;
        for (const { from, length, newText, guess } of changes) {
          const boundary = (at: number) => (splitsCharacter(document.text, at) ? at - 1 : at);
          const start = boundary(from % (document.text.length + 1));
          const end = Math.max(start, boundary(Math.min(start + length, document.text.length)));
          // Half of the changes begin what some edit says, so that predictions often live on.
          const next = document.pending[guess % Math.max(1, document.pending.length)];
          const isFree = guess < 5 || !next;
          const step = isFree ? replace(start, end, newText) : typedStart(next);
          const before = document.text;
          const count = document.pending.length;
          const holds = document.change(step);
          if (document.text === before) continue;
          const mayUndo = isAnyTaken && isFree;
          isAnyTaken ||= document.pending.length < count;
          if (holds) expect(document.pending).not.toEqual([]);
          expect(() => checkEdits(document.text.length, document.pending)).not.toThrow();
          // Without what was undone, the others lead elsewhere; see undone.test.ts.
          if (!holds || mayUndo) return;
          expect(document.target).toBe(target);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** The change that does the first part of an edit: takes away what is to go, or types the first character. */
function typedStart({ start, end, newText }: OffsetEdit): OffsetEdit {
  return start < end ? replace(start, end, '') : replace(start, end, [...newText][0] ?? '');
}

describe('thousands of changes in one notification', () => {
  const line = 'const value = 1;\n';
  const text = line.repeat(4000);
  /** The places of a replace-all, and how often a text on the way was read. */
  function replaceAll(): { changes: TextChange[]; reads: () => number } {
    let reads = 0;
    const changes = Array.from({ length: 4000 }, (_, i) => {
      const after = 'CONST value = 1;\n'.repeat(i + 1) + line.repeat(4000 - i - 1);
      return {
        edit: replace(i * line.length, i * line.length + 5, 'CONST'),
        get text() {
          reads++;
          return after;
        },
      };
    });
    return { changes, reads: () => reads };
  }

  it.each([
    ['nothing', []],
    ['edits', [insert(3, 'x'), insert(text.length, 'y')]],
  ])('with %s pending are not looked at one by one', (_, edits) => {
    const { prediction } = new Predicted(text, edits);
    const { changes, reads } = replaceAll();
    expect(prediction.change(2, changes)).toBe(false);
    expect(prediction.text).toBe('CONST value = 1;\n'.repeat(4000));
    expect(prediction).toMatchObject({ version: 2, pending: [], isPartial: false });
    expect(reads()).toBeLessThan(10);
  });

  it('that change nothing leave the answer as it is', () => {
    const { prediction } = new Predicted(text, []);
    expect(prediction.change(2, [{ edit: replace(0, 5, 'const'), text }])).toBe(true);
    expect(prediction.isSettled()).toBe(true);
  });
});
