import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHalf } from '../../../server/models/float16.ts';
import { openWeights } from '../../../server/models/weights/openWeights.ts';
import { withSharedVocabulary } from '../../../server/models/weights/sharedVocabulary.ts';
import { requireTensor } from './requireTensor.ts';
import { ggufBytes, ggufMetadata, type TensorToWrite } from './writers.ts';

const [rows, columns] = [6, 32];
/** Numbers that look like weights, always the same. */
const numbers = (seed: number) =>
  Float32Array.from({ length: rows * columns }, (_, i) => Math.sin((i + 1) * (1.7 + seed)) * Math.cos(i * 0.37 + seed));

/** Blocks of 32 numbers with one scale, as ggml rounds them. */
function blocks(values: Float32Array, type: 'Q8_0' | 'Q4_0'): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < values.length; at += 32) {
    const block = values.subarray(at, at + 32);
    const largest = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const scale = type === 'Q8_0' ? Math.abs(largest) / 127 : largest / -8;
    const half = toHalf(scale);
    out.push(half & 255, half >> 8);
    const whole = [...block].map((value) => Math.round(value / scale));
    if (type === 'Q8_0') out.push(...whole.map((value) => value & 255));
    else {
      const nibble = (i: number) => Math.min(15, Math.max(0, (whole[i] ?? 0) + 8));
      for (let i = 0; i < 16; i++) out.push(nibble(i) | (nibble(i + 16) << 4));
    }
  }
  return Uint8Array.from(out);
}

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'shared-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const tensor = (name: string, type: string, bytes: Uint8Array): TensorToWrite => ({
  name: `${name}.weight`,
  shape: [rows, columns],
  type,
  bytes,
});

async function shared(embedding: TensorToWrite, head?: TensorToWrite) {
  const path = join(root, 'model.gguf');
  const metadata = { ...ggufMetadata, 'llama.embedding_length': columns, 'llama.rope.dimension_count': columns / 2 };
  await writeFile(path, ggufBytes(metadata, [embedding, ...(head ? [head] : [])]));
  const source = await openWeights(path);
  try {
    const one = await withSharedVocabulary(source);
    const kept = requireTensor(one, 'model.embed_tokens.weight', [rows, columns]);
    return {
      tied: one.config.tiedEmbeddings,
      hasHead: one.tensors.has('lm_head.weight'),
      type: kept.type,
      values: await one.readRows(kept, 0, rows),
      raw: await one.readRawRows(kept, 1, 2),
    };
  } finally {
    await source.close();
  }
}

describe('embedding and head', () => {
  const values = numbers(0);
  const [fine, rough] = [blocks(values, 'Q8_0'), blocks(values, 'Q4_0')];

  test('that are one matrix, rounded twice, become one: the finer of the two', async () => {
    for (const [first, second] of [
      ['Q4_0', 'Q8_0'],
      ['Q8_0', 'Q4_0'],
    ] as const) {
      const bytes = { Q8_0: fine, Q4_0: rough };
      const one = await shared(tensor('token_embd', first, bytes[first]), tensor('output', second, bytes[second]));
      expect(one).toMatchObject({ tied: true, hasHead: false, type: 'Q8_0' });
      expect(one.raw).toEqual(fine.subarray(34, 68));
      expect([...one.values].every((value, i) => Math.abs(value - (values[i] ?? 0)) < 0.01)).toBe(true);
    }
  });

  test('that differ in one row alone stay two', async () => {
    const other = values.slice();
    for (let i = 4 * columns; i < 5 * columns; i++) other[i] = -(other[i] ?? 0);
    const two = await shared(tensor('token_embd', 'Q4_0', rough), tensor('output', 'Q8_0', blocks(other, 'Q8_0')));
    expect(two).toMatchObject({ tied: false, hasHead: true, type: 'Q4_0' });
  });

  test('that are not rounded have to be the same', async () => {
    const near = values.map((value) => value * 1.001);
    const bytes = (of: Float32Array) => new Uint8Array(of.buffer);
    const plain = tensor('token_embd', 'F32', bytes(values));
    expect(await shared(plain, tensor('output', 'F32', bytes(near)))).toMatchObject({ tied: false, hasHead: true });
    expect(await shared(plain, tensor('output', 'F32', bytes(values)))).toMatchObject({ tied: true, hasHead: false });
  });

  test('that are one already stay so', async () => {
    expect(await shared(tensor('token_embd', 'Q8_0', fine))).toMatchObject({
      tied: true,
      hasHead: false,
      type: 'Q8_0',
    });
  });
});
