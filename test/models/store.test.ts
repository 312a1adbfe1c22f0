import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../server/models/store/cacheFolder.ts';
import { formatBytes } from '../../server/models/store/files.ts';
import { checkModelName, nameFrom } from '../../server/models/store/modelName.ts';
import { thisProcess } from '../../server/models/store/owner.ts';
import { ModelStore } from '../../server/models/store.ts';
import { built, temporaryFolder, writes } from './storeSupport.ts';

/** Every file below `folder`, with its text, the store's own book-keeping left out where it is empty. */
function tree(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files[path.relative(folder, file)] = readFileSync(file, 'utf8');
  }
  return files;
}

function storeWith(name?: string) {
  const root = temporaryFolder();
  const store = new ModelStore(root);
  return {
    root,
    store,
    ready: name === undefined ? Promise.resolve() : store.install(name, writes('one')).then(() => {}),
  };
}

/** The id of a process that has ended. */
const deadPid = 2 ** 22 + 1;

describe('ModelStore', () => {
  it('is empty where there is no folder, and makes none by looking', async () => {
    const { root, store } = storeWith();
    expect(await store.list()).toEqual([]);
    await expect(store.find('x')).rejects.toThrow('no model x is installed (none is)');
    await expect(store.remove('x')).rejects.toThrow('no model x is installed');
    expect(readdirSync(root)).toEqual([]);
  });

  it('installs a folder with the checksums of its files, and reads it back', async () => {
    const { store } = storeWith();
    const manifest = await store.install('tiny', writes('abc'));
    expect(manifest.files).toEqual([
      {
        name: 'decoder.onnx',
        size: 3,
        // FIPS 180-2, appendix B.1.
        sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      },
    ]);
    expect(await store.open('TINY')).toEqual({ folder: path.join(store.folder, 'tiny'), manifest });
    expect(await store.list()).toEqual([{ name: 'tiny', folder: path.join(store.folder, 'tiny'), manifest }]);
    expect(await store.verify(path.join(store.folder, 'tiny'), manifest)).toEqual([]);
    expect(Object.keys(tree(store.folder)).sort()).toEqual(['tiny/decoder.onnx', 'tiny/model.json']);
  });

  it('is as it was when a build fails, with or without a model of that name', async () => {
    const { store, ready } = storeWith('tiny');
    await ready;
    const before = tree(store.folder);
    for (const name of ['tiny', 'other']) {
      const failing = store.install(
        name,
        async (folder) => {
          writeFileSync(path.join(folder, 'decoder.onnx'), 'half');
          throw new Error('no more');
        },
        { force: true },
      );
      await expect(failing).rejects.toThrow('no more');
    }
    expect(tree(store.folder)).toEqual(before);
  });

  it('is as it was when an install is aborted', async () => {
    const { store } = storeWith();
    const controller = new AbortController();
    const aborted = store.install(
      'tiny',
      async (folder) => {
        const result = await writes('one')(folder);
        controller.abort(new Error('stopped'));
        return result;
      },
      { signal: controller.signal },
    );
    await expect(aborted).rejects.toThrow('stopped');
    expect(tree(store.folder)).toEqual({});
  });

  it('replaces a model only when told to, whatever the case of its name', async () => {
    const { store, ready } = storeWith('Tiny');
    await ready;
    await expect(store.install('tiny', writes('two'))).rejects.toThrow(
      'a model Tiny is already installed; replace it with --force, or choose another name with --name',
    );
    await store.install('tiny', writes('two'), { force: true });
    expect((await store.list()).map(({ name }) => name)).toEqual(['tiny']);
    expect(Object.keys(tree(store.folder)).sort()).toEqual(['tiny/decoder.onnx', 'tiny/model.json']);
    expect(readFileSync(path.join(store.folder, 'tiny', 'decoder.onnx'), 'utf8')).toBe('two');
  });

  it('lets one of two installs at once win, and tells the other who', async () => {
    const { store } = storeWith();
    const results = await Promise.allSettled([
      store.install('tiny', writes('one')),
      store.install('Tiny', writes('two')),
      store.install('other', writes('three')),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    expect(String(refused?.reason)).toContain(`another process (id ${process.pid}) is installing`);
    expect(await store.list()).toHaveLength(2);
  });

  it('takes over what a process that died left, and leaves alone what a live one has', async () => {
    const { store, ready } = storeWith('kept');
    await ready;
    const stage = (id: string, owner: object, content: Record<string, string>) => {
      const folder = path.join(store.folder, '.staging', id);
      mkdirSync(path.join(folder, 'model'), { recursive: true });
      writeFileSync(path.join(folder, 'owner.json'), JSON.stringify(owner));
      for (const [name, text] of Object.entries(content)) writeFileSync(path.join(folder, 'model', name), text);
    };
    const dead = { host: hostname(), pid: deadPid, started: '', name: 'tiny' };
    stage('dead', dead, { 'decoder.onnx': 'half', 'model.json': '{}' });
    // A process id that was used again: alive, but not since then.
    if (process.platform === 'linux') stage('reused', { ...dead, pid: process.pid, started: '1' }, {});
    stage('alive', thisProcess('tiny'), {});
    stage('elsewhere', { ...dead, host: 'another-machine' }, {});
    mkdirSync(path.join(store.folder, '.locks'), { recursive: true });
    writeFileSync(path.join(store.folder, '.locks', 'tiny.json'), JSON.stringify(dead));
    await store.install('tiny', writes('one'));
    expect(readdirSync(path.join(store.folder, '.staging')).sort()).toEqual(['alive', 'elsewhere']);
    expect((await store.list()).map(({ name }) => name)).toEqual(['kept', 'tiny']);
  });

  it('puts back a model that a process was replacing when it died', async () => {
    const { store, ready } = storeWith('tiny');
    await ready;
    const staging = path.join(store.folder, '.staging', 'dead');
    mkdirSync(path.join(staging, 'model'), { recursive: true });
    const owner = { host: hostname(), pid: deadPid, started: '', name: 'tiny' };
    writeFileSync(path.join(staging, 'owner.json'), JSON.stringify(owner));
    renameSync(path.join(store.folder, 'tiny'), path.join(staging, 'replaced'));
    expect(await store.list()).toEqual([]);
    expect((await store.open('tiny')).manifest.name).toBe('tiny');
    expect(existsSync(staging)).toBe(false);
  });

  it('removes a model and nothing else, also a damaged one or a link', async () => {
    const { root, store, ready } = storeWith('tiny');
    await ready;
    await store.install('kept', writes('two'));
    writeFileSync(path.join(store.folder, 'tiny', 'model.json'), '{');
    const outside = path.join(root, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'model.json'), '{}');
    symlinkSync(outside, path.join(store.folder, 'linked'));
    await store.remove('tiny');
    await store.remove('linked');
    expect((await store.list()).map(({ name }) => name)).toEqual(['kept']);
    expect(readdirSync(outside)).toEqual(['model.json']);
  });

  it.each([
    ['{', 'its model.json is not JSON'],
    ['[]', 'its model.json is not as it should be'],
    ['{"manifestVersion":2}', 'was installed by a newer cursorcore-lsp (manifest version 2, this one reads 1)'],
    ['{"manifestVersion":1}', 'its model.json is not as it should be at `name`'],
  ])('says of a manifest %s that %s', async (text, problem) => {
    const { store, ready } = storeWith('tiny');
    await ready;
    writeFileSync(path.join(store.folder, 'tiny', 'model.json'), text);
    expect(await store.list()).toMatchObject([{ name: 'tiny', problem: expect.stringContaining(problem) }]);
    await expect(store.open('tiny')).rejects.toThrow(problem);
  });

  it.each(['../x', '/etc/passwd', 'a/b', '..', ''])('accepts no manifest that names the file %j', async (name) => {
    const { store, ready } = storeWith('tiny');
    await ready;
    const manifest = await store.open('tiny').then((opened) => opened.manifest);
    for (const bad of [
      { ...manifest, files: [{ name, size: 0, sha256: '' }] },
      { ...manifest, decoder: { ...manifest.decoder, files: { cpu: name } } },
    ]) {
      writeFileSync(path.join(store.folder, 'tiny', 'model.json'), JSON.stringify(bad));
      await expect(store.open('tiny')).rejects.toThrow('its model.json is not as it should be');
    }
  });

  it('does not open a model that lacks a file or has one cut short, and finds changed bytes', async () => {
    const { store, ready } = storeWith('tiny');
    await ready;
    const { folder, manifest } = await store.open('tiny');
    const file = path.join(folder, 'decoder.onnx');
    writeFileSync(file, 'eno');
    expect(await store.verify(folder, manifest)).toEqual(['decoder.onnx']);
    writeFileSync(file, 'on');
    await expect(store.open('tiny')).rejects.toThrow('decoder.onnx has 2 bytes instead of 3');
    unlinkSync(file);
    await expect(store.open('tiny')).rejects.toThrow('decoder.onnx is missing');
    expect(await store.verify(folder, manifest)).toEqual(['decoder.onnx']);
  });

  it('installs plain files only', async () => {
    const { store } = storeWith();
    const linked = store.install('tiny', async (folder) => {
      symlinkSync('/etc/hostname', path.join(folder, 'decoder.onnx'));
      return built;
    });
    await expect(linked).rejects.toThrow('is not a plain file');
    expect(await store.list()).toEqual([]);
  });

  it('says how much room is needed and how much there is', async () => {
    const { store } = storeWith();
    await expect(store.install('huge', writes('x'), { bytes: 1e18 })).rejects.toThrow(
      /^the model huge needs 1000 PB, but the disk that holds .* has .* free; free some space or set CURSORCORE_CACHE/,
    );
  });

  it('says so where a file stands in the place of its folder', async () => {
    const root = temporaryFolder();
    writeFileSync(path.join(root, 'models'), '');
    const store = new ModelStore(root);
    await expect(store.install('tiny', writes('x'))).rejects.toThrow(/models cannot be written: it is not a folder/);
    await expect(store.list()).rejects.toThrow(/models is not a folder; move it away/);
    await expect(new ModelStore(path.join(root, 'models')).install('tiny', writes('x'))).rejects.toThrow(
      /cannot be written: /,
    );
  });
});

describe('names', () => {
  it.each([
    '..',
    '.',
    '',
    '../x',
    '/x',
    'a/b',
    'a\\b',
    'C:',
    '.hidden',
    'NUL',
    'com1.onnx',
    'x.',
    'a b',
    'é',
    'x\0',
    'a'.repeat(81),
  ])('refuses %j', (name) => expect(() => checkModelName(name)).toThrow("cannot be a model's name"));

  it('makes a name of whatever a model calls itself', () => {
    expect(nameFrom('TechxGenus/CursorCore-QW2.5-1.5B')).toBe('cursorcore-qw2.5-1.5b');
    expect(nameFrom('C:\\models\\Some Model (v2)')).toBe('some-model-v2');
    expect(nameFrom('..')).toBe('model');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (title) => {
        checkModelName(nameFrom(title));
      }),
    );
  });
});

describe('cacheFolder', () => {
  it('is the one that CURSORCORE_CACHE names, else below the cache folder of the platform', () => {
    expect(cacheFolder({ CURSORCORE_CACHE: '/x/y' })).toBe(path.resolve('/x/y'));
    expect(path.isAbsolute(cacheFolder({ CURSORCORE_CACHE: 'relative' }))).toBe(true);
    expect(cacheFolder({})).toContain('cursorcore-lsp');
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [15_400_000, '15 MB'],
    [999_499_999, '999 MB'],
    [999_500_000, '1.0 GB'],
    [3_087_467_144, '3.1 GB'],
  ])('%i is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});
