import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeRepository, scratch, type TestRepository } from '../data/repository.ts';
import { writeProblem } from '../data/submissions.ts';
import { run, start } from './cli.ts';

const { folder, remove } = scratch();
afterAll(remove);
const at = (name: string) => path.join(folder, name);
const lines = (name: string) =>
  readFileSync(at(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
let repositories: TestRepository[];
/** Many programs are started one after another, on a machine that may be busy. */
const limit = 300_000;

beforeAll(() => {
  repositories = ['one', 'two', 'three'].map((name, i) => madeRepository(at(name), 8 + i, 3));
  const program = (result: string) => `n = int(input())\nprint(${result})\nprint("done")\n`;
  writeProblem(
    at('judge'),
    'p00001',
    [
      { user: 'u1', text: program('n + 1'), status: 'Wrong Answer' },
      { user: 'u1', text: program('n * 2'), status: 'Accepted' },
      { user: 'u2', text: program('2 ** n'), status: 'Wrong Answer' },
      { user: 'u2', text: program('n + n'), status: 'Accepted' },
    ],
    '<p>Read a number and print it twice as large.</p>',
  );
}, limit);

/** Runs `data` and expects that it can do it. */
function data(...args: string[]): string {
  const { code, stdout, stderr } = run('data', ...args);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

describe('data', { timeout: limit }, () => {
  it('goes from three repositories and a judge to training files in one command each', () => {
    const places = repositories.map((repository) => repository.folder);
    expect(data('collect', 'git', ...places, '--out', at('git.jsonl'))).toMatch(/^ *27 {2}processes$/m);
    expect(data('collect', 'judge', at('judge'), '--out', at('judge.jsonl'))).toMatch(/^ *2 {2}processes$/m);
    data('process', at('git.jsonl'), at('judge.jsonl'), '--out', at('samples.jsonl'), '--benchmark', 'test/everyday');
    expect(lines('samples.jsonl').length).toBeGreaterThan(8);
    for (const format of ['wholeFile', 'locationAndChange', 'searchAndReplace', 'fewShotBase', 'fewShotInstruct']) {
      data('export', at('samples.jsonl'), '--format', format, '--out', at(`${format}.jsonl`));
      expect(lines(`${format}.jsonl`).length).toBeGreaterThan(5);
    }
    // No path of this machine gets into the data.
    for (const file of ['git.jsonl', 'judge.jsonl', 'samples.jsonl', 'wholeFile.jsonl']) {
      expect(readFileSync(at(file), 'utf8')).not.toContain(folder);
    }
  });

  it('makes the same bytes of the same seed, and others of another', () => {
    const once = (out: string, seed: string) => {
      data('process', at('git.jsonl'), '--seed', seed, '--out', at(out));
      return readFileSync(at(out), 'utf8');
    };
    expect(once('again.jsonl', '7')).toBe(once('again2.jsonl', '7'));
    expect(once('other.jsonl', '8')).not.toBe(once('again3.jsonl', '7'));
  });

  it('does nothing again that is done, and says so', () => {
    const before = readFileSync(at('samples.jsonl'), 'utf8');
    const again = run(
      ...[
        'data',
        'process',
        at('git.jsonl'),
        at('judge.jsonl'),
        '--out',
        at('samples.jsonl'),
        '--benchmark',
        'test/everyday',
      ],
    );
    expect([again.code, again.stderr]).toEqual([0, `${at('samples.jsonl')} is complete; --restart makes it anew\n`]);
    expect(readFileSync(at('samples.jsonl'), 'utf8')).toBe(before);
  });

  it('killed at some moment, goes on to the same bytes', async () => {
    const places = repositories.map((repository) => repository.folder);
    const killed = start('data', 'collect', 'git', ...places, '--out', at('killed.jsonl'));
    // As soon as it has begun to write.
    while (!existsSync(`${at('killed.jsonl')}.state.json`)) await new Promise((resolve) => setTimeout(resolve, 5));
    killed.kill('SIGKILL');
    await new Promise((resolve) => killed.once('close', resolve));
    expect(run('data', 'collect', 'git', ...places, '--out', at('killed.jsonl')).code).toBe(0);
    expect(readFileSync(at('killed.jsonl'), 'utf8')).toBe(readFileSync(at('git.jsonl'), 'utf8'));
  });

  it('shows what is in each file', () => {
    const stats = data('stats', at('samples.jsonl'), '--svg', at('plot.svg'));
    for (const part of ['records of the kind sample', 'git', 'judge', 'H,C', 'Languages', 'Length of the output']) {
      expect(stats).toContain(part);
    }
    expect(readFileSync(at('plot.svg'), 'utf8')).toMatch(/^<svg [\s\S]*python[\s\S]*<\/svg>\n$/);
    const { records, types } = JSON.parse(data('stats', at('samples.jsonl'), '--json'));
    expect(records).toBe(lines('samples.jsonl').length);
    expect(Object.values<number>(types).reduce((sum, count) => sum + count, 0)).toBe(records);
    expect(data('stats', at('wholeFile.jsonl'))).toContain('records of the kind pair');

    expect(data('inspect', at('git.jsonl'))).toMatch(/Message\nRework how the values[\s\S]*Step 1\n@@/);
    expect(data('inspect', at('samples.jsonl'), '--at', '2')).toMatch(
      /type [HCU,]+, moment[\s\S]*Current\n[\s\S]*Next\n/,
    );
    expect(data('inspect', at('wholeFile.jsonl'))).toMatch(/Prompt\n<\|im_start\|>system[\s\S]*Answer\n/);
    expect(data('inspect', at('judge.jsonl'), '--id', 'judge:p00001:u2')).toContain('print it twice as large');
  });

  it('says what is wrong, and what to do', () => {
    writeFileSync(at('cut.jsonl'), lines('git.jsonl')[0]?.slice(0, 80) ?? '');
    writeFileSync(at('old.jsonl'), `${lines('git.jsonl')[0]?.replace('"version":1', '"version":0')}\n`);
    writeFileSync(at('empty.jsonl'), '');
    const out = at('new.jsonl');
    for (const [code, said, ...args] of [
      [
        2,
        /--format: should be one of searchAndReplace, .*, not "worm"/,
        'export',
        at('samples.jsonl'),
        '--format',
        'worm',
        '--out',
        out,
      ],
      [
        2,
        /--silence: should be a number from 0 to 1, not "2"/,
        'process',
        at('git.jsonl'),
        '--silence',
        '2',
        '--out',
        out,
      ],
      [2, /--limit: should be a whole number from 1 on/, 'process', at('git.jsonl'), '--limit', '0', '--out', out],
      [
        2,
        /--llm-url: also name the model/,
        'process',
        at('git.jsonl'),
        '--llm-url',
        'http://127.0.0.1:1',
        '--out',
        out,
      ],
      [1, /no model|not installed|is installed/, 'process', at('git.jsonl'), '--llm', 'nobody', '--out', out],
      [
        1,
        /samples\.jsonl:1: it is a sample, and a process is wanted/,
        'process',
        at('samples.jsonl'),
        '--out',
        at('n1'),
      ],
      [1, /cut\.jsonl:1: not JSON; a file that was cut off/, 'process', at('cut.jsonl'), '--out', at('n2')],
      [1, /old\.jsonl:1: its schema has version 0/, 'process', at('old.jsonl'), '--out', at('n3')],
      [1, /empty\.jsonl holds no records/, 'stats', at('empty.jsonl')],
      [1, /nothing\.jsonl cannot be read: no such file/, 'stats', at('nothing.jsonl')],
      [1, /has no such record/, 'inspect', at('git.jsonl'), '--at', '1000'],
      [1, /was made from other input or with other options/, 'process', at('git.jsonl'), '--out', at('samples.jsonl')],
      [1, /not a git repository/, 'collect', 'git', folder, '--out', at('n4')],
      [2, /--llm: an LLM is needed; name an installed model/, 'collect', 'programmer', folder, '--out', at('n6')],
      [
        2,
        /--levels: should be some of novice,intermediate,expert, not "guru"/,
        'collect',
        'programmer',
        folder,
        '--llm',
        'nobody',
        '--levels',
        'guru',
        '--out',
        at('n7'),
      ],
      [1, /gone\.py cannot be read/, 'collect', 'programmer', at('gone.py'), '--llm', 'nobody', '--out', at('n8')],
      [
        1,
        /samples\.jsonl:1: it is a sample, and a process is wanted/,
        'collect',
        'sessions',
        at('samples.jsonl'),
        '--out',
        at('n9'),
      ],
      [1, /should be laid out as CodeNet is/, 'collect', 'judge', folder, '--out', at('n5')],
    ] as const) {
      const result = run('data', ...args);
      expect(result.stderr).toMatch(said);
      expect(result.code).toBe(code);
    }
  });
});
