import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { importModel } from '../../server/models/importModel.ts';
import { ModelStore } from '../../server/models/store.ts';
import { tinyAdapter, writeAdapter } from './adapter/adapters.ts';
import { temporaryFolder } from './storeSupport.ts';
import { tinyGguf } from './tinyGguf.ts';

describe('a vocabulary that a GGUF file holds twice', () => {
  const vocabulary = 257 * 8;

  /** How many numbers are installed, with an adapter of a matrix of this shape, or without one. */
  async function installed({ head = true, adapted }: { head?: boolean; adapted?: [string, number, number] }) {
    const folder = temporaryFolder();
    const file = path.join(folder, 'model.gguf');
    writeFileSync(file, tinyGguf({ head }));
    const [module = '', rows = 0, columns = 0] = adapted ?? [];
    const matrix = `base_model.model.${module}.lora`;
    const adapterTensors = { [`${matrix}_A.weight`]: [2, columns], [`${matrix}_B.weight`]: [rows, 2] };
    const adapter = path.join(folder, 'adapter');
    if (adapted) await writeAdapter(adapter, { ...tinyAdapter, adapterTensors });
    const chosen = adapted ? { adapter: { folder: adapter } } : {};
    return (await importModel(new ModelStore(folder), file, { precision: 'fp32', ...chosen })).parameters;
  }

  it('is installed once, also where an adapter changes other matrices', async () => {
    const once = await installed({ head: false });
    expect(await installed({})).toBe(once);
    expect(await installed({ adapted: ['model.layers.0.mlp.down_proj', 8, 16] })).toBe(once);
  });

  it('is installed twice where an adapter changes one of the two', async () => {
    const once = await installed({ head: false });
    expect(await installed({ adapted: ['lm_head', 257, 8] })).toBe(once + vocabulary);
  });
});
