import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelFileError } from '../../../server/models/weightSource.ts';
import { openWeights } from '../../../server/models/weights/openWeights.ts';
import { embedding, ggufBytes, ggufMetadata, ggufTensors, safetensorsBytes, writeFolder } from './writers.ts';

let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hostile-'));
  folder = await writeFolder(join(root, 'folder'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Opens a model and reads all of it. */
async function readAll(path: string): Promise<void> {
  const source = await openWeights(path);
  try {
    for (const tensor of source.tensors.values()) {
      const rows = tensor.shape.length < 2 ? 1 : (tensor.shape[0] ?? 1);
      await source.readRows(tensor, 0, Math.min(rows, 1000));
    }
  } finally {
    await source.close();
  }
}

async function readSafetensors(bytes: Uint8Array): Promise<void> {
  await writeFile(join(folder, 'model.safetensors'), bytes);
  await readAll(folder);
}

async function readGguf(bytes: Uint8Array): Promise<void> {
  const path = join(root, 'model.gguf');
  await writeFile(path, bytes);
  await readAll(path);
}

async function refusal(reading: Promise<void>): Promise<string> {
  const error = await reading.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelFileError);
  return (error as ModelFileError).message;
}

function withLength(length: bigint, rest: Uint8Array = new Uint8Array(64)): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  return Buffer.concat([bytes, rest]);
}

describe('a safetensors header that lies', () => {
  const two = [embedding, { ...embedding, name: 'second' }];
  const lies: [string, (header: string) => string, string][] = [
    ['overlap', (header) => header.replaceAll('[192,384]', '[96,288]'), 'overlaps'],
    ['hole', (header) => header.replaceAll('[192,384]', '[200,392]'), 'no tensor before second'],
    [
      'past the end',
      (header) =>
        header.replaceAll('"shape":[6,8],"data_offsets":[192,384]', '"shape":[96,8],"data_offsets":[192,3264]'),
      'cut short',
    ],
    ['backwards', (header) => header.replaceAll('[192,384]', '[384,192]'), 'does not fit'],
    ['shape and bytes', (header) => header.replaceAll('[6,8]', '[6,9]'), 'does not fit'],
    ['type and bytes', (header) => header.replaceAll('F32', 'F16'), 'does not fit'],
    ['overflowing shape', (header) => header.replaceAll('[6,8]', '[4294967296,4294967296,4294967296]'), 'does not fit'],
    ['negative shape', (header) => header.replaceAll('[6,8]', '[-6,-8]'), 'malformed'],
    ['broken shape', (header) => header.replaceAll('[6,8]', '[6.5,8]'), 'malformed'],
    ['huge shape', (header) => header.replaceAll('[6,8]', '[1e300,8]'), 'malformed'],
    ['same key twice', (header) => header.replaceAll('"second"', `"${embedding.name}"`), 'twice'],
    [
      'same key twice, escaped',
      (header) => header.replaceAll('"second"', '"model.embed_tokens.\\u0077eight"'),
      'twice',
    ],
    ['same key twice within', (header) => header.replaceAll('"dtype":"F32"', '"dtype":"F32","dtype":"F32"'), 'twice'],
    ['other types', (header) => header.replaceAll('F32', 'I64'), 'stored as I64, and only F32, F16, BF16'],
    ['no object', () => '[]', 'not a JSON object'],
    ['no JSON', (header) => header.slice(1), 'not JSON'],
    ['entry of nothing', () => '{"a":null}', 'malformed'],
  ];
  for (const [name, change, words] of lies) {
    test(name, async () => {
      const message = await refusal(readSafetensors(safetensorsBytes(two, change)));
      expect(message).toContain(words);
      expect(message).toContain('model.safetensors');
    });
  }

  test('sizes', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(7)]) {
      expect(await refusal(readSafetensors(bytes))).toContain('cut short');
    }
    for (const length of [65n, 2n ** 40n, 2n ** 64n - 1n]) {
      expect(await refusal(readSafetensors(withLength(length)))).toContain(`claims ${length} bytes`);
    }
    const whole = safetensorsBytes(two);
    expect(await refusal(readSafetensors(whole.subarray(0, -1)))).toContain('cut short');
    expect(await refusal(readSafetensors(Buffer.concat([whole, new Uint8Array(1)])))).toContain('belong to no tensor');
  });

  test('names that objects have of themselves are names like others', async () => {
    await readSafetensors(
      safetensorsBytes([embedding], (header) =>
        header.replace('"__metadata__"', '"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"__metadata__"'),
      ),
    );
  });
});

describe('a GGUF file that lies', () => {
  const good = () => Buffer.from(ggufBytes(ggufMetadata, ggufTensors));

  /** The file with a number written over the one at `at`. */
  const patched = (at: number, value: bigint, size = 8) => {
    const bytes = good();
    if (size === 8) bytes.writeBigUInt64LE(value, at);
    else bytes.writeUInt32LE(Number(value), at);
    return bytes;
  };
  const behind = (text: string) => good().indexOf(text) + text.length;

  test('the file as it is can be read', async () => {
    await readGguf(good());
  });

  test('magic, version and byte order', async () => {
    expect(await refusal(readGguf(patched(0, 0x46554748n, 4)))).toContain('not a GGUF file');
    expect(await refusal(readGguf(new Uint8Array(10)))).toContain('not a GGUF file');
    expect(await refusal(readGguf(patched(4, 1n, 4)))).toContain('version 1');
    expect(await refusal(readGguf(patched(4, 9n, 4)))).toContain('version 9');
    expect(await refusal(readGguf(patched(4, 0x03000000n, 4)))).toContain('big-endian');
  });

  test('absurd counts and lengths', async () => {
    expect(await refusal(readGguf(patched(8, 2n ** 40n)))).toContain('tensors');
    expect(await refusal(readGguf(patched(16, 2n ** 63n)))).toContain('claims');
    expect(await refusal(readGguf(patched(24, 2n ** 50n)))).toContain('lies about its size');
    const items = behind('tokenizer.ggml.tokens') + 8;
    for (const count of [2n ** 20n, 2n ** 40n, 2n ** 64n - 1n]) {
      expect(await refusal(readGguf(patched(items, count)))).toContain('claims');
    }
    expect(await refusal(readGguf(patched(behind('tokenizer.ggml.tokens'), 77n, 4)))).toContain('unknown type 77');
    expect(await refusal(readGguf(patched(behind('tokenizer.ggml.tokens') + 4, 9n, 4)))).toContain('unknown type 9');
  });

  test('tensors', async () => {
    const entry = behind('blk.0.attn_q.weight');
    expect(await refusal(readGguf(patched(entry, 40n, 4)))).toContain('40 dimensions');
    expect(await refusal(readGguf(patched(entry + 4, 2n ** 60n)))).toContain('claims');
    expect(await refusal(readGguf(patched(entry + 4, 2n ** 50n)))).toContain('cannot be F32');
    expect(await refusal(readGguf(patched(entry + 4, 800n)))).toContain('cut short');
    expect(await refusal(readGguf(patched(entry + 4, 0n)))).toContain('cannot be F32');
    expect(await refusal(readGguf(patched(entry + 20, 10n, 4)))).toContain('stored as Q2_K');
    expect(await refusal(readGguf(patched(entry + 20, 8n, 4)))).toContain('cannot be Q8_0 with the shape [8, 8]');
    expect(await refusal(readGguf(patched(entry + 20, 777n, 4)))).toContain('type 777');
    expect(await refusal(readGguf(patched(entry + 24, 96n)))).toContain('overlaps');
    expect(await refusal(readGguf(patched(entry + 24, 97n)))).toContain('not aligned');
    expect(await refusal(readGguf(patched(entry + 24, 2n ** 40n)))).toContain('cut short');
    expect(await refusal(readGguf(good().subarray(0, -1)))).toContain('cut short');
    const [first, second] = ggufTensors;
    if (!first || !second) throw new Error('two tensors');
    const twice = [first, second, { ...second }];
    expect(await refusal(readGguf(ggufBytes(ggufMetadata, twice)))).toContain('twice');
    const unknown = [first, { ...second, name: 'blk.0.ffn_gate_exps.weight' }];
    expect(await refusal(readGguf(ggufBytes(ggufMetadata, unknown)))).toContain('ffn_gate_exps');
    expect(await refusal(readGguf(ggufBytes(ggufMetadata, [second])))).toContain('no token_embd.weight');
    const narrow = [first, { ...second, shape: [6, 8], bytes: second.bytes.subarray(0, 192) }];
    expect(await refusal(readGguf(ggufBytes(ggufMetadata, narrow)))).toContain('not of 2 heads');
  });

  test('every cut', async () => {
    const whole = good();
    const dataStart = whole.length - 448;
    for (let length = 0; length < dataStart; length += 17) {
      expect(await refusal(readGguf(whole.subarray(0, length)))).toMatch(
        /cut short|not a GGUF file|more than it has bytes for/,
      );
    }
  });
});

describe('bytes changed at random', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 });

  async function mutated(
    good: Uint8Array,
    within: number,
    edits: [number, number][],
    read: (bytes: Uint8Array) => Promise<void>,
  ) {
    const bytes = Uint8Array.from(good);
    for (const [at, value] of edits) bytes[at % within] = value;
    const before = process.memoryUsage().arrayBuffers;
    try {
      await read(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(ModelFileError);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
  }

  test('safetensors: read, or refused with a ModelFileError', async () => {
    const good = safetensorsBytes([embedding, { ...embedding, name: 'second' }]);
    await fc.assert(
      fc.asyncProperty(changes, (edits) => mutated(good, good.length - 384, edits, readSafetensors)),
      { numRuns: 200 },
    );
  });

  test('GGUF: read, or refused with a ModelFileError', async () => {
    const good = ggufBytes(ggufMetadata, ggufTensors);
    await fc.assert(
      fc.asyncProperty(changes, (edits) => mutated(good, good.length - 448, edits, readGguf)),
      { numRuns: 400 },
    );
  });

  test('config.json and tokenizer.json: read, or refused with a ModelFileError', async () => {
    const files = ['config.json', 'tokenizer.json', 'tokenizer_config.json'] as const;
    const json = fc.json({ maxDepth: 3 });
    const small = await writeFolder(join(root, 'json'));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), json, async (name, content) => {
        await writeFolder(small, { [name]: content });
        await readAll(small).catch((error: unknown) => expect(error).toBeInstanceOf(ModelFileError));
      }),
      { numRuns: 60 },
    );
  });
});
