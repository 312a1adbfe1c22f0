import { cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyAdapter, writeAdapter } from '../models/adapter/adapters.ts';
import { commit, HubServer } from '../models/hub/hubServer.ts';
import { temporaryFolder } from '../models/storeSupport.ts';
import { writeTinyFolder } from '../models/tinyFolder.ts';
import { main } from './cli.ts';
import { startModelCommandOf } from './modelCommand.ts';

const name = 'next-patch-0.5b';
const repo = 'Qwen/Qwen2.5-Coder-0.5B-Instruct';

/** The built package, but with a small adapter in the place of the real one; the hub has a small base for that. */
let program: string;
let adapter: string;
let base: string;
let hub: HubServer;
let root: string;

beforeEach(async () => {
  const folder = temporaryFolder();
  const built = path.dirname(main);
  cpSync(built, path.join(folder, 'dist'), { recursive: true });
  cpSync(path.join(built, '..', 'package.json'), path.join(folder, 'package.json'));
  symlinkSync(path.resolve(built, '..', 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  program = path.join(folder, 'dist', 'main.js');
  adapter = await writeAdapter(path.join(folder, 'models', name), tinyAdapter);
  base = writeTinyFolder(path.join(temporaryFolder(), 'base'));
  hub = new HubServer(base, repo);
  await hub.start();
  root = temporaryFolder();
});
afterEach(() => hub.stop());

const model = (...args: string[]) =>
  startModelCommandOf(program, root, { HF_ENDPOINT: hub.endpoint, HF_TOKEN: '' }, ...args).ended;

const weights = (installed: string) => readFileSync(path.join(root, 'models', installed, 'weights.bin'));

async function inspected(installed: string): Promise<object> {
  return JSON.parse((await model('inspect', installed, '--json')).stdout);
}

describe(`model with ${name}`, () => {
  it('pulls the base and installs it with the adapter, in its prompt format', async () => {
    const pulled = await model('pull', name, '--yes', '--precision', 'fp32');
    expect(pulled.stderr).toMatch(
      /^Qwen\/Qwen2\.5-Coder-0\.5B-Instruct at 0123456789ab: 4 files, \d+ kB to download, to be merged with our adapter next-patch-0\.5b\.\n/,
    );
    expect(pulled).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Installed next-patch-0\.5b: .* patch\.\n$/),
    });
    const source = `${repo}@${commit} with ${name}`;
    expect(await inspected(name)).toMatchObject({ name, promptFormat: 'patch', source });
    expect(JSON.parse((await model('list', '--json')).stdout)).toMatchObject([{ name, promptFormat: 'patch', source }]);

    // The same as by its folder, and other weights than the base has, which its own name pulls as it is.
    await model('import', base, '--adapter', adapter, '--precision', 'fp32', '--name', 'by-folder');
    expect(weights(name).equals(weights('by-folder'))).toBe(true);
    expect(await model('pull', repo, '--yes', '--precision', 'fp32')).toMatchObject({ code: 0 });
    expect(await inspected('qwen2.5-coder-0.5b-instruct')).toMatchObject({ source: `${repo}@${commit}` });
    expect(weights(name).equals(weights('qwen2.5-coder-0.5b-instruct'))).toBe(false);
  });

  it('pulls with the adapter that --adapter names, by its folder or as one that comes along', async () => {
    const options = ['--yes', '--precision', 'fp32'];
    expect(await model('pull', repo, '--adapter', name, ...options)).toMatchObject({ code: 0 });
    expect(await inspected(name)).toMatchObject({ promptFormat: 'patch' });
    const other = path.join(temporaryFolder(), 'Other');
    cpSync(adapter, other, { recursive: true });
    expect(await model('pull', repo, '--adapter', other, ...options)).toMatchObject({ code: 0 });
    expect(await inspected('qwen2.5-coder-0.5b-instruct-other')).toMatchObject({
      source: `${repo}@${commit} with ${other}`,
    });
  });

  it('imports a base that lies here with it, as --name and --format say', async () => {
    const imported = await model('import', base, '--adapter', name);
    expect(imported).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Installed next-patch-0\.5b: .* patch\.\n$/),
    });
    expect(await inspected(name)).toMatchObject({ promptFormat: 'patch', source: `${base} with ${name}` });
    await model('import', base, '--adapter', name, '--name', 'other', '--format', 'zeta2');
    expect(await inspected('other')).toMatchObject({ name: 'other', promptFormat: 'zeta2' });
  });

  it.each([
    ['pull', name],
    ['pull', repo, '--adapter', name],
    ['import', '/nonexistent', '--adapter', name],
  ])('says of a package that lacks it what to do: %s %s', async (...args) => {
    rmSync(path.join(adapter, 'adapter_model.safetensors'));
    const { code, stdout, stderr } = await model(...args);
    expect(stderr).toBe(
      `cursorcore-lsp model ${args[0]}: ${path.join(adapter, 'adapter_model.safetensors')} is missing, which comes with cursorcore-lsp; install cursorcore-lsp again\n`,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(hub.seen).toEqual([]);
  });
});
