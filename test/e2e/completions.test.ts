import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { structuredPatch } from 'diff';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run, runIn } from '../commands/cli.ts';
import { fixture } from '../completions/fixtures.ts';
import { type TinyCase, tinyCases, tinyCursorCore } from '../fixtures/tinyCursorCore.ts';
import { ServerProcess } from './client.ts';

const token = 'a token for these tests';
const renamed = fixture('a function is renamed');
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** `serve` with these arguments, nothing on standard input; and what it says until it has said `until`. */
async function served(until: RegExp, ...args: string[]) {
  return servedWith({}, until, ...args);
}

async function servedWith(env: NodeJS.ProcessEnv, until: RegExp, ...args: string[]) {
  const child = spawn(process.execPath, ['dist/main.js', 'serve', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environment(env),
  });
  ends.push(() => child.kill('SIGKILL'));
  let said = '';
  const heard = new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString();
      if (until.test(said)) resolve(said);
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
  return { child, said: await heard };
}

function environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { CURSORCORE_COMPLETIONS_TOKEN, ZED_OPEN_AI_COMPATIBLE_EDIT_PREDICTION_API_KEY, ...others } = process.env;
  return { ...others, CURSORCORE_CACHE: path.join(tmpdir(), 'cursorcore-nothing-installed'), ...more };
}

async function complete(url: string, bearer: string, prompt = renamed.prompts.zeta2): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ model: 'zeta2', prompt }),
  });
  return response.json();
}

const expected = { choices: [{ text: renamed.answers.zeta2 }] };

describe('serve --completions', () => {
  it('alone says where, and with which token, and serves until it is stopped', async () => {
    const { child, said } = await served(/token is .+\n/, '--completions', '127.0.0.1:0');
    const [, url = ''] = /served at (\S+) \(engines: pattern\)/.exec(said) ?? [];
    const [, made = ''] = /token is ([\w-]+)/.exec(said) ?? [];
    expect(await complete(url, made)).toMatchObject(expected);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says what to do where the port is taken', async () => {
    const { said } = await served(/token is .+\n/, '--completions', '127.0.0.1:0');
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(said) ?? [];
    const second = run('serve', '--completions', port);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toBe(
      `cursorcore-lsp serve: port ${port} is taken; name another one, as in --completions 127.0.0.1:${Number(port) + 1}\n`,
    );
  });

  it.each([
    [['--completions', '0.0.0.0:7079'], {}, 'on this machine alone'],
    [['--completions', 'nonsense'], {}, 'is no address'],
    [['--completions', '0', '--engine', 'nonsense'], {}, '--engine: expected one of'],
    [['--completions', '0'], { CURSORCORE_COMPLETIONS_TOKEN: 'hunter2' }, 'must have 16 characters or more'],
  ])('%j is told what is wrong with it', (args, env, words) => {
    const { code, stderr } = runIn({ env: environment(env) }, 'serve', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n').length).toBeLessThan(3);
  });

  it('beside LSP serves both, from the engines of the settings, as long as the client stays', async () => {
    process.env.CURSORCORE_COMPLETIONS_TOKEN = token;
    const server = new ServerProcess(['--stdio', '--completions', '127.0.0.1:0']);
    delete process.env.CURSORCORE_COMPLETIONS_TOKEN;
    ends.push(() => server.child.kill('SIGKILL'));
    await server.initialize();
    const where = () => server.logged.map(({ message }) => /completions at (\S+)/.exec(message)?.[1]).find(Boolean);
    await expect.poll(where).toBeDefined();
    const url = where() ?? '';
    expect(await complete(url, token)).toMatchObject(expected);
    expect(await complete(url, 'another token')).toMatchObject({ error: { type: 'invalid_request_error' } });
    server.notify('workspace/didChangeConfiguration', { settings: { cursorcore: { enable: false } } });
    const unchanged = { choices: [{ text: `${renamed.region.trimEnd()}\n` }] };
    await expect.poll(() => complete(url, token)).toMatchObject(unchanged);
    await server.request('shutdown');
    await expect(complete(url, token)).rejects.toThrow();
    server.notify('exit');
    expect(await once(server.child, 'exit')).toEqual([0, null]);
  });

  it('beside LSP without a token serves LSP alone, and says why', async () => {
    const child = spawn(process.execPath, ['dist/main.js', '--stdio', '--completions', '0'], { env: environment({}) });
    ends.push(() => child.kill('SIGKILL'));
    const [data] = await once(child.stderr, 'data');
    expect(String(data)).toContain('set CURSORCORE_COMPLETIONS_TOKEN');
    expect(child.exitCode).toBeNull();
  });
});

describe('serve --completions with a model', () => {
  const cache = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-model-'));
  beforeAll(() => {
    const imported = runIn(
      { env: { CURSORCORE_CACHE: cache } },
      ...['model', 'import', tinyCursorCore, '--name', 'tiny', '--precision', 'fp32'],
    );
    expect(imported).toMatchObject({ code: 0 });
  }, 60_000);
  afterAll(() => rmSync(cache, { recursive: true, force: true }));

  /** What Zed would send for a conversation of one earlier text, in the format of Zeta 1. */
  function promptOf({ path: name, history, current, target }: TinyCase['conversation']): string {
    const at = target?.kind === 'cursor' ? target.offset : 0;
    const { hunks } = structuredPatch(name, name, history[0] ?? '', current);
    const diff = hunks.map(
      ({ oldStart, oldLines, newStart, newLines, lines }) =>
        `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@\n${lines.join('\n')}`,
    );
    const text = `${current.slice(0, at)}<|user_cursor_is_here|>${current.slice(at)}`;
    return [
      '### Instruction:\n…\n\n### User Edits:\n',
      `User edited "${name}":\n\`\`\`diff\n${diff.join('\n')}\n\`\`\`\n`,
      `### User Excerpt:\n\n\`\`\`${name}\n<|start_of_file|>\n<|editable_region_start|>\n${text}<|editable_region_end|>\n\`\`\`\n`,
      '### Response:\n',
    ].join('\n');
  }

  it('answers with what the model predicts, as Zed reads it', { timeout: 60_000 }, async () => {
    // Those that are a whole file, which the prompt shows to its end.
    const cases = tinyCases().filter(
      ({ conversation: { current, history, target, instruction } }) =>
        history.length === 1 && current.endsWith('\n') && target?.kind === 'cursor' && instruction === undefined,
    );
    expect(cases.length).toBeGreaterThan(10);
    const { said } = await servedWith(
      { CURSORCORE_CACHE: cache, CURSORCORE_COMPLETIONS_TOKEN: token },
      /served at .+\n/,
      ...['--completions', '127.0.0.1:0', '--engine', 'model', '--model', 'tiny'],
    );
    const [, url = ''] = /served at (\S+) \(engines: model\)/.exec(said) ?? [];
    for (const { conversation, expected: wanted } of cases) {
      const text = `<|editable_region_start|>\n${wanted.trimEnd()}`;
      expect(await complete(url, token, promptOf(conversation))).toMatchObject({ choices: [{ text }] });
    }
  });
});
