import { describe, expect, test } from 'vitest';
import {
  everydayScore,
  makeEverydayReport,
  renderEverydayReport,
} from '../../../server/eval/everyday/everydayReport.ts';
import type { PlayedCase, ShownOffer } from '../../../server/eval/everyday/play.ts';

const offer = (verdict: ShownOffer['verdict'], passedBy = 0): ShownOffer => ({
  via: 'nextEdit',
  verdict,
  edits: [],
  passedBy,
});
const played = (changes: Partial<PlayedCase>): PlayedCase => ({
  id: 'one',
  kind: 'rename',
  lang: 'go',
  want: 'edits',
  result: 'silent',
  chain: [],
  complete: false,
  sites: { done: 0, required: 2 },
  firstMs: 10,
  ...changes,
});
const right = played({ result: 'right', chain: [offer('right', 1), offer('right')], sites: { done: 2, required: 2 } });
const wrong = played({ result: 'wrong', kind: 'undo', chain: [offer('partial')] });
const quiet = played({ result: 'quiet', want: 'silence', kind: 'undo', lang: 'c' });
const spoke = played({
  result: 'spoke',
  want: 'silence',
  chain: [offer('wrong')],
  typing: { asked: 9, shown: 2, wrong: 1 },
});

describe('the report on everyday cases', () => {
  test('precision is of all first offers, recall of the cases that want edits', () => {
    const total = everydayScore([right, { ...right, complete: true }, wrong, played({}), quiet, spoke]);
    expect(total).toMatchObject({
      wanted: 4,
      right: 2,
      wrong: 1,
      silent: 1,
      complete: 1,
      unwanted: 2,
      quiet: 1,
      spoke: 1,
    });
    expect([total.precision, total.recall]).toEqual([0.5, 0.5]);
  });

  test('an offer that is right where none had to be made is no loss of silence, and no gain in recall', () => {
    const free = everydayScore([played({ want: 'either', result: 'right' })]);
    expect(free).toMatchObject({ wanted: 0, right: 0, quiet: 1, spoke: 0, precision: 1, recall: undefined });
  });

  test('counts by kind and by language, all offers, and those that pass a nearer edit by', () => {
    const report = makeEverydayReport([right, wrong, quiet, spoke]);
    expect(Object.keys(report.kinds)).toEqual(['rename', 'undo']);
    expect(Object.keys(report.languages)).toEqual(['c', 'go']);
    expect(report.chains).toEqual({
      offers: 4,
      right: 2,
      sites: 4,
      sitesDone: 2,
      passedBy: 1,
      firstRight: 1,
      firstPassedBy: 1,
    });
    expect(report.typing).toEqual({ asked: 9, shown: 2, wrong: 1 });
    const text = renderEverydayReport({ ...report, cases: [played({ result: 'failed', problem: 'it ended' })] });
    expect(text).toMatch(/^all +2 +1 +1 +0 +0 +2 +1 +1 +0\.33 +0\.50$/m);
    expect(text).toContain('while typing: asked 9 times');
    expect(text).toContain('failed: one: it ended');
  });
});
