import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApevalReport } from '../../server/eval/apeval/apevalReport.ts';
import type { Comparison } from '../../server/eval/apeval/compare.ts';
import type { TaskRecord } from '../../server/eval/apeval/runFolder.ts';
import { pythonHere } from '../eval/apeval/python.ts';
import { eventually } from '../eventually.ts';
import { tinyCases, tinyCursorCore } from '../fixtures/tinyCursorCore.ts';
import { main, type Run, runIn } from './cli.ts';

/** Four tasks that the tiny CursorCore of the fixtures can do, in the shape of APEval's and HumanEval's files. */
const chosen = [
  { name: 'rename a parameter', entry: 'area', test: 'assert candidate(2, 3) == 6' },
  { name: 'instruction with a chat reply', entry: 'area', test: 'assert candidate(width=2, height=3) == 6' },
  { name: 'rename a local variable', entry: 'score', test: 'assert candidate(2, 3) == 5' },
  { name: 'nothing to do, no history', entry: 'area', test: 'assert candidate(2, 3) == 6' },
];
const snippet = (code: string) => ({ type: 'code', lang: 'python', code });
const dataset = chosen.map(({ name }, i) => {
  const one = tinyCases().find((other) => other.name === name);
  if (!one) throw new Error(`the fixture has no case ${name}`);
  const { history, current, target, instruction = '' } = one.conversation;
  const area = target?.kind === 'cursor' ? { area: target.offset } : {};
  return { task_id: `Tiny/${i}`, history: history.map(snippet), current: snippet(current), user: instruction, ...area };
});
const problem = ({ name, entry, test }: (typeof chosen)[number], i: number) => ({
  task_id: `Tiny/${i}`,
  prompt: `def ${entry}(*args, **named):\n    """As above."""\n`,
  entry_point: entry,
  canonical_solution: tinyCases().find((one) => one.name === name)?.expected ?? '',
  test: `def check(candidate):\n    ${test}\n`,
});
const lines = (items: readonly object[]) => items.map((one) => `${JSON.stringify(one)}\n`).join('');

const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-apeval-'));
const files = ['apeval.json', '--problems', 'problems.jsonl'];
const env = { CURSORCORE_CACHE: path.join(folder, 'cache') };
const apeval = (...args: string[]): Run => runIn({ cwd: folder, env }, 'eval', 'apeval', ...args);
const reportOf = ({ code, stdout, stderr }: Run): ApevalReport => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as ApevalReport;
};
const recordOf = (run: string, mode: string, task: number): TaskRecord =>
  JSON.parse(readFileSync(path.join(folder, run, mode, `Tiny_${task}.json`), 'utf8'));

beforeAll(() => {
  writeFileSync(path.join(folder, 'apeval.json'), JSON.stringify(dataset));
  writeFileSync(path.join(folder, 'problems.jsonl'), lines(chosen.map(problem)));
  writeFileSync(path.join(folder, 'fewer.jsonl'), lines(chosen.slice(1).map(problem)));
  writeFileSync(path.join(folder, 'typed.json'), JSON.stringify([{ ...dataset[0], user: 1 }]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('eval apeval, what it is told', () => {
  it.each([
    [[], 2, 'name the dataset'],
    [['apeval.json'], 2, "--problems: name HumanEval's file"],
    [['none.json', '--problems', 'problems.jsonl'], 1, 'none.json cannot be read: no such file'],
    [['typed.json', '--problems', 'problems.jsonl'], 1, 'typed.json: `0.user` must be a string'],
    [['apeval.json', '--problems', 'fewer.jsonl'], 1, 'fewer.jsonl has no tests for Tiny/3'],
    [[...files, '--types', 'D'], 2, '--types: expected some of "C H,C C,U H,C,U" with blanks between them'],
    [[...files, '--types', 'H,C,U'], 1, 'the dataset has no such tasks'],
    [[...files, '--limit', '0'], 2, '--limit: expected a whole number, 1 or more, but received "0"'],
    [['--compare', 'a'], 2, '--compare: name two runs'],
    [['--compare', 'a', 'b'], 1, 'a holds no run: run.json cannot be read: no such file'],
  ])('refuses %j', (args, code, message) => {
    const result = apeval(...args);
    expect(result.stderr).toContain(`cursorcore-lsp eval apeval: ${message}`);
    expect(result).toMatchObject({ code, stdout: '' });
  });
});

describe.skipIf(pythonHere() === undefined)('eval apeval (needs Python 3.8 or later)', () => {
  it.each([
    [[...files, '--engine', 'oracle'], 2, '--engine: expected one of "auto", '],
    [[...files, '--mode', 'none'], 2, '--mode: expected one of paper, user, both, but received "none"'],
    [[...files, '--engine', 'pattern', '--mode', 'paper'], 2, '--mode: the engine pattern takes no prompts'],
    [[...files], 1, 'No model is installed: get one with '],
    [[...files, '--engine', 'remote'], 1, 'no server is named: set remote.url to the address of one'],
    [[...files, '--setting', 'remote.url=http://127.0.0.1:1'], 2, '--setting: only for --engine remote'],
    [[...files, '--engine', 'remote', '--setting', 'remote.uri=x'], 2, '--setting: there is no setting remote.uri'],
  ])('refuses %j', (args, code, message) => {
    const result = apeval(...args);
    expect(result.stderr).toContain(`cursorcore-lsp eval apeval: ${message}`);
    expect(result).toMatchObject({ code, stdout: '' });
  });

  it('runs an engine that is no model as the user gets it', () => {
    const report = reportOf(apeval(...files, '--engine', 'pattern', '--run', 'pattern', '--json'));
    expect(Object.keys(report.modes)).toEqual(['user']);
    // The renames are done; nobody told it what to do in the third, and there was nothing to do in the fourth.
    expect(report.verdicts.map(({ passed }) => passed)).toEqual([true, false, true, true]);
    expect(report.modes.user?.types['H,C']).toMatchObject({ tasks: 2, passed: 2 });
    expect(existsSync(path.join(folder, 'pattern', 'paper', 'Tiny_0.json'))).toBe(false);
  });

  it('tests its tests', () => {
    const { code, stdout } = apeval(...files, '--check');
    expect(stdout).toMatch(
      /canonical solution +4 +0\ncurrent code, unchanged +1 +3\na function that returns None +0 +4/,
    );
    expect(code).toBe(0);
  });

  it('fails where a canonical solution fails', () => {
    const broken = chosen.map((one, i) => ({
      ...problem(one, i),
      ...(i === 2 ? { canonical_solution: '    pass\n' } : {}),
    }));
    writeFileSync(path.join(folder, 'broken.jsonl'), lines(broken));
    const { code, stdout } = apeval('apeval.json', '--problems', 'broken.jsonl', '--check');
    expect(stdout).toContain('canonical solution of Tiny/2: a test failed');
    expect(code).toBe(1);
  });

  describe('with a model', () => {
    const tiny = [...files, '--model', 'tiny', '--target-area'];
    beforeAll(() => {
      const args = [main, 'model', 'import', tinyCursorCore, '--name', 'tiny', '--precision', 'fp32'];
      execFileSync(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    }, 60_000);

    it('asks it in both modes and keeps prompt, answer, code and verdict', () => {
      const report = reportOf(apeval(...tiny, '--run', 'both', '--json'));
      expect(report.modes.paper?.average).toMatchObject({ tasks: 4, passed: 4 });
      expect(report.modes.user?.average).toMatchObject({ tasks: 4, passed: 4 });
      expect(report.spec).toMatchObject({ format: 'wholeFile', model: { name: 'tiny', precision: 'fp32' } });
      const { exchanges, code, base } = recordOf('both', 'paper', 0);
      expect(exchanges[0]?.prompt).toContain('def area(width<|target|>, height):');
      expect(exchanges[0]?.answer).toContain(`\n${code}\n`);
      expect(base.passed).toBe(true);
      const user = recordOf('both', 'user', 0);
      expect(user.code).toBe(tinyCases().find(({ name }) => name === 'rename a parameter')?.expected);
      // The first hunk, then the rest: two requests, the first of them left.
      expect(user.exchanges.length).toBeGreaterThan(0);
      expect(user.notes.join('\n')).toContain(': asked about the whole file');
    });

    it('prints a table, and goes on without asking where everything is done', () => {
      const { code, stdout } = apeval(...tiny, '--run', 'both');
      expect(code).toBe(0);
      expect(stdout).toMatch(/^as the paper +100\.0 ± 0\.0 \(1\/1\) +100\.0 ± 0\.0 \(2\/2\)/m);
      expect(stdout).toContain('right only as the paper: none');
    });

    it('repeats no task after it was killed', async () => {
      const run = path.join(folder, 'killed');
      const child = spawn(process.execPath, [main, 'eval', 'apeval', ...tiny, '--run', run, '--jobs', '1'], {
        cwd: folder,
        env: { ...process.env, ...env },
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => child.on('close', resolve));
      const done = () =>
        (existsSync(path.join(run, 'paper')) ? readdirSync(path.join(run, 'paper')) : []).filter((name) =>
          name.endsWith('.json'),
        );
      await eventually(() => expect(done().length).toBeGreaterThan(0));
      child.kill('SIGKILL');
      await ended;
      const before = done().map((name) => [name, statSync(path.join(run, 'paper', name)).mtimeMs] as const);
      const report = reportOf(apeval(...tiny, '--run', run, '--json'));
      expect(report.modes.paper?.average.tasks).toBe(4);
      expect(before.map(([name]) => [name, statSync(path.join(run, 'paper', name)).mtimeMs])).toEqual(before);
    });

    it('does not mix runs of different kinds', () => {
      const result = apeval(...files, '--model', 'tiny', '--run', 'both');
      expect(result.code).toBe(1);
      expect(result.stderr).toContain('both holds a run with another targetArea; name another folder with --run');
    });

    it('asks in another format where one is named', () => {
      const args = ['--run', 'base', '--format', 'fewShotBase', '--mode', 'paper', '--limit', '1', '--max-tokens', '8'];
      const report = reportOf(apeval(...tiny, ...args, '--json'));
      expect(report.modes.paper).toMatchObject({ average: { tasks: 1 } });
      const prompt = recordOf('base', 'paper', Number(report.verdicts[0]?.id.slice(-1))).exchanges[0]?.prompt;
      expect(prompt).toContain('<|messages_start|>');
    });

    it('compares two runs', () => {
      apeval(...files, '--engine', 'pattern', '--run', 'pattern');
      const { code, stdout } = apeval('--compare', 'pattern', 'both', '--json');
      expect(code).toBe(0);
      const { user } = (JSON.parse(stdout) as Comparison).modes;
      expect(user).toMatchObject({ all: { tasks: 4, both: 3, onlyB: 1 }, onlyA: [], onlyB: ['Tiny/1'] });
      expect(apeval('--compare', 'pattern', 'both').stdout).toContain('B above A by 25.0');
    });
  });
});
