import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, checkEdits, mergeEdits } from '../../shared/edits/apply.ts';
import { narrowEdit } from '../../shared/edits/diff.ts';
import { splitsCharacter } from '../../shared/edits/lines.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { invertEdits } from '../edits/invertEdits.ts';
import { insert, PredictedDocument, replace } from './predictedDocument.ts';

/** A document with an engine that always says the same about a text. */
class Edited extends PredictedDocument {
  /** Makes changes, each in offsets of the text that those before it have left. */
  change(...edits: readonly OffsetEdit[]): void {
    let { text } = this;
    const changes = edits.map((edit) => {
      text = applyEdits(text, [edit]);
      return { edit, text };
    });
    this.prediction.change(this.prediction.version + 1, changes);
  }
}

const text = 'foo();\none();\nfoo(foo);\ntwo();\nfoo();\n';
/** The uses of a name but the first: two of one line, and one. */
const uses = [replace(14, 17, 'total'), replace(18, 21, 'total'), replace(31, 34, 'total')];
const [first, second, third] = uses as [OffsetEdit, OffsetEdit, OffsetEdit];

/** Deletes what stands somewhere, character by character from its end, and types another text there. */
function byHand(start: number, end: number, newText: string): OffsetEdit[] {
  const gone = Array.from({ length: end - start }, (_, i) => replace(end - 1 - i, end - i, ''));
  return [...gone, ...[...newText].map((character, i) => insert(start + i, character))];
}

describe('an edit that was taken and then undone', () => {
  const after = applyEdits(text, [third]);
  it.each<[string, readonly OffsetEdit[]]>([
    ['by undo', [replace(31, 36, 'foo')]],
    ['by an undo that takes the line', [replace(31, after.length, 'foo();\n')]],
    ['by hand', byHand(31, 36, 'foo')],
    ['by typing over it', [replace(31, 36, 'f'), insert(32, 'o'), insert(33, 'o')]],
    ['by replacing the whole text', [replace(0, after.length, text)]],
  ])('%s stays away, and the others on offer', (_, undo) => {
    const document = new Edited(text, uses);
    document.change(third);
    expect(document.pending).toEqual([first, second]);
    for (const edit of undo) {
      document.change(edit);
      expect(document.pending).toEqual([first, second]);
    }
    expect(document.text).toBe(text);
    document.answer(uses);
    expect(document.pending).toEqual([first, second]);
  });

  it.each<[string, readonly OffsetEdit[]]>([
    ['one after the other', invertEdits(text, uses).reverse()],
    ['as one change', [mergeEdits(applyEdits(text, uses), invertEdits(text, uses))]],
    ['by replacing the whole text', [replace(0, applyEdits(text, uses).length, text)]],
  ])('with all others, %s, stays away like those', (_, undo) => {
    const document = new Edited(text, uses);
    document.change(...[...uses].reverse());
    document.change(...undo);
    expect(document.text).toBe(text);
    document.answer(uses);
    expect(document.pending).toEqual([]);
    document.answer([mergeEdits(text, [first, second])]);
    expect(document.pending).toHaveLength(1);
  });

  it('stays away while other lines change, and comes back once its own does', () => {
    const document = new Edited(text, uses);
    document.change(third);
    document.change(replace(31, 36, 'foo'));
    document.change(insert(0, 'x'));
    document.answer(uses.map(({ start, end, newText }) => replace(start + 1, end + 1, newText)));
    expect(document.pending).toHaveLength(2);
    document.change(insert(38, '!'));
    document.answer([replace(32, 35, 'total')]);
    expect(document.pending).toHaveLength(1);
  });

  it('stays away in whatever pieces an engine says it', () => {
    const document = new Edited(text, [mergeEdits(text, [first, second]), third]);
    document.change(mergeEdits(text, [first, second]));
    document.change(mergeEdits(applyEdits(text, [first, second]), invertEdits(text, [first, second])));
    document.answer(uses);
    expect(document.pending).toEqual([third]);
  });

  it('is on its way back while it is deleted, and not offered anew meanwhile', () => {
    const document = new Edited(text, [third]);
    document.change(third);
    document.change(replace(34, 36, ''));
    document.answer([insert(34, 'al')]);
    expect(document.pending).toEqual([]);
  });

  it('may be a part of a word that is retyped', () => {
    const call = 'call(loadUser);\nother(loadUser);\n';
    const wanted = [replace(5, 9, 'fetch'), replace(22, 26, 'fetch')];
    const document = new Edited(call, wanted);
    document.change(replace(5, 9, 'fetch'));
    for (const edit of byHand(5, 14, 'loadUser')) document.change(edit);
    expect(document.text).toBe(call);
    expect(document.pending).toEqual([wanted[1]]);
    document.answer(wanted);
    expect(document.pending).toEqual([wanted[1]]);
  });

  it('may be done again and undone again', () => {
    const document = new Edited(text, uses);
    for (let round = 0; round < 3; round++) {
      document.change(third);
      expect(document.pending).toEqual([first, second]);
      document.change(replace(31, 36, 'foo'));
      expect(document.pending).toEqual([first, second]);
    }
    document.answer(uses);
    expect(document.pending).toEqual([first, second]);
  });

  it('is found again where the text before it has changed since', () => {
    const document = new Edited(text, uses);
    document.change(third);
    document.change(insert(0, '// one\n'));
    document.change(replace(38, 43, 'foo'));
    document.answer([replace(38, 41, 'total')]);
    expect(document.pending).toEqual([]);
  });

  it('is the whole of it, where it was taken piece by piece', () => {
    const call = insert(3, '(1, 2)');
    const document = new Edited('foo\n', [call]);
    document.prediction.show({ ids: { first: 1, last: 1 }, at: 3, newText: '(1, 2)' });
    document.change(insert(3, '(1, '));
    expect(document.pending).toEqual([insert(7, '2)')]);
    document.change(insert(7, '2)'));
    document.change(replace(7, 9, ''));
    document.answer([insert(7, '2)')]);
    expect(document.pending).toEqual([]);
    document.change(replace(3, 7, ''));
    document.answer([call]);
    expect(document.pending).toEqual([]);
  });

  it('is not one that the user typed over with something else', () => {
    const document = new Edited(text, uses);
    document.change(third);
    document.change(replace(31, 36, 'sum'));
    document.answer([replace(31, 34, 'total')]);
    expect(document.pending).toEqual([replace(31, 34, 'total')]);
  });

  it('whatever was taken, in whatever order it is undone', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 });
    const line = fc.record({ head: word, old: word, newText: word, tail: word });
    const lines = fc.array(line, { minLength: 1, maxLength: 4 }).map((parts) => {
      let made = '';
      const edits: OffsetEdit[] = [];
      for (const [index, { head, old, newText, tail }] of parts.entries()) {
        const start = made.length + `${index}${head} `.length;
        made += `${index}${head} ${old} ${tail}\n${index}\n`;
        if (old !== newText) edits.push(narrowEdit(made, replace(start, start + old.length, newText)));
      }
      return { text: made, edits };
    });
    fc.assert(
      fc.property(lines, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), fc.boolean(), (made, order, whole) => {
        fc.pre(made.edits.length > 0);
        const document = new Edited(made.text, made.edits);
        const accepted: OffsetEdit[] = [];
        for (const at of order.slice(0, 4)) {
          const edit = document.pending[at % document.pending.length];
          if (!edit) break;
          accepted.push(invertEdits(document.text, [edit])[0] ?? edit);
          document.change(edit);
        }
        const left = document.pending.length;
        // The newest first, as editors undo.
        if (whole) document.change(replace(0, document.text.length, made.text));
        else for (const edit of accepted.reverse()) document.change(edit);
        expect(document.text).toBe(made.text);
        expect(document.pending).toHaveLength(left);
        document.answer(made.edits);
        expect(document.pending).toHaveLength(left);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('typing in the line of an edit that is offered', () => {
  it('beside it moves it along, however long that goes on', () => {
    const document = new Edited(text, uses);
    let at = 38;
    for (const character of ' // rest') {
      document.change(insert(at - 1, character));
      expect(document.pending).toEqual([third]);
      expect(document.prediction.isSettled()).toBe(false);
      document.answer([first, second]);
      expect(document.pending).toEqual(uses);
      at++;
    }
    document.change(insert(24, 'a new line\n'));
    document.answer([]);
    expect(document.pending).toEqual([replace(42, 45, 'total')]);
  });

  it('moves it along also where the client sends the whole text, and after others were taken', () => {
    const document = new Edited(text, uses);
    const whole = (edit: OffsetEdit) =>
      document.change(replace(0, document.text.length, applyEdits(document.text, [edit])));
    whole(first);
    whole(insert(39, '!'));
    expect(document.pending).toEqual([replace(33, 36, 'total')]);
  });

  it('gives way to what an engine says there now', () => {
    const document = new Edited(text, [third]);
    document.change(insert(36, 'x'));
    document.answer([replace(31, 34, 'sum')]);
    expect(document.pending).toEqual([replace(31, 34, 'sum')]);
  });

  it('at its place drops it', () => {
    const document = new Edited(text, [third]);
    document.change(insert(36, 'x'));
    document.change(insert(34, 'x'));
    expect(document.pending).toEqual([]);
  });

  it('drops it where the edit stands on what was changed in the same line', () => {
    const document = new Edited(text, []);
    document.change(replace(14, 17, 'tot'));
    document.answer([replace(18, 21, 'tot')]);
    document.change(insert(17, 'al'));
    expect(document.pending).toEqual([]);
  });

  it('keeps it only until what it stands on is changed or undone', () => {
    const document = new Edited(text, []);
    document.change(replace(0, 3, 'total'));
    document.answer([replace(33, 36, 'total')]);
    document.change(insert(39, 'x'));
    document.answer([]);
    expect(document.pending).toEqual([replace(33, 36, 'total')]);
    document.change(replace(0, 5, 'foo'));
    expect(document.pending).toEqual([]);
  });

  it('does not keep it for ever', () => {
    const document = new Edited('foo();\n'.repeat(20), [replace(0, 3, 'total')]);
    document.change(insert(5, 'x'));
    for (let line = 2; line < 12; line += 2) {
      document.change(insert(line * 7 + 1, 'x'));
      document.answer([]);
    }
    expect(document.pending).toEqual([]);
  });

  it('keeps what a user has turned down away', () => {
    const document = new Edited(text, uses);
    document.change(insert(24, ' '));
    document.prediction.reject(document.prediction.pending);
    expect(document.pending).toEqual([]);
  });
});

it('whatever is typed, taken, undone, refused and said, what is offered can be applied and has its ids in order', () => {
  const unit = fc.constantFrom('a', 'b', ' ', '\n', '\r\n', '😀');
  const piece = fc.string({ unit, maxLength: 4 });
  const step = fc.record({
    kind: fc.constantFrom('type', 'take', 'undo', 'reject', 'answer', 'whole'),
    at: fc.nat(),
    length: fc.nat(3),
    newText: piece,
  });
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), fc.array(step, { maxLength: 30 }), (start, steps) => {
      const document = new Edited(start, []);
      const inverses: OffsetEdit[] = [];
      const change = (edit: OffsetEdit) => {
        const [inverse] = invertEdits(document.text, [edit]);
        document.change(edit);
        return inverse ?? edit;
      };
      for (const { kind, at, length, newText } of steps) {
        const boundary = (offset: number) => (splitsCharacter(document.text, offset) ? offset - 1 : offset);
        const from = boundary(at % (document.text.length + 1));
        const to = Math.max(from, boundary(Math.min(from + length, document.text.length)));
        const pending = document.prediction.pending[at % Math.max(1, document.prediction.pending.length)];
        if (kind === 'type') inverses.push(change(replace(from, to, newText)));
        if (kind === 'take' && pending) inverses.push(change(pending));
        if (kind === 'reject' && pending) document.prediction.reject([pending]);
        if (kind === 'answer') document.answer([replace(from, to, newText)]);
        if (kind === 'undo') {
          const inverse = inverses.pop();
          if (inverse) change(inverse);
        }
        if (kind === 'whole') {
          const inverse = inverses.pop();
          if (inverse) document.change(replace(0, document.text.length, applyEdits(document.text, [inverse])));
        }
        const { pending: offered } = document.prediction;
        expect(() => checkEdits(document.text.length, offered)).not.toThrow();
        const ids = offered.map(({ id }) => id);
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
        for (const { start: first, end: last } of offered) {
          expect([first, last].some((offset) => splitsCharacter(document.text, offset))).toBe(false);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
