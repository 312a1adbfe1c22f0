import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOfEach, snapshotLines, textLines } from '../../../server/engines/pattern/snapshots.ts';
import { DocumentHistory } from '../../../server/history/documentHistory.ts';
import { applyDelta, invertDelta } from '../../../shared/edits/delta.ts';
import { anyEdits, anyText } from '../../edits/arbitraries.ts';

describe('snapshotLines', () => {
  it('gives from edits the lines of the texts between them', () => {
    const session = anyText.chain((text) => fc.tuple(fc.constant(text), fc.array(anyEdits(text, 3), { maxLength: 4 })));
    fc.assert(
      fc.property(session, ([text, rounds]) => {
        const history = new DocumentHistory(text, { maxSteps: 8 });
        rounds.forEach((edits, round) => {
          const inside = edits.filter(({ end }) => end <= history.text.length);
          // Each edit is in offsets of the text that those before it have left.
          history.record([...inside].reverse(), round * 60_000);
        });
        const edits = history.edits(8);
        const texts = [history.text];
        for (const delta of edits.toReversed()) texts.unshift(applyDelta(texts[0] ?? '', invertDelta(delta)));
        const lines = snapshotLines({ path: '', languageId: '', history: [], edits, current: history.text });
        expect(lines).toEqual(edits.length === 0 ? undefined : texts.map(textLines));
      }),
    );
  });

  it('gives from texts the lines of each', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (texts) => {
        expect(linesOfEach(texts)).toEqual(texts.map(textLines));
      }),
    );
  });

  it('takes the lines that stayed as they are', () => {
    const history = new DocumentHistory('one\ntwo\nthree\n');
    history.record([{ start: 4, end: 7, newText: 'zwei\ndrei' }], 0);
    const lines = snapshotLines({
      path: '',
      languageId: '',
      history: [],
      edits: history.edits(8),
      current: history.text,
    });
    expect(lines).toEqual([
      ['one', 'two', 'three', ''],
      ['one', 'zwei', 'drei', 'three', ''],
    ]);
  });
});
