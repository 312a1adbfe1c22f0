import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertModel } from '../../../server/models/convert.ts';
import { hasMinimum, takeOffsetBlocks, type WithMinimum } from '../../../server/models/quantize/offsetBlocks.ts';
import type { StoredType, TensorInfo, WeightSource } from '../../../server/models/weightSource.ts';
import { dequantize } from '../../../server/models/weights/dequantize.ts';
import { blockLayouts, bytesOfRow } from '../../../server/models/weights/storedTypes.ts';
import { randomWeights, tinyConfig } from '../../model-host/tinyModel.ts';
import { largestDifference, score } from '../graph/runGraph.ts';
import { temporaryFolder } from '../storeSupport.ts';

/** Random blocks; scales and minima, the first two numbers of each, are small. */
function randomBlocks(type: StoredType, count: number, random: () => number): Uint8Array {
  const { bytes } = blockLayouts[type];
  const raw = Uint8Array.from({ length: count * bytes }, () => Math.floor(random() * 256));
  // Binary16 numbers, such that weights are about as large as in a model; Q6_K has its one at the end.
  const high = { Q4_1: 0x1c, Q4_K: 0x0c, Q6_K: 0x04 }[type as string] ?? 0;
  for (let at = 0; at < raw.length; at += bytes) {
    raw[at + (type === 'Q6_K' ? bytes - 1 : 1)] = high;
    if (type !== 'Q6_K') raw[at + 3] = high + (type === 'Q4_1' ? 0x88 : 8);
  }
  return raw;
}

describe.each(['Q4_1', 'Q4_K'] as const)('blocks of %s', (type: WithMinimum) => {
  it('are taken over as they are', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        fc.integer({ min: 1, max: 4 }),
        (stream, count) => {
          const raw = randomBlocks(type, count, () => stream.next().value ?? 0);
          const { data, scales, offsets } = takeOffsetBlocks(raw, type);
          const numbers = [...data].flatMap((byte) => [byte & 15, byte >>> 4]);
          dequantize(type, raw).forEach((expected, index) => {
            const block = index >> 5;
            const value = ((numbers[index] ?? 0) - 8) * (scales[block] ?? 0) + (offsets[block] ?? 0);
            expect(Math.abs(value - expected)).toBeLessThanOrEqual(2e-6 * (1 + Math.abs(expected)));
          });
        },
      ),
    );
  });
});

/** A model like tinyConfig whose matrices are stored in blocks. */
function storedIn(typeOf: (name: string) => StoredType): WeightSource {
  const config = { ...tinyConfig, hiddenSize: 256, intermediateSize: 512, headSize: 64, layers: 2 };
  const plain = randomWeights(config);
  let state = 1;
  const random = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  const tensors = new Map<string, TensorInfo>();
  const raw = new Map<string, Uint8Array>();
  for (const [name, info] of plain.tensors) {
    const [rows = 0, columns] = info.shape;
    if (columns === undefined) tensors.set(name, info);
    else {
      const type = typeOf(name);
      tensors.set(name, { ...info, type });
      raw.set(name, randomBlocks(type, (rows * columns) / blockLayouts[type].numbers, random));
    }
  }
  const rawRows = ({ name, type, shape }: TensorInfo, first: number, last: number) => {
    const width = bytesOfRow(type, shape[1] ?? 0);
    return raw.get(name)?.subarray(first * width, last * width);
  };
  return {
    ...plain,
    tensors,
    async readRows(tensor, first, last) {
      const rows = rawRows(tensor, first, last);
      return rows ? dequantize(tensor.type, rows) : plain.readRows(tensor, first, last);
    },
    readRawRows: async (tensor, first, last) => rawRows(tensor, first, last) ?? new Uint8Array(),
  };
}

describe('a model in blocks with minima', () => {
  const prompt = [5, 80, 13, 200, 77, 4, 90];

  async function logits(source: WeightSource, precision: 'fp32' | 'int8' | 'int4'): Promise<number[]> {
    const folder = temporaryFolder();
    return (await score(folder, await convertModel(source, folder, { precision }), prompt)).flat();
  }

  it.each([
    ['all in Q4_K', () => 'Q4_K'],
    ['some in Q6_K, also beside others in one matrix', (name) => (/v_proj|1\.mlp\.down/.test(name) ? 'Q6_K' : 'Q4_K')],
  ] as [string, (name: string) => StoredType][])(
    'is as near to the file as 4 bits as it is as 8: %s',
    async (_, typeOf) => {
      const stored = storedIn(typeOf);
      const exact = await logits(stored, 'fp32');
      // Products are of activations in 8 bits, whatever the weights have: no precision is nearer.
      const asNear = largestDifference(exact, await logits(stored, 'int8'));
      expect(largestDifference(exact, await logits(stored, 'int4'))).toBeLessThan(1.5 * asNear);
    },
  );

  it('knows them by their type', () => {
    expect(['Q4_0', 'Q4_1', 'Q4_K', 'Q5_K'].map(hasMinimum)).toEqual([false, true, true, false]);
  });
});
