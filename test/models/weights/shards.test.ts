import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { importModel } from '../../../server/models/importModel.ts';
import { ModelStore } from '../../../server/models/store.ts';
import { temporaryFolder } from '../storeSupport.ts';
import { writeTinyFolder } from '../tinyFolder.ts';
import { embedding, safetensorsBytes } from './writers.ts';

const newStore = () => new ModelStore(temporaryFolder());

const [single, index] = ['model.safetensors', 'model.safetensors.index.json'];

/** A whole model whose index names `shard`, which is not there. */
function withIndex(shard: string): string {
  const folder = writeTinyFolder(path.join(temporaryFolder(), 'tiny'));
  writeFileSync(path.join(folder, index), JSON.stringify({ weight_map: { [embedding.name]: shard, gone: shard } }));
  return folder;
}

describe('the safetensors of a folder', () => {
  it('are the whole model.safetensors, whatever an index beside it says', async () => {
    const folder = withIndex('model-00001-of-00001.safetensors');
    expect((await importModel(newStore(), folder, {})).name).toBe('tiny');
    writeFileSync(path.join(folder, 'model-00001-of-00001.safetensors'), safetensorsBytes([embedding]));
    expect((await importModel(newStore(), folder, {})).name).toBe('tiny');
  });

  it('are the shards where model.safetensors lacks tensors', async () => {
    const folder = writeTinyFolder(path.join(temporaryFolder(), 'tiny'));
    const shard = 'model-00001-of-00001.safetensors';
    const whole = readFileSync(path.join(folder, single));
    const header = JSON.parse(whole.subarray(8, 8 + Number(whole.readBigUInt64LE())).toString());
    writeFileSync(path.join(folder, shard), whole);
    writeFileSync(path.join(folder, single), safetensorsBytes([embedding]));
    const weight_map = Object.fromEntries(Object.keys(header).map((name) => [name, shard]));
    writeFileSync(path.join(folder, index), JSON.stringify({ weight_map }));
    expect((await importModel(newStore(), folder, {})).parameters).toBeGreaterThan(288 * 32);
    rmSync(path.join(folder, shard));
    await expect(importModel(newStore(), folder, {})).rejects.toThrow(/the embedding has 6 rows|the weights lack/);
  });
});
