import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { convertModel } from '../../server/models/convert.ts';
import { precisions } from '../../server/models/manifest.ts';
import { ModelFileError, type WeightSource } from '../../server/models/weightSource.ts';
import { randomWeights, tinyConfig } from '../model-host/tinyModel.ts';
import { temporaryFolder } from './storeSupport.ts';

/** Weights one of whose tensors holds `value`. */
function withValue(tensor: string, value: number): WeightSource {
  const source = randomWeights(tinyConfig);
  return {
    ...source,
    async readRows(info, first, last) {
      const rows = await source.readRows(info, first, last);
      if (info.name === tensor) rows[rows.length - 1] = value;
      return rows;
    },
  };
}

describe.each(precisions)('weights that are no numbers, in %s', (precision) => {
  it.each([
    ['model.layers.1.mlp.down_proj.weight', Number.NaN],
    ['model.layers.0.self_attn.k_proj.bias', Number.NEGATIVE_INFINITY],
    ['lm_head.weight', Number.POSITIVE_INFINITY],
  ])('are refused: %s, %d', async (tensor, value) => {
    const conversion = convertModel(withValue(tensor, value), temporaryFolder(), { precision });
    await expect(conversion).rejects.toThrow(ModelFileError);
    await expect(convertModel(withValue(tensor, value), temporaryFolder(), { precision })).rejects.toThrow(
      `${tensor} holds values that are no numbers (NaN or infinite): the weights are damaged`,
    );
  });

  it('while large ones are not', async () => {
    const folder = temporaryFolder();
    await convertModel(withValue('lm_head.weight', 1e5), folder, { precision });
    expect(readdirSync(folder)).toContain('weights.bin');
  });
});
