import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rename as session } from '../../server/commands/demo/sessions/renamedField.ts';
import type { EverydayReport } from '../../server/eval/everyday/everydayReport.ts';
import { folderWith, type Run, runIn } from './cli.ts';

const { text: before } = session;
const start = before.indexOf('temp: float');
const after = before.replace('temp: float', 'celsius: float');
const rename = {
  id: 'rename-temp',
  kind: 'rename',
  lang: 'python',
  path: 'src/weather.py',
  want: 'edits',
  mode: 'edits',
  before,
  steps: [[{ start, end: start + 'temp'.length, text: 'celsius', mode: 'b' }]],
  after,
  cursor: start + 'celsius'.length,
  sites: [...after.matchAll(/\btemp\b/g)].map(({ index }) => ({
    start: index,
    end: index + 'temp'.length,
    alts: ['celsius'],
    optional: false,
  })),
};
/** Characters outside the basic plane: offsets in the file count code points. */
const prose = {
  ...rename,
  id: 'prose-smile',
  kind: 'prose',
  lang: 'markdown',
  path: 'a.md',
  want: 'silence',
  before: 'We 😀 say it.\n\nThen the others leave.\n',
  steps: [[{ start: 9, end: 11, text: 'so', mode: 't' }]],
  after: 'We 😀 say so.\n\nThen the others leave.\n',
  cursor: 11,
  sites: [],
};
const lines = (...cases: object[]) => cases.map((one) => `${JSON.stringify(one)}\n`).join('');

let folder: string;
let remove: () => void;
const inFolder = (...args: string[]): Run => runIn({ cwd: folder }, 'eval', 'everyday', ...args);

beforeAll(() => {
  ({ folder, remove } = folderWith({
    'good.jsonl': lines(rename, prose),
    'modes.jsonl': lines({ ...rename, mode: 'full' }, { ...rename, id: 'multi', mode: 'multi' }),
    'elsewhere.jsonl': lines({ ...rename, after: `${after}\n` }),
    'empty.jsonl': '\n',
    'type.jsonl': lines({ ...rename, id: 1 }),
    'bad.jsonl': '{\n',
  }));
});
afterAll(() => remove());

describe('eval everyday', () => {
  it('plays the cases and accepts what is right, one after another', () => {
    const { code, stdout, stderr } = inFolder('good.jsonl', '--json', '--typing');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as EverydayReport;
    expect(report.total).toMatchObject({ cases: 2, wanted: 1, right: 1, complete: 1, unwanted: 1, quiet: 1 });
    const [first] = report.cases;
    const lines = new Set(first?.chain.map(({ edits }) => edits[0]?.start));
    expect(first?.chain.every(({ verdict, passedBy }) => verdict === 'right' && passedBy === 0)).toBe(true);
    expect(lines.size).toBe(first?.chain.length);
    expect(first?.sites).toEqual({ done: rename.sites.length, required: rename.sites.length });
    // A question after each of four Backspaces and seven letters, but for the last.
    expect(first?.typing?.asked).toBe(10);
  });

  it('tells of the changes all at once, or of the whole text, where the case says so', () => {
    const { code, stdout } = inFolder('modes.jsonl', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).total).toMatchObject({ wanted: 2, right: 2, complete: 2 });
  });

  it('plays those that --only names and prints tables', () => {
    const { code, stdout } = inFolder('good.jsonl', '--only', 'prose', '--jobs', '1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^kind +wanted/m);
    expect(stdout).toMatch(/^prose +0/m);
    expect(stdout).not.toContain('rename');
  });

  it.each([
    [['none.jsonl'], 1, 'none.jsonl cannot be read: no such file'],
    [['empty.jsonl'], 1, 'empty.jsonl has no cases'],
    [['good.jsonl', '--only', 'nothing'], 1, 'good.jsonl has no cases for --only nothing'],
    [['type.jsonl'], 1, 'type.jsonl:1: `id` must be a string'],
    [['elsewhere.jsonl'], 1, 'elsewhere.jsonl:1: `steps` do not lead from `before` to `after`'],
    [['bad.jsonl'], 1, 'bad.jsonl:1: not JSON'],
    [['good.jsonl', '--jobs', '0'], 2, '--jobs: expected a whole number, 1 or more, but received "0"'],
  ])('refuses %j', (args, code, message) => {
    const result = inFolder(...args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(message);
  });
});
