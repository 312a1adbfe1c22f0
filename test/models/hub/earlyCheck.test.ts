import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseHubSpec } from '../../../server/models/hub/hubSpec.ts';
import { pullModel } from '../../../server/models/hub/pullModel.ts';
import { ModelStore } from '../../../server/models/store.ts';
import { temporaryFolder } from '../storeSupport.ts';
import { writeTinyFolder } from '../tinyFolder.ts';
import { ggufBytes, ggufMetadata, ggufTensors, safetensorsBytes } from '../weights/writers.ts';
import { HubServer } from './hubServer.ts';

let hub: HubServer;
let root: string;
let store: ModelStore;
/** Larger than what is fetched of weights to look at their header, by far. */
const large = 48 * 2 ** 20;

beforeEach(async () => {
  hub = new HubServer(writeTinyFolder(path.join(temporaryFolder(), 'tiny')));
  await hub.start();
  root = temporaryFolder();
  store = new ModelStore(root);
});
afterEach(() => hub.stop());

const pull = (spec = 'owner/tiny') =>
  pullModel(store, root, parseHubSpec(spec), { retryMs: 1, env: { HF_ENDPOINT: hub.endpoint } });

function change(name: string, values: object): void {
  const old = JSON.parse(hub.files.get(name)?.toString() ?? '{}');
  hub.files.set(name, Buffer.from(JSON.stringify({ ...old, ...values })));
}

/** What was asked of weights. */
const weightsAsked = () =>
  hub.seen.filter(({ url }) => /\/resolve\/.*\.(safetensors|gguf)$/.test(url)).map(({ url }) => path.basename(url));

async function expectRefused(words: RegExp | string, spec?: string): Promise<void> {
  await expect(pull(spec)).rejects.toThrow(words);
  expect(await store.list()).toEqual([]);
  const downloads = path.join(root, 'downloads');
  expect(existsSync(downloads) ? readdirSync(downloads).filter((name) => name !== '.locks') : []).toEqual([]);
}

const shardNames = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
const index = 'model.safetensors.index.json';

describe('a model that cannot be imported', () => {
  const config = (values: object) => () => change('config.json', values);
  it.each<[string, () => unknown, RegExp | string]>([
    ['its architecture', config({ architectures: ['PhiForCausalLM'] }), 'PhiForCausalLM models cannot be run'],
    ['its quantisation', config({ quantization_config: { quant_method: 'gptq' } }), 'quantised by "gptq"'],
    ['YaRN', config({ rope_scaling: { type: 'yarn', factor: 4 } }), /"yarn" cannot be run.*remove rope_scaling/],
    ['longrope', config({ rope_scaling: { type: 'longrope' } }), /"longrope" cannot be run; take the release/],
    [
      'its sliding window',
      config({ use_sliding_window: true, sliding_window: 16, max_window_layers: 0 }),
      'a sliding window cannot be run',
    ],
    ['its heads', config({ num_attention_heads: 3 }), 'do not go together'],
    ['a tokenizer that is not there', () => hub.files.delete('tokenizer.json'), 'has no tokenizer.json'],
    ['a tokenizer of an unknown kind', () => change('tokenizer.json', { model: { type: 'Unigram' } }), '"Unigram"'],
    [
      'a control token without an id',
      () => change('special_tokens_map.json', { eos_token: '<|gone|>' }),
      '"<|gone|>" is named and no file tells its id',
    ],
    ['more tokens than weights', () => change('added_tokens.json', { '<x>': 9999 }), 'up to token 9999'],
    [
      'shards without an index',
      () => {
        hub.files.delete('model.safetensors');
        hub.files.set(shardNames[0], Buffer.alloc(10));
      },
      `has ${shardNames[0]} and no ${index}`,
    ],
    [
      'shards that are not all there',
      () => {
        hub.files.delete('model.safetensors');
        hub.files.set(shardNames[0], Buffer.alloc(10));
        change(index, { weight_map: { a: shardNames[1] } });
      },
      `has no ${shardNames[1]}, which ${index} says it has`,
    ],
  ])('for %s is refused before weights are fetched', async (_, prepare, words) => {
    prepare();
    await expectRefused(words);
    expect(weightsAsked()).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    ['their type', 'I32', /is stored as I32, and only/],
    ['what they lack', 'F32', /the weights lack model\.norm\.weight/],
  ])('for %s in the header of its weights is refused with that header alone', async (_, type, words) => {
    const bytes = Buffer.alloc(large);
    const tensor = { name: 'model.embed_tokens.weight', shape: [288, large / 4 / 288], type, bytes };
    hub.files.set(
      'model.safetensors',
      Buffer.from(
        safetensorsBytes([
          { ...tensor, shape: [288, 32], bytes: bytes.subarray(0, 36_864) },
          { name: 'filler', shape: [large / 4], type, bytes },
        ]),
      ),
    );
    await expectRefused(words);
    expect(hub.requestsFor('model.safetensors').map(({ range }) => range)).toEqual(['bytes=0-1048575']);
  });

  it.each<[object, RegExp]>([
    [{ 'general.architecture': 'phi3' }, /the architecture phi3 cannot be run/],
    [{ 'llama.rope.scaling.type': 'yarn' }, /"yarn" cannot be run/],
    [{ 'tokenizer.ggml.model': 't5' }, /a tokenizer of kind "t5" cannot be rebuilt/],
  ])('as GGUF with %j is refused with its header alone', async (metadata, words) => {
    const filler = { name: 'blk.0.attn_v.weight', shape: [large / 32, 8], type: 'F32', bytes: Buffer.alloc(large) };
    hub.files.set('x.gguf', Buffer.from(ggufBytes({ ...ggufMetadata, ...metadata }, [...ggufTensors, filler])));
    await expectRefused(words, 'owner/tiny:x.gguf');
    expect(hub.requestsFor('x.gguf').map(({ range }) => range)).toEqual(['bytes=0-8388607']);
  });

  it('is not refused for what an earlier process left of it', async () => {
    const target = async () => {
      await pullModel(store, root, parseHubSpec('owner/tiny'), {
        env: { HF_ENDPOINT: hub.endpoint },
        keepDownload: true,
        force: true,
      });
      const [folder = ''] = readdirSync(path.join(root, 'downloads')).filter((name) => !name.startsWith('.'));
      return path.join(root, 'downloads', folder, 'model.safetensors');
    };
    const place = await target();
    truncateSync(place, 10_000);
    writeFileSync(`${place}.part`, Buffer.alloc(5000));
    await pullModel(store, root, parseHubSpec('owner/tiny'), { env: { HF_ENDPOINT: hub.endpoint }, force: true });
    expect(await store.list()).toMatchObject([{ manifest: { name: 'tiny' } }]);
  });
});

describe('a model in several files', () => {
  it('is fetched whole where the index names the files, whatever they are called', async () => {
    const whole = hub.files.get('model.safetensors') ?? Buffer.alloc(0);
    const header = JSON.parse(whole.subarray(8, 8 + Number(whole.readBigUInt64LE())).toString());
    hub.files.delete('model.safetensors');
    hub.files.set('weights-a.safetensors', whole);
    hub.files.set('weights-b.safetensors', Buffer.alloc(10));
    const weight_map = Object.fromEntries(Object.keys(header).map((name) => [name, 'weights-a.safetensors']));
    change(index, { weight_map });
    await pull();
    expect(new Set(weightsAsked())).toEqual(new Set(['weights-a.safetensors']));
    expect(await store.list()).toHaveLength(1);
  });

  it('is the one file that is whole, where a stale index lies beside it', async () => {
    hub.files.set(shardNames[0], Buffer.alloc(10));
    change(index, { weight_map: { a: shardNames[0], b: shardNames[1] } });
    await pull();
    expect(new Set(weightsAsked())).toEqual(new Set(['model.safetensors']));
    expect(await store.list()).toHaveLength(1);
  });

  it('is fetched with all parts of a split GGUF file, whichever is named', async () => {
    const part = (number: number) => ({ 'split.no': number, 'split.count': 2, 'split.tensors.count': 2 });
    const names = ['q8-00001-of-00002.gguf', 'q8-00002-of-00002.gguf'] as const;
    hub.files.set(names[0], Buffer.from(ggufBytes({ ...ggufMetadata, ...part(0) }, ggufTensors.slice(0, 1))));
    hub.files.set(names[1], Buffer.from(ggufBytes(part(1), ggufTensors.slice(1))));
    // Its few tensors make no model, which shows that both parts were read.
    await expectRefused(/the weights lack model\.norm\.weight/, `owner/tiny:${names[1]}`);
    expect(new Set(weightsAsked())).toEqual(new Set(names));
  });
});
