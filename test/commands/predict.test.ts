import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { applyPatch } from 'diff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyEdits } from '../../shared/edits/apply.ts';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import { folderWith, type Run, runIn, runInTerminal } from './cli.ts';

const before = `def area(width, height):
    return width * height


def volume(width, height, depth):
    return area(width, height) * depth


def label(name):
    return "label " + name


print(area(1, 2))
print(area(3, 4))
print(label("a"))
`;
/** The definition is renamed; the calls are not yet. */
const now = before.replace('def area', 'def surface');
const goal = now.replaceAll('area(', 'surface(').replaceAll('sursurface', 'surface');

let folder: string;
let remove: () => void;
const inFolder = (...args: string[]): Run => runIn({ cwd: folder }, 'predict', ...args);

beforeAll(() => {
  ({ folder, remove } = folderWith({
    'before.py': before,
    'crlf.py': now.replaceAll('\n', '\r\n'),
    'crlf-before.py': before.replaceAll('\n', '\r\n'),
    'now.py': now,
    '.env': 'TOKEN=1\n',
    'binary.bin': 'a\0b',
    'one.py': 'x',
  }));
  writeFileSync(path.join(folder, 'latin1.py'), Buffer.from("name = 'caf\u00e9'\n", 'latin1'));
  // Sparse, and larger than may be read into memory.
  writeFileSync(path.join(folder, 'huge.py'), '');
  truncateSync(path.join(folder, 'huge.py'), 8 * 1024 ** 3);
  execFileSync('mkfifo', [path.join(folder, 'fifo')]);
});
afterAll(() => remove());

describe('predict', () => {
  it('prints a unified diff', () => {
    const { code, stdout, stderr } = inFolder('now.py', '--history', 'before.py', '--cursor', '1:12');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^--- now\.py\n\+\+\+ now\.py\n@@ -/);
    expect(stdout).toContain('-    return area(width, height) * depth\n+    return surface(width, height) * depth\n');
  });

  it('prints JSON whose edits give its new text', () => {
    const { code, stdout } = inFolder('now.py', '--history', 'before.py', '--json');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ file: 'now.py', engine: 'pattern', newText: goal });
    expect(applyEdits(now, result.edits)).toBe(goal);
    const index = new LineIndex(now);
    for (const { range, start, end, confidence } of result.edits) {
      expect([index.offsetAt(range.start), index.offsetAt(range.end)]).toEqual([start, end]);
      expect(confidence).toBeGreaterThan(0);
    }
  });

  it('takes earlier versions from one --history or several', () => {
    const files = ['before.py', 'none.py', 'one.py'];
    // A version is read in its turn, so the one that is missing tells whether all were taken.
    expect(inFolder('now.py', ...files.flatMap((file) => ['--history', file])).stderr).toContain('none.py');
    const oneByOne = inFolder('now.py', '--history', 'before.py', '--history', 'before.py', '--json');
    expect(JSON.parse(oneByOne.stdout).newText).toBe(goal);
  });

  it('says that nothing is predicted where nothing is', () => {
    expect(inFolder('now.py')).toMatchObject({ code: 0, stdout: 'No edit is predicted.\n', stderr: '' });
    expect(JSON.parse(inFolder('now.py', '--json').stdout)).toMatchObject({ edits: [], newText: now });
  });

  it('explains with --explain what the pattern engine thought of', () => {
    const asked = ['now.py', '--history', 'before.py', '--cursor', '1:12', '--explain'];
    const { code, stdout } = inFolder(...asked);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^--- now\.py\n/);
    expect(stdout).toMatch(/goes by 1 change and thought of \d+ candidates: 3 shown, at a threshold of 0\.3\.\n/);
    expect(stdout).toMatch(/^change 1, line 1, the newest edit\n {4}-def area\(width, height\):\n {4}\+def surface/m);
    expect(stdout).toMatch(
      /^✓ 0\.\d+, line 6, rename `area` to `surface` \(.*rename.*; after change 1\)\n {4}shown\n/m,
    );
    expect(stdout).toMatch(/^ {4}not shown: it is less certain than 0\.3\n/m);
    expect(stdout).toMatch(/ fileLines=\d/);
    const { edits, explanation } = JSON.parse(inFolder(...asked, '--json').stdout);
    expect(explanation.edits).toMatchObject(edits.map(({ range: _, ...edit }: { range: object }) => edit));
    expect(explanation.candidates[0].features).toMatchObject({ 'kind:rename': 1, changes: 1 });
    expect(inFolder('now.py', '--explain').stdout).toContain(
      'The pattern engine proposes nothing. There is no change to go by',
    );
  });

  it('explains no secret', () => {
    const key = `AKIA${'Q3EGR7XZ2BLW5TNV'}`;
    writeFileSync(path.join(folder, 'key.py'), `${now}key = "${key}"  # area\n`);
    writeFileSync(path.join(folder, 'key-before.py'), `${before}key = "${key}"  # area\n`);
    const { stdout } = inFolder('key.py', '--history', 'key-before.py', '--explain', '--json');
    const { explanation } = JSON.parse(stdout);
    expect(explanation.candidates.length).toBeGreaterThan(0);
    expect(JSON.stringify(explanation).includes(key)).toBe(false);
  });

  it('colours the diff in a terminal alone', (context) => {
    const files = ['now.py', '--history', 'before.py'].map((word) =>
      word.endsWith('.py') ? path.join(folder, word) : word,
    );
    const terminal = runInTerminal('predict', ...files);
    if (!terminal) return context.skip('no pseudo-terminal to be had');
    expect(terminal.stdout).toContain('\u001b[32m+    return surface(width, height) * depth');
  });

  it.each([{}, { CI: 'true' }, { TERM: 'xterm' }, { FORCE_COLOR: '0' }])('has no colours in a pipe with %j', (env) => {
    const { stdout } = runIn({ cwd: folder, env }, 'predict', 'now.py', '--history', 'before.py');
    expect(stdout).toMatch(/^--- now\.py\n/);
    expect(stdout).not.toContain('\u001b');
  });

  it.each([
    ['now.py', 'before.py', goal],
    ['crlf.py', 'crlf-before.py', goal.replaceAll('\n', '\r\n')],
  ])('prints a diff that can be applied to %s', (file, history, expected) => {
    const { stdout } = inFolder(file, '--history', history);
    expect(applyPatch(readFileSync(path.join(folder, file), 'utf8'), stdout, { autoConvertLineEndings: false })).toBe(
      expected,
    );
  });

  it.each([
    [['none.py'], 1, 'none.py cannot be read: no such file'],
    [['.'], 1, '. cannot be read: it is a folder'],
    [['/dev/zero'], 1, '/dev/zero cannot be read: it is not a regular file'],
    [['fifo'], 1, 'fifo cannot be read: it is not a regular file'],
    [['huge.py'], 1, 'huge.py is kept out of predictions: longer than 1048576 characters'],
    [['latin1.py'], 1, 'latin1.py cannot be read: it is not UTF-8'],
    [['now.py', '--history', 'latin1.py'], 1, 'latin1.py cannot be read: it is not UTF-8'],
    [['one.py', '--cursor', '2:1'], 1, '--cursor: one.py has 1 line, none is 2'],
    [['one.py', '--cursor', '1:3'], 1, '--cursor: line 1 of one.py has 1 character, so the last column is 2'],
    [['now.py', '--history', 'before.py,none.py'], 1, 'none.py cannot be read: no such file'],
    [['.env'], 1, '.env is kept out of predictions: may hold secrets, by its name'],
    [['binary.bin'], 1, 'binary.bin is kept out of predictions: binary content'],
    [['now.py', '--cursor', '99:1'], 1, '--cursor: now.py has 16 lines, none is 99'],
    [['now.py', '--cursor', '3:2'], 1, '--cursor: line 3 of now.py has 0 characters, so the last column is 1'],
    [['now.py', '--cursor', '0:1'], 2, '--cursor: expected LINE:COLUMN, both counted from 1, but received "0:1"'],
    [['now.py', '--cursor', 'here'], 2, '--cursor: expected LINE:COLUMN, both counted from 1, but received "here"'],
    [
      ['now.py', '--engine', 'oracle'],
      2,
      '--engine: expected one of "auto", "pattern", "remote", "model", but received "oracle"',
    ],
    [['now.py', '--model', 'unheard-of'], 1, 'No model unheard-of is installed'],
    [['now.py', '--engine', 'cursorcore'], 1, 'No model is installed'],
    [['now.py', '--instruction', 'rename it'], 1, 'the pattern engine cannot take instructions'],
  ])('answers %j with one sentence', (args, expected, message) => {
    const { code, stdout, stderr } = inFolder(...args);
    expect(stderr).toContain(`cursorcore-lsp predict: ${message}`);
    const [, ...more] = stderr.trimEnd().split('\n');
    expect(more).toEqual(expected === 2 ? ['(cursorcore-lsp help predict shows how to use it)'] : []);
    expect(stdout).toBe('');
    expect(code).toBe(expected);
  });
});
