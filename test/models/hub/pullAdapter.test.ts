import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AdapterChoice } from '../../../server/models/adapter/adapterChoice.ts';
import { parseHubSpec } from '../../../server/models/hub/hubSpec.ts';
import { type PullOptions, pullModel } from '../../../server/models/hub/pullModel.ts';
import { importModel } from '../../../server/models/importModel.ts';
import { ModelStore } from '../../../server/models/store.ts';
import { tinyAdapter, writeAdapter } from '../adapter/adapters.ts';
import { temporaryFolder } from '../storeSupport.ts';
import { writeTinyFolder } from '../tinyFolder.ts';
import { tinyGguf } from '../tinyGguf.ts';
import { commit, HubServer } from './hubServer.ts';

let base: string;
let hub: HubServer;
let root: string;
let store: ModelStore;
let mine: AdapterChoice;

beforeEach(async () => {
  // Larger than what is fetched of it to look at its header.
  base = writeTinyFolder(path.join(temporaryFolder(), 'tiny'), { vocabulary: 20_000 });
  hub = new HubServer(base);
  await hub.start();
  root = temporaryFolder();
  store = new ModelStore(root);
  mine = { folder: await writeAdapter(path.join(temporaryFolder(), 'Mine'), tinyAdapter) };
});
afterEach(() => hub.stop());

const weights = 'model.safetensors';
/** The tests' own adapter in the place of one that comes with the package. */
const bundled = (): AdapterChoice => ({ ...mine, bundled: { name: 'ours', promptFormat: 'patch' } });

function pull(options: Partial<PullOptions> = {}, spec = 'owner/tiny') {
  const common = { retryMs: 1, precision: 'fp32', env: { HF_ENDPOINT: hub.endpoint } } as const;
  return pullModel(store, root, parseHubSpec(spec), { ...common, ...options });
}

async function installedWeights(name: string): Promise<Buffer> {
  const { folder } = await store.open(name);
  return readFileSync(path.join(folder, 'weights.bin'));
}

/** An adapter of a larger model. */
const unfit = async (): Promise<AdapterChoice> => ({
  folder: await writeAdapter(path.join(temporaryFolder(), 'Other'), {
    ...tinyAdapter,
    adapterTensors: {
      'base_model.model.model.layers.0.mlp.down_proj.lora_A.weight': [2, 128],
      'base_model.model.model.layers.0.mlp.down_proj.lora_B.weight': [64, 2],
    },
  }),
});

describe('pullModel with an adapter', () => {
  it('installs what an import with it installs, which is not the base', async () => {
    const manifest = await pull({ adapter: mine });
    expect(manifest).toMatchObject({
      name: 'tiny-mine',
      source: `owner/tiny@${commit} with ${mine.folder}`,
      promptFormat: 'fewShotBase',
    });
    const imported = await importModel(store, base, { precision: 'fp32', adapter: mine, name: 'imported' });
    expect(imported.source).toBe(`${base} with ${mine.folder}`);
    await pull();
    expect((await installedWeights('tiny-mine')).equals(await installedWeights('imported'))).toBe(true);
    expect((await installedWeights('tiny-mine')).equals(await installedWeights('tiny'))).toBe(false);
  });

  it('takes name and format of one that comes with the package, where none are given', async () => {
    expect(await pull({ adapter: bundled() })).toMatchObject({
      name: 'ours',
      promptFormat: 'patch',
      source: `owner/tiny@${commit} with ours`,
    });
    const given = { name: 'other', promptFormat: 'zeta2' } as const;
    expect(await pull({ adapter: bundled(), ...given })).toMatchObject(given);
  });

  it('merges it into a GGUF file, too', async () => {
    hub.files.set('small.gguf', tinyGguf());
    const down = 'base_model.model.model.layers.0.mlp.down_proj';
    const adapterTensors = { [`${down}.lora_A.weight`]: [2, 16], [`${down}.lora_B.weight`]: [8, 2] };
    const fits = await writeAdapter(path.join(temporaryFolder(), 'Fits'), { ...tinyAdapter, adapterTensors });
    const spec = 'owner/tiny:small.gguf';
    await expect(pull({ adapter: mine }, spec)).rejects.toThrow('name the model that the adapter was trained on');
    expect(await pull({ adapter: { folder: fits } }, spec)).toMatchObject({ name: 'small-fits' });
    await pull({}, spec);
    expect((await installedWeights('small-fits')).equals(await installedWeights('small'))).toBe(false);
  });

  it('goes on where an earlier pull was interrupted, with the adapter or without', async () => {
    const controller = new AbortController();
    const interrupted = pull({
      signal: controller.signal,
      onDownload: (done) => done > 1_200_000 && controller.abort(new Error('interrupted')),
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    hub.seen.length = 0;
    // One that does not fit takes nothing of this away.
    await expect(pull({ adapter: await unfit() })).rejects.toThrow('name the model that the adapter was trained on');
    expect(hub.requestsFor(weights)).toEqual([]);
    await pull({ adapter: mine });
    const [first] = hub.requestsFor(weights);
    expect(Number(/^bytes=(\d+)-$/.exec(first?.range ?? '')?.[1])).toBeGreaterThan(1_000_000);
    expect((await store.list()).map(({ name }) => name)).toEqual(['tiny-mine']);
  });

  it('fetches no more than the header of weights that the adapter does not fit', async () => {
    const adapter = await unfit();
    await expect(pull({ adapter })).rejects.toThrow(
      `${adapter.folder}: its change of model.layers.0.mlp.down_proj.weight is [64, 128], and the model's is [32, 64]; name the model that the adapter was trained on`,
    );
    expect(await store.list()).toEqual([]);
    const [name = ''] = readdirSync(path.join(root, 'downloads')).filter((entry) => !entry.startsWith('.'));
    const folder = path.join(root, 'downloads', name);
    expect(existsSync(path.join(folder, weights))).toBe(false);
    expect(readFileSync(path.join(folder, `${weights}.part`)).length).toBeLessThan(hub.files.get(weights)?.length ?? 0);
  });

  it('asks nothing of the hub where the adapter is damaged', async () => {
    writeFileSync(path.join(mine.folder, 'adapter_model.safetensors'), 'damaged');
    await expect(pull({ adapter: mine })).rejects.toThrow(path.join(mine.folder, 'adapter_model.safetensors'));
    expect(hub.seen).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });

  it('merges no second one into a model that is one of the package with its base', async () => {
    await expect(pull({ adapter: mine }, 'next-patch-0.5b')).rejects.toThrow(
      'next-patch-0.5b has an adapter already; to merge another one, name its base: Qwen/Qwen2.5-Coder-0.5B-Instruct',
    );
    expect(hub.seen).toEqual([]);
  });
});
