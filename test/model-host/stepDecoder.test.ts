import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { pickGreedy } from '../../server/model-host/logits.ts';
import { checkBinding } from '../../server/model-host/stepDecoder.ts';
import { toHalf } from '../../server/models/float16.ts';

const { Tensor }: typeof import('onnxruntime-node') = createRequire(import.meta.url)('onnxruntime-node');

const caches = (side: string) => [`${side}.0.key`, `${side}.0.value`];
const inputs = ['input_ids', 'attention_mask', ...caches('past_key_values')];
const outputs = ['logits', ...caches('present')];

describe('checkBinding', () => {
  it.each([[[]], [['position_ids']], [['position_ids', 'num_logits_to_keep']]])('takes the layout with %s', (more) => {
    expect(() => checkBinding({ inputNames: [...inputs, ...more], outputNames: outputs }, 1)).not.toThrow();
  });

  it.each([
    [[...inputs, 'use_cache_branch'], outputs, /merged decoder .*`use_cache_branch`.*import the export without it/],
    [[...inputs, 'beam_idx'], outputs, /input `beam_idx`, which is not known how to fill/],
    [['input_ids', 'attention_mask'], outputs, /no input `past_key_values\.0\.key`: it is no decoder with a cache/],
    [inputs, ['logits'], /no output `present\.0\.key`/],
    [inputs, caches('present'), /no output `logits`/],
  ])('refuses another one', (inputNames, outputNames, sentence) => {
    expect(() => checkBinding({ inputNames, outputNames }, 1)).toThrow(sentence);
  });
});

describe('pickGreedy', () => {
  const rows = [
    [0, 3, 1, 9],
    [2, 2, -1, 9],
  ];

  it.each(['float32', 'float16'] as const)(
    'takes the likeliest id of the last positions in %s, padding left out',
    (type) => {
      const flat = rows.flat();
      const data = type === 'float32' ? Float32Array.from(flat) : Uint16Array.from(flat, toHalf);
      const logits = new Tensor(type, data, [1, 2, 4]);
      expect(pickGreedy(logits, 2, 3).ids).toEqual([1, 0]);
      const { ids, logProbabilities } = pickGreedy(logits, 1, 3);
      expect(ids).toEqual([0]);
      expect(logProbabilities[0]).toBeCloseTo(2 - Math.log(2 * Math.exp(2) + Math.exp(-1)), 5);
    },
  );
});
