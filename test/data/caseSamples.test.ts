import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CaseSampleOptions, caseSample, caseSamples } from '../../server/data/caseSamples.ts';
import { readRecord, type Sample } from '../../server/data/records.ts';
import { ResumableOutput } from '../../server/data/resumable.ts';
import type { NextEditCase } from '../../server/eval/cases.ts';

const example: NextEditCase = {
  id: 'repo:a.ts#0',
  set: 'rename-local',
  lang: 'typescript',
  path: 'a.ts',
  history: ['const n = 1;\nf(n);\ng(n);\nh();\n'],
  current: 'const count = 1;\nf(n);\ng(n);\nh();\n',
  cursor: 11,
  remaining: [
    { start: 1, end: 2, lines: ['f(count);'] },
    { start: 2, end: 3, lines: ['g(count);'] },
    { start: 1, end: 3, lines: ['f(count);', 'g(count);'] },
    { start: 2, end: 3, lines: ['g(other);'] },
  ],
};

function sampleOf(changed: Partial<NextEditCase> = {}): Sample {
  const sample = caseSample({ ...example, ...changed }, 'MIT');
  if (typeof sample === 'string') throw new Error(sample);
  return sample;
}

describe('a sample of a case', () => {
  it('wants all that remains, once, in the first of several ways', () => {
    const sample = sampleOf();
    expect(sample.next).toBe('const count = 1;\nf(count);\ng(count);\nh();\n');
    expect(sample).toMatchObject({ type: 'H,C', licence: 'MIT', target: { kind: 'cursor', offset: 11 } });
    expect(readRecord('sample', JSON.parse(JSON.stringify(sample)))).toEqual(sample);
  });

  it('wants nothing where nothing remains, and counts the cursor in UTF-16', () => {
    const sample = sampleOf({ remaining: [], history: [], current: '// 😀\n', cursor: 4 });
    expect(sample.next).toBe(sample.current);
    expect(sample).toMatchObject({ type: 'C', target: { offset: 5 } });
  });

  it('takes one of several insertions at a place, and what is behind it', () => {
    const remaining = [
      { start: 1, end: 1, lines: ['a();'] },
      { start: 1, end: 1, lines: ['b();'] },
      { start: 1, end: 2, lines: ['f(count);'] },
    ];
    expect(sampleOf({ remaining }).next).toBe('const count = 1;\na();\nf(count);\ng(n);\nh();\n');
  });

  it('is none where there is a secret', () => {
    const current = `const key = "ghp_${'aB3dE6gH9j'.repeat(4).slice(0, 36)}";\n`;
    expect(caseSample({ ...example, current, remaining: [] }, 'MIT')).toBe('it holds secrets');
  });

  it('makes hunks that lie apart just as they are', () => {
    const line = fc.stringMatching(/^[a-z]{0,4}$/);
    fc.assert(
      fc.property(fc.array(fc.record({ kept: line, wanted: fc.option(line) }), { minLength: 1 }), (lines) => {
        const remaining = lines.flatMap(({ wanted }, i) =>
          wanted === null ? [] : [{ start: i, end: i + 1, lines: [wanted] }],
        );
        const current = lines.map(({ kept }) => kept).join('\n');
        const next = lines.map(({ kept, wanted }) => wanted ?? kept).join('\n');
        expect(sampleOf({ history: [], current, remaining }).next).toBe(next);
      }),
    );
  });
});

describe('samples of files of cases', () => {
  let folder: string;
  let file: string;
  const options: CaseSampleOptions = {
    perSet: 3,
    silence: 0.5,
    judged: false,
    typed: 0,
    elsewhere: 0,
    seed: '1',
    licence: 'unknown',
    limit: 1000,
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cases-'));
    file = path.join(folder, 'cases.jsonl');
    const cases = Array.from({ length: 40 }, (_, i) => {
      const isSilent = i % 2 === 1;
      return {
        ...example,
        id: `repo:${i}`,
        set: isSilent ? `silence-${i % 5}` : 'rename-local',
        ...(isSilent ? { remaining: [] } : {}),
      };
    });
    await writeFile(file, cases.map((each) => `${JSON.stringify(each)}\n`).join(''));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function made(changed: Partial<CaseSampleOptions> = {}, out = 'out.jsonl', stop?: number) {
    const output = await ResumableOutput.open({ file: path.join(folder, out), settings: { out } });
    let [units, stopped] = [0, false];
    const endUnit = output.endUnit.bind(output);
    output.endUnit = async (state) => {
      await endUnit(state);
      units++;
      if (units !== stop) return;
      await output.checkpoint(null);
      stopped = true;
      throw new Error('killed');
    };
    await caseSamples([file], output, { ...options, ...changed }).catch((error: unknown) => {
      if (!stopped) throw error;
    });
    await output.close();
    return { text: await readFile(path.join(folder, out), 'utf8'), counts: output.counts };
  }

  it('takes so many of each set, and that share of those without an edit', async () => {
    const all = await made({ silence: 1 }, 'all.jsonl');
    // Five sets of silence and one of renames, three of each.
    expect(all.counts.get('samples')).toBe(18);
    expect(all.counts.get('samples of silence')).toBe(15);
    const none = await made({ silence: 0 }, 'none.jsonl');
    expect(none.counts.get('samples')).toBe(3);
    const half = await made();
    expect(half.counts.get('samples of silence')).toBeGreaterThan(2);
    expect(half.counts.get('samples of silence')).toBeLessThan(13);
    const other = await made({ seed: '2' }, 'other.jsonl');
    expect(other.text).not.toBe(half.text);
  });

  it('wants of what remains only what was done points to, where it is judged', async () => {
    const remaining = [
      { start: 1, end: 2, lines: ['f(count);'] },
      { start: 3, end: 4, lines: ['launch(rocket);'] },
    ];
    await writeFile(file, `${JSON.stringify({ ...example, remaining })}\n`);
    const { text } = await made({ judged: true }, 'judged.jsonl');
    expect(JSON.parse(text).next).toBe('const count = 1;\nf(count);\ng(n);\nh();\n');
    await writeFile(file, `${JSON.stringify({ ...example, remaining: remaining.slice(1) })}\n`);
    const nothing = await made({ judged: true, silence: 1 }, 'nothing.jsonl');
    expect(nothing.counts.get('samples of silence')).toBe(1);
    expect((await made({ judged: true, silence: 0 }, 'left.jsonl')).text).toBe('');
  });

  it('makes a second sample with the last change half typed: its rest is wanted where it was foreseen', async () => {
    await writeFile(file, `${JSON.stringify(example)}\n`);
    const first = await made({ typed: 1 }, 'typed.jsonl');
    const [whole, half] = first.text
      .trim()
      .split('\n')
      .map((line): Sample => JSON.parse(line));
    expect(whole?.current).toBe(example.current);
    expect(half?.current).toMatch(/^const (c|co|cou|coun) = 1;\n/);
    // Nobody can know yet what the name is to be.
    expect(half?.next).toBe(half?.current);
    expect(half?.target).toMatchObject({ offset: half?.current.indexOf(' =') ?? 0 });
    const history = [...example.history, example.current];
    const current = example.current.replace('f(n)', 'f(count)');
    await writeFile(file, `${JSON.stringify({ ...example, history, current, remaining: [] })}\n`);
    const [, second] = (await made({ typed: 1, silence: 1 }, 'second.jsonl')).text.trim().split('\n');
    expect(JSON.parse(second ?? '').next).toBe(current);
  });

  it('makes one in which the changes were made in another document', async () => {
    const rest = ['// uses', 'f(n);', 'g(n);', 'h();', '', 'end();', ''];
    const current = ['const count = 1;', '', ...rest].join('\n');
    const remaining = [{ start: 3, end: 4, lines: ['f(count);'] }];
    const one = { ...example, history: [current.replace('count', 'n')], current, remaining };
    await writeFile(file, `${JSON.stringify(one)}\n`);
    const [, elsewhere] = (await made({ elsewhere: 1 }, 'elsewhere.jsonl')).text.trim().split('\n');
    const sample: Sample = JSON.parse(elsewhere ?? '');
    expect(sample).toMatchObject({ history: [], current: rest.join('\n'), type: 'C' });
    expect(sample.next).toBe(sample.current.replace('f(n)', 'f(count)'));
    expect(sample.path).toMatch(/^\w+_a\.ts$/);
    expect(sample.related).toEqual([
      { path: 'a.ts', languageId: 'typescript', before: 'const n = 1;\n\n', after: 'const count = 1;\n\n' },
    ]);
    expect(readRecord('sample', sample)).toEqual(sample);
  });

  it('goes on where it was killed, with the same bytes', async () => {
    const whole = await made({}, 'whole.jsonl');
    await made({}, 'killed.jsonl', 17);
    const resumed = await made({}, 'killed.jsonl');
    expect(resumed.text).toBe(whole.text);
    expect(resumed.counts.toJSON()).toEqual(whole.counts.toJSON());
  });
});
