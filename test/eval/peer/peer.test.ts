import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { deltaChrf } from '../../../server/eval/peer/deltaChrf.ts';
import { offsetOf, type PeerCase, peerConversation, readPeerCases } from '../../../server/eval/peer/peerCase.ts';
import { peerReport } from '../../../server/eval/peer/peerReport.ts';
import { judgePeer } from '../../../server/eval/peer/peerScore.ts';
import { readQuestion } from '../../../server/eval/peer/recording.ts';
import { replayPeerCase } from '../../../server/eval/peer/runPeer.ts';

const file = fileURLToPath(new URL('../../../../shared/data/peer_eval.jsonl', import.meta.url));

const example: PeerCase = {
  id: 'x',
  language: 'go',
  file: 'a.go',
  cursors: [[1, 0]],
  history: [
    { old: 'one()', new: 'two()' },
    { old: 'elsewhere()', new: 'gone()' },
    { old: '', new: '// é😀\n' },
  ],
  buffer: '// é😀\ntwo()\nthree()\n',
  expected: null,
  recorded: {},
};

describe('deltaChrf', () => {
  const before = 'a = 1\nb = 2\nc = 3\n';
  // Worked out by the Python that the peer's rule was taken down in.
  it.each([
    ['a = 1\nb = 20\nc = 3\n', 'a = 1\nb = 20\nc = 3\n', 100],
    ['a = 1\nb = 21\nc = 3\n', 'a = 1\nb = 20\nc = 3\n', 59.16666666],
    ['a = 1\nc = 3\n', 'a = 1\nb = 20\nc = 3\n', 0],
    ['a = 10\nb = 2\nc = 30\n', 'a = 10\nb = 2\nc = 3\n', 53.4984072],
    ['a = 1\nb = "é😀"\nc = 3\n', 'a = 1\nb = "é😁"\nc = 3\n', 61.488095238],
  ])('of %j for %j', (made, wanted, score) => expect(deltaChrf(before, made, wanted)).toBeCloseTo(score, 5));
});

describe('a case', () => {
  it('has columns in bytes, no farther than the line', () => {
    expect(offsetOf(example, [1, 3])).toBe(3);
    expect(offsetOf(example, [1, 5])).toBe(4);
    expect(offsetOf(example, [1, 9])).toBe(6);
    // In the middle of a character.
    expect(offsetOf(example, [1, 7])).toBe(4);
    expect(offsetOf(example, [2, 99])).toBe(12);
    expect(offsetOf(example, [99, 0])).toBe(example.buffer.length);
  });

  it('is asked with the snapshots that its changes lead through, and others as changes of another document', () => {
    const { history, related, current } = peerConversation(example, 0);
    expect(history).toEqual(['one()\nthree()\n', 'two()\nthree()\n']);
    expect(current).toBe(example.buffer);
    expect(related?.map(({ before, after }) => [before, after])).toEqual([['elsewhere()\n', 'gone()\n']]);
  });

  it('is judged by what is shown, and by the lines that are lost', () => {
    const wanted = { ...example, expected: 'two()\nthree()\n' };
    const at = example.buffer.indexOf('two');
    expect(judgePeer(wanted, 0, [])).toMatchObject({ shown: false, deltaChrf: 0, linesLost: 0 });
    expect(judgePeer(wanted, 0, [{ start: 0, end: at, newText: '' }])).toMatchObject({ shown: true, linesLost: 1 });
    const results = [judgePeer(wanted, 0, []), judgePeer(example, 0, []), judgePeer({ ...example, id: 'y' }, 0, [])];
    expect(peerReport('', results).halves.map(({ cases }) => cases)).toEqual([
      { wanted: 1, silence: 1 },
      { wanted: 0, silence: 1 },
    ]);
  });
});

describe('a recorded prompt', () => {
  it('tells where the cursor was, and which lines were to be written anew', () => {
    const sweep =
      '<|file_sep|>a.go\nx\n<|file_sep|>current/a.go:2:3\ntw<|cursor|>o()\nthree()\n<|file_sep|>updated/a.go:2:3\n';
    expect(readQuestion(sweep, example.buffer)).toEqual({
      format: 'sweep',
      view: { editable: { first: 1, last: 3 } },
      cursor: 9,
      answerPrefix: '',
    });
    expect(readQuestion(sweep, 'another text')).toBeUndefined();
    expect(readQuestion([], example.buffer)).toBeUndefined();
  });
});

describe.skipIf(!existsSync(file))('the recorded answers', () => {
  it('come to no less than read plainly where the gate has to keep silent, and to silence where that is wanted', async () => {
    const cases = await readPeerCases(file);
    const score = (model: string, gated: boolean) => {
      const results = cases.map((one) => replayPeerCase(one, model, gated)).filter((result) => result !== undefined);
      return peerReport(model, results).total;
    };
    // What the issue says of the answers read plainly.
    for (const [model, plain] of [
      ['sweep-next-edit-0.5B', 0.17],
      ['sweep-next-edit-1.5B', 0.33],
      ['sweep-next-edit-7B', 0.35],
      ['zeta', 0.59],
      ['zeta-2', 0.67],
    ] as const) {
      expect(score(model, false).score, model).toBeCloseTo(plain, 2);
      expect(score(model, true).quiet, model).toBe(1);
      expect(score(model, true).cases).toEqual({ wanted: 25, silence: 10 });
    }
    expect(score('zeta', true).score).toBeGreaterThan(0.61);
    expect(score('zeta-2', true).score).toBeGreaterThan(0.66);
    expect(score('sweep-next-edit-7B', true).score).toBeGreaterThan(0.35);
  });
});
