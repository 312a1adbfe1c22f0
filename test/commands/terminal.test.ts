import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Log } from '../../server/lsp/log.ts';
import { importModel } from '../../server/models/importModel.ts';
import { ModelStore } from '../../server/models/store.ts';
import { steeringCharacters } from '../../shared/printable.ts';
import { writeTinyFolder } from '../models/tinyFolder.ts';
import { run, runIn, runInTerminal } from './cli.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'terminal-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A title for the window, a line that is overwritten, and one whose order is turned. */
const hostile = '\u001b]0;title\u0007 \u009b2J \u202e';

/** Without the colours and line ends of the program's own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with ESC
const withoutColours = (text: string) => text.replace(/\u001b\[\d+m/g, '').replaceAll('\r\n', '\n');

describe('a terminal', () => {
  it('is not steered by a file that is predicted in', (context) => {
    const before = `def area(width):\n    return width\n\n\nx = 1  # ${hostile}\nprint(area(1))\nprint(area(2))\n`;
    const [old, now] = ['before.py', 'now.py'].map((name) => path.join(folder, name));
    writeFileSync(old ?? '', before);
    writeFileSync(now ?? '', before.replace('def area', 'def surface'));
    const args = ['predict', now ?? '', '--history', old ?? ''];
    // In a pipe it is a patch, which has to fit the file.
    expect(run(...args).stdout).toContain(hostile);
    const json = run(...args, '--json').stdout;
    expect(steeringCharacters(json)).toEqual([]);
    expect(JSON.parse(json).newText).toContain(hostile);
    const terminal = runInTerminal(...args);
    if (!terminal) return context.skip('no pseudo-terminal to be had');
    expect(terminal.stdout).toContain('print(surface(1))');
    expect(terminal.stdout).toContain('\\u001b]0;title\\u0007 \\u009b2J \\u202e');
    expect(steeringCharacters(withoutColours(terminal.stdout))).toEqual([]);
  });

  it.each([
    ['predict', `/no${hostile}`],
    ['eval', 'next-edit', `/no${hostile}`],
    ['eval', 'everyday', `/no${hostile}`],
    ['model', 'import', `/no${hostile}\n`],
    ['doctor', `/no${hostile}`],
    ['--stdio', '--log-file', `/proc/no${hostile}`],
  ])('is not steered by the message of a failure: %s', (...args) => {
    // Colour libraries take a pipe for a terminal where CI is set.
    const { code, stdout, stderr } = runIn({ env: { CI: 'true' } }, ...args);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('\\u202e');
    expect(steeringCharacters(stdout + stderr)).toEqual([]);
  });

  it('is not steered by what a model writes', async (context) => {
    const cache = path.join(folder, 'cache');
    const source = writeTinyFolder(path.join(folder, 'tiny'));
    await importModel(new ModelStore(cache), source, { name: 'tiny', precision: 'fp32' });
    const prompt = path.join(folder, 'prompt');
    writeFileSync(prompt, 'a\u0001');
    const args = ['model', 'run', 'tiny', '--prompt-file', prompt, '--max-tokens', '24'];
    const { stdout } = runIn({ env: { CURSORCORE_CACHE: cache } }, ...args);
    expect(steeringCharacters(stdout)).not.toEqual([]);
    const { CURSORCORE_CACHE } = process.env;
    process.env.CURSORCORE_CACHE = cache;
    const terminal = runInTerminal(...args);
    if (CURSORCORE_CACHE === undefined) delete process.env.CURSORCORE_CACHE;
    else process.env.CURSORCORE_CACHE = CURSORCORE_CACHE;
    if (!terminal) return context.skip('no pseudo-terminal to be had');
    expect(terminal.stdout).toContain('\\u00');
    expect(steeringCharacters(withoutColours(terminal.stdout))).toEqual([]);
  });

  it('is not steered by a log', () => {
    const file = path.join(folder, 'log');
    const log = new Log();
    log.addFile(file);
    log.info(`file:///a${hostile}\n2026 error forged`);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^[^\n]* info {2}file:\/\/\/a\\u001b[^\n]*\\u000a2026 error forged\n$/);
    expect(steeringCharacters(text)).toEqual([]);
  });
});
