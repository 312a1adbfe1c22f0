import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { judgeByRules } from '../../server/data/judgement.ts';
import { makeSamples, type SampleChances, sampleChances } from '../../server/data/makeSamples.ts';
import { type Process, readRecord, type Sample } from '../../server/data/records.ts';
import { difference } from '../../server/data/segments.ts';
import { looseReach } from '../../server/data/targetArea.ts';
import { diffEdits } from '../../shared/edits/diff.ts';
import { processOf, snippets, tellingSnippets } from './arbitraries.ts';

// On a busy machine; none of it depends on time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const numRuns = 200;
const many: SampleChances = { ...sampleChances, perProcess: 20, silence: 1, maxHistory: 100 };

async function samplesOf(process: Process, chances: Partial<SampleChances> = {}): Promise<readonly Sample[]> {
  return (await makeSamples(process, { ...many, ...chances }, undefined)).samples;
}

/** Texts, and a seed for what is drawn. */
const cases = fc.tuple(
  fc.oneof(snippets, tellingSnippets),
  fc.nat(1000).map(String),
  fc.constantFrom('git' as const, 'judge' as const),
);

describe('samples', () => {
  it('are records of the schema, with what their type says', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([texts, seed, source]) => {
        for (const sample of await samplesOf(processOf(texts, { source }), { seed })) {
          expect(readRecord('sample', JSON.parse(JSON.stringify(sample)))).toEqual(sample);
          expect(sample.history.length > 0).toBe(sample.type.startsWith('H'));
          expect(sample.instruction !== null).toBe(sample.type.endsWith('U'));
          expect(sample.segments === null).toBe(sample.type.endsWith('U'));
          expect(sample.llm).toBeNull();
          expect(sample.by).toEqual({
            judge: sample.type.endsWith('U') ? 'none' : 'rules',
            instruction: sample.type.endsWith('U') ? 'message' : 'none',
            chat: 'none',
          });
        }
      }),
      { numRuns },
    );
  });

  it('are the same for the same seed, whatever came before', async () => {
    await fc.assert(
      fc.asyncProperty(cases, cases, async ([texts, seed], [others]) => {
        const once = await samplesOf(processOf(texts), { seed });
        await samplesOf(processOf(others, { id: 'git:other' }), { seed });
        expect(await samplesOf(processOf(texts), { seed })).toEqual(once);
      }),
      { numRuns: 50 },
    );
  });

  it('H, C and M never overlap in time', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(tellingSnippets, fc.nat(1000), async (texts, seed) => {
        const lines = (text: string) => new Set(text.split('\n'));
        const first = lines(texts[0] ?? '');
        for (const sample of await samplesOf(processOf(texts), { seed: String(seed) })) {
          const { history, current, next } = sample;
          const states = [...history, current, next].map(lines);
          const wrong: string[] = [];
          // No line is ever made twice: one that is gone has been there before, and one that is to come has not.
          for (const [i, state] of states.entries()) {
            for (const line of state) {
              const since = states.findIndex((other) => other.has(line));
              const stayed = states.slice(since, i + 1).every((other) => other.has(line));
              if (!stayed || (since === 0 && history.length > 0 && !first.has(line))) wrong.push(line);
              compared++;
            }
          }
          expect(wrong).toEqual([]);
          for (const earlier of history) {
            expect(earlier).not.toBe(current);
            expect(earlier).not.toBe(texts.at(-1));
          }
          expect(sample.time).toBeLessThan(sample.times);
          expect(history).toHaveLength(sample.type.startsWith('H') ? sample.time : 0);
        }
      }),
      { numRuns },
    );
    expect(compared).toBeGreaterThan(10_000);
  });

  it('what comes next is what was judged in line, and with an instruction all of it', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([texts, seed]) => {
        for (const { current, next, segments } of await samplesOf(processOf(texts), { seed })) {
          const final = texts.at(-1) ?? '';
          if (segments === null) expect(next).toBe(final);
          else {
            const whole = difference(current, final);
            expect(segments.map(({ start, end }) => ({ start, end }))).toEqual(
              whole.segments.map(({ start, end }) => ({ start, end })),
            );
            const lines = [...whole.before];
            for (const [i, { kept }] of [...segments.entries()].toReversed()) {
              const { start, end, newStart, newEnd } = whole.segments[i] as (typeof whole.segments)[number];
              if (kept) lines.splice(start, end - start, ...whole.after.slice(newStart, newEnd));
            }
            expect(next).toBe(lines.join('\n'));
          }
        }
      }),
      { numRuns },
    );
  });

  it('targets lie where the change is', async () => {
    const placed = new Set<string>();
    await fc.assert(
      fc.asyncProperty(cases, async ([texts, seed]) => {
        for (const { current, next, target } of await samplesOf(processOf(texts), { seed })) {
          if (target === null) continue;
          placed.add(`${target.kind} ${target.placed}`);
          const [start, end] = target.kind === 'cursor' ? [target.offset, target.offset] : [target.start, target.end];
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(current.length);
          if (target.placed === 'anywhere') continue;
          const changes = diffEdits(current, next);
          const [first, last] = [changes[0]?.start ?? Number.NaN, changes.at(-1)?.end ?? Number.NaN];
          if (target.kind === 'cursor') {
            expect(changes.some((change) => change.start <= start && start <= change.end)).toBe(true);
          } else if (target.placed === 'change') {
            expect([start, end]).toEqual([first, last]);
          } else {
            // One more where it would part a character.
            expect(start).toBeGreaterThanOrEqual(first - looseReach - 1);
            expect(start).toBeLessThanOrEqual(first);
            expect(end).toBeGreaterThanOrEqual(last);
            expect(end).toBeLessThanOrEqual(last + looseReach);
          }
        }
      }),
      { numRuns },
    );
    expect([...placed].sort()).toEqual([
      ...['cursor anywhere', 'cursor change', 'selection anywhere', 'selection change', 'selection near'],
    ]);
  });

  it('where nothing is in line, few moments become samples of silence', async () => {
    const texts = ['a = 1\nb = 2\nc = 3', 'a = 1\nb = 2\nc = something_never_seen(7)'];
    const chances = { history: 0, user: 0 };
    expect(await samplesOf(processOf(texts), { ...chances, silence: 0 })).toEqual([]);
    const [silent] = await samplesOf(processOf(texts), chances);
    expect(silent?.next).toBe(silent?.current);
    expect(silent?.segments).toEqual([{ start: 2, end: 3, kept: false, why: 'brings in what is not there' }]);
  });

  it('earlier moments are drawn more often, each a tenth less than the one before', async () => {
    const lines = Array.from({ length: 21 }, (_, i) => `name_${i} = ${i}`);
    const texts = [lines.join('\n'), lines.map((line, i) => (i % 4 === 1 ? `${line}0` : line)).join('\n')];
    const drawn = new Array<number>(5).fill(0);
    const runs = 4000;
    for (let i = 0; i < runs; i++) {
      const chances = { seed: String(i), perProcess: 1, history: 0, user: 1, decompose: { git: 1, others: 1 } };
      const [sample] = await samplesOf(processOf(texts), chances);
      expect(sample?.times).toBe(5);
      drawn[sample?.time ?? 0] = (drawn[sample?.time ?? 0] ?? 0) + 1;
    }
    const sum = [0, 1, 2, 3, 4].reduce((total, time) => total + 0.9 ** time, 0);
    for (const [time, count] of drawn.entries()) expect(Math.abs(count / runs - 0.9 ** time / sum)).toBeLessThan(0.03);
  });

  it('steps of git are taken apart in nine of ten, others in half', async () => {
    const lines = Array.from({ length: 9 }, (_, i) => `name_${i} = ${i}`);
    const texts = [lines.join('\n'), lines.map((line, i) => (i % 4 === 1 ? `${line}0` : line)).join('\n')];
    for (const [source, share] of [['git', 0.9] as const, ['judge', 0.5] as const]) {
      let apart = 0;
      for (let i = 0; i < 1000; i++) {
        const process = processOf(texts, { source });
        const [sample] = await samplesOf(process, { seed: String(i), history: 0, user: 1, perProcess: 1 });
        if (sample?.decomposed) apart++;
      }
      expect(Math.abs(apart / 1000 - share)).toBeLessThan(0.04);
    }
  });

  it('of a process without a message none has an instruction, and the record of a judge says what is wanted', async () => {
    const texts = ['a = 1\nb = 2', 'a = 1\nb = 3'];
    const { message: _, ...silent } = processOf(texts);
    expect((await makeSamples(silent, { ...many, user: 1, history: 0 }, undefined)).leftOut).toEqual([
      'no message that asks for it',
    ]);
    const judged = processOf(texts, { source: 'judge', message: 'Print three.' });
    const [sample] = await samplesOf(judged, { user: 1, history: 0 });
    expect(sample?.instruction).toBe('Make this a correct python program for:\n\nPrint three.');
  });
});

describe('the rules that judge', () => {
  const moment = (history: string[], current: string, final: string) => ({
    history,
    current,
    change: difference(current, final),
  });
  const text = (...lines: string[]) => lines.join('\n');

  it('keep the same replacement elsewhere, and leave out what has nothing to do with it', () => {
    const before = text('total = 0', 'x = 1', 'print(total)', 'y = 2', 'z = 3');
    const current = before.replace('total = 0', 'sum_of = 0');
    const final = text('sum_of = 0', 'x = 1', 'print(sum_of)', 'y = 2', 'z = unrelated(99)');
    expect(judgeByRules(moment([before], current, final))).toEqual([
      { kept: true, why: 'the same replacement' },
      { kept: false, why: 'nothing done points to it' },
    ]);
  });

  it('keep what uses a name just brought in, and what goes on with one taken away', () => {
    const before = text('import os', '', 'def main():', '    run()', '', 'old_way()');
    const current = text('import os', 'import shutil', '', 'def main():', '    run()', '');
    const final = text('import os', 'import shutil', '', 'def main():', '    run(shutil.which("a"))', '');
    expect(judgeByRules(moment([before], current, final))).toEqual([
      { kept: true, why: 'uses what was just brought in' },
    ]);
  });

  it('leave out layout, and what is too much at once', () => {
    const current = text('if a:', '  b()', 'c()');
    const layout = text('if a:', '    b()', 'c()');
    expect(judgeByRules(moment([], current, layout))).toEqual([{ kept: false, why: 'only white space' }]);
    const long = text(current, ...Array.from({ length: 40 }, () => 'b()'));
    expect(judgeByRules(moment([], current, long))[0]?.why).toBe('too much at once');
  });
});
