import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PeerReport } from '../../server/eval/peer/peerReport.ts';
import { folderWith, type Run, runIn } from './cli.ts';

const before = 'def area(w):\n    return w * w\n\narea(3)\n';
const buffer = before.replace('area(w)', 'area(width)');
const expected = buffer.replace('w * w', 'width * width');
const region = (text: string) => text.trimEnd();
const prompt = (at: number) =>
  `<|editable_region_start|>\n${region(`${buffer.slice(0, at)}<|user_cursor_is_here|>${buffer.slice(at)}`)}\n<|editable_region_end|>`;
const answered = (text: string) => ({ prompt: prompt(14), answer: `<|editable_region_start|>\n${region(text)}` });

const wanted = {
  id: 'rename',
  language: 'python',
  file: 'a.py',
  cursors: [[1, 14]],
  history: [{ old: 'def area(w):', new: 'def area(width):' }],
  buffer,
  expected,
  recorded: {
    right: [answered(expected)],
    silent: [answered(buffer)],
    'of another kind': [{ prompt: [], answer: '' }],
  },
};
const quiet = {
  ...wanted,
  id: 'nothing',
  cursors: [
    [1, 14],
    [2, 0],
  ],
  history: [],
  expected: null,
  recorded: { right: [answered(buffer)], silent: [answered(`${buffer}area(4)\n`)] },
};
const lines = (...cases: object[]) => cases.map((one) => `${JSON.stringify(one)}\n`).join('');

let folder: string;
let remove: () => void;
const inFolder = (...args: string[]): Run => runIn({ cwd: folder }, 'eval', 'peer', ...args);
const reports = (...args: string[]): PeerReport[] => {
  const { stdout, stderr, code } = inFolder(...args, '--json');
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return JSON.parse(stdout) as PeerReport[];
};

beforeAll(() => {
  ({ folder, remove } = folderWith({
    'cases.jsonl': lines(wanted, quiet),
    'broken.jsonl': `${lines(wanted)}{"id": 1}\n`,
    'empty.jsonl': '\n',
    'foreign.jsonl': lines({ ...wanted, recorded: { x: [{ prompt: 'hello', answer: 'hi' }] } }),
  }));
});
afterAll(() => remove());

describe('eval peer', () => {
  it('judges the recorded answers, through the formats and the gate', () => {
    const [right, silent, ...others] = reports('cases.jsonl', '--recorded');
    expect(others).toEqual([]);
    expect(right).toMatchObject({
      name: 'right',
      total: { score: 1, deltaChrf: 100, show: 1, quiet: 1, deletions: 0 },
    });
    // What was said without any edit before it is not shown.
    expect(silent).toMatchObject({ name: 'silent', total: { score: 0, show: 0, quiet: 1 } });
    expect(right?.results.map(({ id, wanted: isWanted }) => [id, isWanted])).toEqual([
      ['rename', true],
      ['nothing', false],
    ]);
  });

  it('asks an engine at every cursor', () => {
    const [report] = reports('cases.jsonl', '--engine', 'pattern');
    expect(report?.total.cases).toEqual({ wanted: 1, silence: 2 });
    expect(report?.total.quiet).toBe(1);
    expect(report?.total.p50).toBeGreaterThan(0);
    expect(reports('cases.jsonl', '--engine', 'pattern', '--limit', '1')[0]?.total.cases.silence).toBe(0);
  });

  it('prints a table, with each case where it is asked to', () => {
    const { stdout } = inFolder('cases.jsonl', '--recorded', '--verbose');
    expect(stdout).toMatch(/^rename +100$/m);
    expect(stdout).toMatch(/^right +1\.000 +100\.0 +1\.00 +1\.00 +0 /m);
  });

  it.each([
    [['missing.jsonl'], 1, /missing\.jsonl cannot be read/],
    [['broken.jsonl'], 1, /broken\.jsonl:2: `id` must be a string/],
    [['empty.jsonl'], 1, /empty\.jsonl has no cases/],
    [['foreign.jsonl', '--recorded'], 1, /no recorded answers in a prompt format that is known here/],
    [['cases.jsonl', '--limit', '0'], 2, /--limit/],
    [['cases.jsonl', '--engine', 'none'], 2, /--engine/],
    [['cases.jsonl', '--recorded', '--model', 'x'], 2, /--recorded judges the models that were recorded/],
  ])('%j ends with %i', (args, code, words) => {
    const run = inFolder(...args);
    expect(run.stderr).toMatch(words);
    expect(run.code).toBe(code);
  });
});
