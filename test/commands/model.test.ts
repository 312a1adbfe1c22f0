import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { tinyAdapter, writeAdapter } from '../models/adapter/adapters.ts';
import { HubServer } from '../models/hub/hubServer.ts';
import { temporaryFolder } from '../models/storeSupport.ts';
import { type TinyOptions, writeTinyFolder } from '../models/tinyFolder.ts';
import {
  hasPermissions,
  hasSandbox,
  inSandbox,
  modelCommand,
  startModelCommand,
  unprivileged,
} from './modelCommand.ts';

const tiny = (options: TinyOptions = {}, name = 'Tiny-CursorCore') =>
  writeTinyFolder(path.join(temporaryFolder(), name), options);
/** Large enough that its import is still at work when a test looks. */
const large = () => tiny({ vocabulary: 400_000 }, 'large');

/** All that the store holds, by path; `[]` where there is no store. */
function contents(root: string): string[] {
  const folder = path.join(root, 'models');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

const staged = (root: string) => contents(root).filter((file) => file.startsWith('.staging'));

describe('model', () => {
  it('imports, lists, inspects, verifies, finds and removes a model', async () => {
    const root = temporaryFolder();
    expect(await modelCommand(root, 'list')).toEqual({
      code: 0,
      stdout: 'No model is installed. `cursorcore-lsp model pull` lists what can be downloaded.\n',
      stderr: '',
    });
    expect((await modelCommand(root, 'list', '--json')).stdout).toBe('[]\n');
    const source = tiny({ tokens: ['<|next_start|>', '<|next_end|>'] });
    const imported = await modelCommand(root, 'import', source);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(imported.stdout).toMatch(
      /^Installed tiny-cursorcore: Qwen2ForCausalLM, \d+ k parameters, int8, \d+ kB, prompt format wholeFile\.\n$/,
    );
    const folder = path.join(root, 'models', 'tiny-cursorcore');
    expect((await modelCommand(root, 'path', 'tiny-cursorcore')).stdout).toBe(`${folder}\n`);
    expect((await modelCommand(root, 'path')).stdout).toBe(`${path.join(root, 'models')}\n`);
    expect((await modelCommand(root, 'list')).stdout).toMatch(/^NAME .*\ntiny-cursorcore .* int8 .* wholeFile\n$/);
    expect(JSON.parse((await modelCommand(root, 'list', '--json')).stdout)).toMatchObject([
      { name: 'tiny-cursorcore', precision: 'int8', source, folder },
    ]);
    const inspected = JSON.parse((await modelCommand(root, 'inspect', 'tiny-cursorcore', '--json', '--verify')).stdout);
    expect(inspected).toMatchObject({ architecture: 'Qwen2ForCausalLM', contextLength: 64, folder, damaged: [] });
    expect(inspected.files.map(({ name }: { name: string }) => name)).toContain('tokenizer.json');
    expect((await modelCommand(root, 'inspect', 'tiny-cursorcore')).stdout).toMatch(
      /architecture +Qwen2ForCausalLM\n[\s\S]*precision +int8\n[\s\S]*context +64 tokens\n[\s\S]*weights\.bin +[\d.]+ kB +sha256:[0-9a-f]{64}/,
    );
    const weights = path.join(folder, 'weights.bin');
    const bytes = readFileSync(weights);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    writeFileSync(weights, bytes);
    const damaged = await modelCommand(root, 'inspect', 'tiny-cursorcore', '--verify');
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toMatch(/the model tiny-cursorcore is damaged: weights\.bin is not what was installed/);
    expect(await modelCommand(root, 'remove', 'tiny-cursorcore')).toEqual({
      code: 0,
      stdout: 'Removed tiny-cursorcore.\n',
      stderr: '',
    });
    expect(contents(root)).toEqual([]);
  });

  it.each([
    [['import', 'x', '--name', '../x'], '"../x" cannot be a model\'s name: it is a path'],
    [['import', 'x', '--precision', 'int3'], '--precision: expected one of "fp32", "fp16", "int8", "int4"'],
    [['import', 'x', '--format', 'diff'], '--format: expected one of "searchAndReplace", '],
    [['import', ''], 'no path is given; name a folder'],
    [['run', 'x', '--prompt-file', '-', '--threads', '9999999'], '--threads: should be a whole number from 0 to 512'],
    [['remove', '..'], '".." cannot be a model\'s name'],
    [['pull', 'nothing'], '"nothing" is neither a model of the hub'],
    [['pull', 'a/b', '--name', '..'], '".." cannot be a model\'s name'],
    [['nonsense'], "unknown command 'nonsense'"],
  ])('answers %j with exit code 2 and %s', async (args, message) => {
    const root = temporaryFolder();
    const { code, stdout, stderr } = await modelCommand(root, ...args);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\(cursorcore-lsp model help [\w-]+ shows how to use it\)|\(cursorcore-lsp help model/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(readdirSync(root)).toEqual([]);
  });

  it.each([
    [['import', '/nonexistent'], '/nonexistent does not exist'],
    [['import', '/no\u001b[2J\nsuch'], '/no\\u001b[2J\\u000asuch does not exist'],
    [['import', '/nonexistent/model.onnx'], '/nonexistent/model.onnx does not exist'],
    [['inspect', 'x'], 'no model x is installed (none is)'],
    [['remove', 'x'], 'no model x is installed (none is)'],
  ])('answers %j with exit code 1 and %s', async (args, message) => {
    const root = temporaryFolder();
    const { code, stdout, stderr } = await modelCommand(root, ...args);
    expect(stderr).toMatch(/^cursorcore-lsp model \w+: [^\n]*[^.\n]\n$/);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(readdirSync(root)).toEqual([]);
  });

  it('merges an adapter while it imports', async () => {
    const root = temporaryFolder();
    const source = tiny();
    const adapter = await writeAdapter(path.join(temporaryFolder(), 'Mine'), tinyAdapter);
    const imported = await modelCommand(root, 'import', source, '--adapter', adapter, '--precision', 'fp32');
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(imported.stdout).toMatch(/^Installed tiny-cursorcore-mine: /);
    const inspected = JSON.parse((await modelCommand(root, 'inspect', 'tiny-cursorcore-mine', '--json')).stdout);
    expect(inspected.source).toBe(`${source} with ${adapter}`);
    await modelCommand(root, 'import', source, '--precision', 'fp32');
    const weights = ['tiny-cursorcore', 'tiny-cursorcore-mine'].map((name) =>
      readFileSync(path.join(root, 'models', name, 'weights.bin')),
    );
    expect(weights[0]?.equals(weights[1] ?? Buffer.alloc(0))).toBe(false);

    const refused = await modelCommand(root, 'import', source, '--adapter', source, '--name', 'other');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`${source} has no adapter_config.json; name the folder in which peft saved`);
    expect(contents(root).filter((file) => file.startsWith('other') || file.startsWith('.staging'))).toEqual([]);
  });

  it('imports an exported decoder that goes on with a text as the weights do', async () => {
    const root = temporaryFolder();
    const source = tiny();
    expect((await modelCommand(root, 'import', source, '--precision', 'fp32', '--name', 'weights')).code).toBe(0);
    const installed = path.join(root, 'models', 'weights');
    const { decoder } = JSON.parse(readFileSync(path.join(installed, 'model.json'), 'utf8'));
    // The graph that scores text has the layout of transformers.js; its weights lie in files beside it.
    const exported = path.join(temporaryFolder(), 'exported');
    mkdirSync(path.join(exported, 'onnx'), { recursive: true });
    copyFileSync(path.join(installed, decoder.scoringFiles.cpu), path.join(exported, 'onnx', 'model.onnx'));
    for (const name of ['weights.bin', 'side-cpu.bin']) {
      copyFileSync(path.join(installed, name), path.join(exported, 'onnx', name));
    }
    for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json']) {
      copyFileSync(path.join(source, name), path.join(exported, name));
    }
    const withAdapter = await modelCommand(root, 'import', exported, '--adapter', source);
    expect(withAdapter.code).toBe(1);
    expect(withAdapter.stderr).toContain('was exported to ONNX, and an adapter cannot be merged into that');
    const imported = await modelCommand(root, 'import', exported);
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining('fp32') });
    const prompt = path.join(exported, 'prompt');
    writeFileSync(prompt, 'def area(width):');
    const [first, second] = await Promise.all(
      ['weights', 'exported'].map(async (name) => {
        const options = ['--prompt-file', prompt, '--max-tokens', '16', '--device', 'cpu', '--json'];
        const { stdout, stderr } = await modelCommand(root, 'run', name, ...options);
        expect(stderr).toBe('');
        return JSON.parse(stdout).ids as number[];
      }),
    );
    expect(first?.length).toBeGreaterThan(0);
    expect(second).toEqual(first);
  });

  it('lists the published models with what they need', async () => {
    const { code, stdout } = await modelCommand(temporaryFolder(), 'pull');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\nnext-patch-0\.5b +Qwen\/Qwen2\.5-Coder-0\.5B-Instruct and our adapter +Apache-2\.0 +494 M /,
    );
    expect(stdout).toMatch(/^next-patch-0\.5b: our own, trained to predict next edits on machines without a GPU/m);
    expect(stdout).toMatch(
      /cursorcore-1\.5b-sr +TechxGenus\/CursorCore-QW2\.5-1\.5B-SR +see its page +1\.5 B +3\.1 GB /,
    );
  });

  it('pulls from the hub that HF_ENDPOINT names', async () => {
    const root = temporaryFolder();
    const hub = new HubServer(tiny());
    await hub.start();
    try {
      const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: '' };
      const pulled = await startModelCommand(root, env, 'pull', 'owner/tiny', '--yes').ended;
      expect(pulled.stderr).toMatch(
        /^owner\/tiny at 0123456789ab: 4 files, \d+ kB to download\.\nAs int8 it takes about \d+ kB on the disk and \d+ MB of memory\.\n$/,
      );
      expect(pulled).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Installed tiny: Qwen2ForCausalLM/) });
      hub.meddle = (_request, response) => Boolean(response.writeHead(404).end());
      const refused = await startModelCommand(root, env, 'pull', 'owner/tiny', '--force').ended;
      expect(refused).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('has no model owner/tiny'),
      });
    } finally {
      hub.stop();
    }
  });
});

describe('model import that does not end well', () => {
  it('leaves nothing listed when it is killed, and the next one cleans up', async () => {
    const root = temporaryFolder();
    const killed = startModelCommand(root, {}, 'import', large());
    await eventually(() => expect(staged(root)).toContainEqual(expect.stringMatching(/weights\.bin$/)));
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect(staged(root)).not.toEqual([]);
    expect(JSON.parse((await modelCommand(root, 'list', '--json')).stdout)).toEqual([]);
    expect((await modelCommand(root, 'import', tiny({}, 'large'))).code).toBe(0);
    expect(staged(root)).toEqual([]);
    expect((await modelCommand(root, 'list')).stdout).toContain('large');
  });

  it.each(['SIGINT', 'SIGHUP'] as const)('cleans up itself when it is interrupted by %s', async (signal) => {
    const root = temporaryFolder();
    const interrupted = startModelCommand(root, {}, 'import', large());
    await eventually(() => expect(staged(root)).toContainEqual(expect.stringMatching(/weights\.bin$/)));
    interrupted.process.kill(signal);
    expect(await interrupted.ended).toEqual({
      code: 130,
      stdout: '',
      stderr: 'cursorcore-lsp model import: interrupted; nothing was installed\n',
    });
    expect(contents(root)).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('gives way to another process that installs the same name', async () => {
    const root = temporaryFolder();
    const source = large();
    const first = startModelCommand(root, {}, 'import', source);
    await eventually(() => expect(staged(root)).toContainEqual(expect.stringMatching(/weights\.bin$/)));
    // However long the others take, the first one is not done before they are.
    first.process.kill('SIGSTOP');
    const second = await modelCommand(root, 'import', source);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`another process (id ${first.process.pid}) is installing large right now`);
    const other = await modelCommand(root, 'import', tiny({}, 'other'));
    expect(other.code).toBe(0);
    first.process.kill('SIGCONT');
    expect((await first.ended).code).toBe(0);
    expect(contents(root).filter((file) => file.endsWith('model.json'))).toEqual([
      'large/model.json',
      'other/model.json',
    ]);
  });

  it.skipIf(!hasSandbox)('says so when the disk is full, before or in the midst of it', async () => {
    const root = temporaryFolder();
    const source = tiny();
    const full = /the disk that holds .* is full and nothing was installed; free some space or set CURSORCORE_CACHE/;
    for (const [place, message] of [
      [tiny({ vocabulary: 100_000 }), /needs \d\.\d MB, but the disk that holds .* has \d+ kB free; free some space/],
      // The weights would fit, but not tokenizer.json, or not both.
      [tiny({ padding: 2_000_000 }), full],
      [tiny({ vocabulary: 20_000, padding: 700_000 }), full],
    ] as const) {
      const outcome = inSandbox(
        `mount -t tmpfs -o size=1m tmpfs "$CURSORCORE_CACHE" && model import ${source} --name kept >&2 && ` +
          `{ model import ${place} --name new; code=$?; model list; ls -A "$CURSORCORE_CACHE/models/.staging" >&2; exit $code; }`,
        root,
      );
      expect(outcome.stderr).toMatch(message);
      expect(outcome.code).toBe(1);
      expect(outcome.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['NAME', 'kept', '']);
      expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(2);
    }
  });

  it.skipIf(!hasSandbox)('says so when the disk is read-only, and still reads', async () => {
    const root = temporaryFolder();
    expect((await modelCommand(root, 'import', tiny({}, 'kept'))).code).toBe(0);
    const { code, stdout, stderr } = inSandbox(
      `mount --bind "$CURSORCORE_CACHE" "$CURSORCORE_CACHE" && mount -o remount,ro,bind "$CURSORCORE_CACHE" && ` +
        `{ model import ${tiny()} --name new; model remove kept; model list; }`,
      root,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nkept /);
    expect(
      stderr.match(/is on a disk that is read-only; set CURSORCORE_CACHE to a folder on another disk\n/g),
    ).toHaveLength(2);
  });

  it('says so when a file is in the place of the folder', async () => {
    const root = temporaryFolder();
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    for (const cache of [file, path.join(file, 'below')]) {
      const { code, stderr } = await modelCommand(cache, 'import', tiny());
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^cursorcore-lsp model import: .* cannot be written: [^\n]+; make it writable or set CURSORCORE_CACHE to another folder\n$/,
      );
    }
  });

  it.skipIf(!hasPermissions)('says so when the folder may not be written to', async () => {
    const closed = path.join(temporaryFolder(), 'closed');
    mkdirSync(closed, { mode: 0o555 });
    const { code, stderr } = await unprivileged(closed, 'import', tiny());
    expect(code).toBe(1);
    expect(stderr).toContain('closed/models cannot be written: permission denied; make it writable');
  });
});
