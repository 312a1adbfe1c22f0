import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkedLibraries } from '../../server/model-host/elf.ts';
import { sharedObject } from './sharedObject.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cursorcore-elf-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(bytes: Uint8Array): string[] | undefined {
  const file = path.join(folder, 'lib.so');
  writeFileSync(file, bytes);
  return linkedLibraries(file);
}

const names = ['libcublasLt.so.13', 'libcuda.so.1', 'libc.so.6'];

describe('linkedLibraries', () => {
  it('lists what a library links, in its order, and nothing that it only mentions', () => {
    expect(read(sharedObject(names, 'libcudart.so.12\0libnvrtc.so.12'))).toEqual(names);
    expect(read(sharedObject([]))).toEqual([]);
  });

  // Any Linux has it; built by a real linker.
  it.runIf(process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch))(
    'reads the very program that runs this test, and its libraries',
    () => {
      expect(linkedLibraries(process.execPath)).toContainEqual(expect.stringMatching(/^libc\./));
      const maps = readFileSync('/proc/self/maps', 'utf8');
      const libraries = [...new Set(maps.match(/\/\S+\.so[.\d]*$/gm))];
      expect(libraries.length).toBeGreaterThan(0);
      for (const library of libraries) expect(linkedLibraries(library), library).toBeDefined();
    },
  );

  it('says of other files that they are none', () => {
    const object = sharedObject(names);
    const of = (at: number, value: number) => {
      const other = Buffer.from(object);
      other[at] = value;
      return other;
    };
    // Empty, no ELF, of 32 bits, big-endian.
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(4096, 0x7f), of(4, 1), of(5, 2)])
      expect(read(bytes)).toBeUndefined();
    expect(linkedLibraries(path.join(folder, 'missing.so'))).toBeUndefined();
    expect(linkedLibraries(folder)).toBeUndefined();
  });

  it('notices where the end of a file is missing', () => {
    const object = sharedObject(names);
    for (let length = 0; length < object.length; length++) {
      expect(read(object.subarray(0, length)), `${length} bytes`).toBeUndefined();
    }
  });

  it('takes any damage without a crash, and without reading more than the file has', () => {
    const object = sharedObject(names);
    const damage = fc.array(fc.tuple(fc.nat(object.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1 });
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = Buffer.from(object);
        for (const [at, value] of changes) bytes[at] = value;
        for (const name of read(bytes) ?? []) expect(bytes.includes(`${name}\0`, 0, 'latin1')).toBe(true);
      }),
    );
    // Every number at its largest: offsets and lengths beyond any file.
    for (let at = 16; at + 8 <= object.length; at += 4) {
      const bytes = Buffer.from(object);
      bytes.fill(0xff, at, at + 8);
      for (const name of read(bytes) ?? []) expect(bytes.includes(`${name}\0`, 0, 'latin1')).toBe(true);
    }
  });
});
