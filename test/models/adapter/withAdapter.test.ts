import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withAdapter } from '../../../server/models/adapter/withAdapter.ts';
import { convertModel } from '../../../server/models/convert.ts';
import type { WeightSource } from '../../../server/models/weightSource.ts';
import { type DecoderVector, hashedWeights } from '../graph/hashedWeights.ts';
import { largestDifference, score } from '../graph/runGraph.ts';
import { tinyTokenizer } from '../tinyFolder.ts';
import { type AdapterVector, adapterTensor, adapterVectors, writeAdapter } from './adapters.ts';

const vectors = await adapterVectors();

function vectorOf(name: string): AdapterVector {
  const vector = vectors[name];
  if (!vector) throw new Error(`there is no vector ${name}`);
  return vector;
}

const plain = vectorOf('some layers of some modules');
const tied = vectorOf('all linear layers, tied');
const prefix = 'base_model.model.model.layers.1.self_attn.q_proj';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cursorcore-adapter-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const baseOf = (vector: AdapterVector): WeightSource => hashedWeights(vector as unknown as DecoderVector);

async function merged(vector: AdapterVector, files?: Parameters<typeof writeAdapter>[2]): Promise<WeightSource> {
  return await withAdapter(baseOf(vector), await writeAdapter(path.join(folder, 'adapter'), vector, files));
}

describe('a merged adapter', () => {
  it.each(Object.entries(vectors))('has the logits of peft: %s', async (_name, vector) => {
    const source = await merged(vector);
    const model = await convertModel(source, folder, { precision: 'fp32' });
    await source.close();
    const logits = await score(folder, model, vector.prompt);
    for (const [position, reference] of Object.entries(vector.logits)) {
      expect(logits[Number(position)]).toHaveLength(reference.length);
      expect(largestDifference(reference, logits[Number(position)] ?? [])).toBeLessThan(1e-4);
    }
  });

  it.each(['patterns of ranks and alphas', 'the embedding, untied', 'rows of tokens, untied', 'added tokens, tied'])(
    'is read in any pieces: %s',
    async (name) => {
      const source = await merged(vectorOf(name));
      const names = [...source.tensors.values()].filter(({ shape }) => shape.length === 2);
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.nat(), async (tensor, a, b) => {
          const [rows = 0, columns = 0] = tensor.shape;
          const [first = 0, last = 0] = [a % (rows + 1), b % (rows + 1)].sort((x, y) => x - y);
          const whole = await source.readRows(tensor, 0, rows);
          expect(await source.readRows(tensor, first, last)).toEqual(whole.slice(first * columns, last * columns));
        }),
        { numRuns: 30 },
      );
      await source.close();
    },
  );

  it('leaves tensors it does not change in the blocks they are stored in', async () => {
    const base = baseOf(plain);
    const tensors = new Map([...base.tensors].map(([name, tensor]) => [name, { ...tensor, type: 'Q8_0' as const }]));
    const stored = {
      ...base,
      tensors,
      async readRawRows() {
        return Uint8Array.of(1, 2, 3);
      },
    };
    const source = await withAdapter(stored, await writeAdapter(folder, plain));
    const types = [...source.tensors].filter(([, { type }]) => type === 'F32').map(([name]) => name);
    expect(types.sort()).toEqual(['model.layers.1.mlp.down_proj.weight', 'model.layers.1.self_attn.q_proj.weight']);
    const untouched = source.tensors.get('model.layers.0.mlp.down_proj.weight');
    if (!untouched) throw new Error('there is no such tensor');
    expect(await source.readRawRows(untouched, 0, 1)).toEqual(Uint8Array.of(1, 2, 3));
    await source.close();
  });

  it('has the tokenizer that lies in its folder, and ends where that says', async () => {
    const vector = vectorOf('rows of tokens, untied');
    const wide = { ...vector, config: { ...vector.config, vocab_size: 300 } };
    const tensors = { ...vector.tensors, 'model.embed_tokens.weight': [300, 64], 'lm_head.weight': [300, 64] };
    await writeAdapter(folder, vector);
    await writeFile(path.join(folder, 'tokenizer.json'), JSON.stringify(tinyTokenizer(['<|next_end|>'])));
    await writeFile(path.join(folder, 'tokenizer_config.json'), JSON.stringify({ eos_token: '<|next_end|>' }));
    const source = await withAdapter(baseOf({ ...wide, tensors }), folder);
    expect(source.config.endOfSequence).toEqual([257]);
    expect(JSON.stringify(source.tokenizer.tokenizer)).toContain('<|next_end|>');
    await source.close();
    await expect(withAdapter(baseOf(vector), folder)).rejects.toThrow('the tokenizer goes up to token 257');
  });
});

describe('refused with a sentence that says why', () => {
  const config = (changes: object) => ({ config: { ...plain.adapter, ...changes } });
  it.each([
    ['another kind', config({ peft_type: 'IA3' }), 'an adapter of kind "IA3" cannot be merged, only LORA'],
    ['another task', config({ task_type: 'SEQ_CLS' }), 'for "SEQ_CLS" and not for writing text'],
    ['DoRA', config({ use_dora: true }), 'has `use_dora` (DoRA'],
    ['transposed matrices', config({ fan_in_fan_out: true }), 'has `fan_in_fan_out` (matrices that lie transposed'],
    ['biases of LoRA', config({ lora_bias: true }), 'has `lora_bias`'],
    ['repeated layers', config({ layer_replication: [[0, 2]] }), 'has `layer_replication`'],
    ['targeted parameters', config({ target_parameters: ['w'] }), 'has `target_parameters` (which is not known here)'],
    ['what peft may bring', config({ use_something_new: true }), 'has `use_something_new` (which is not known here)'],
    ['PiSSA', config({ init_lora_weights: 'pissa_niter_4' }), 'began from other weights than the model'],
    ['no rank', config({ r: null }), 'adapter_config.json: r is missing or not a value it can have'],
    ['a rank of nothing', config({ r: 0 }), 'r is missing or not a value it can have'],
    ['another rank', config({ r: 2 }), 'by adapter_config.json their rank is 2; the two files are not of one adapter'],
    ['a broken pattern', config({ alpha_pattern: { '(?P<x>q)': 2 } }), 'the pattern "(?P<x>q)" of a rank or an alpha'],
    [
      'a pattern without end',
      config({ rank_pattern: { '((?:\\w|\\.)+)+!': 2 } }),
      'of a rank or an alpha cannot be used',
    ],
    ['no JSON', { config: 'r: 8' }, 'adapter_config.json is not JSON'],
    ['no tensors', { tensors: [] }, 'has no tensors'],
    [
      'half a product',
      { tensors: [adapterTensor(`${prefix}.lora_A.weight`, [4, 64])] },
      'has one of the two matrices for model.layers.1.self_attn.q_proj',
    ],
    [
      'a magnitude',
      { tensors: [adapterTensor(`${prefix}.lora_magnitude_vector`, [64])] },
      'what its tensor base_model.model.model.layers.1.self_attn.q_proj.lora_magnitude_vector does is not known',
    ],
    [
      'a bias of LoRA',
      { tensors: [adapterTensor(`${prefix}.lora_B.bias`, [64])] },
      'lora_B.bias does is not known here',
    ],
    ['other names', { tensors: [adapterTensor('q_proj.lora_A.weight', [4, 64])] }, 'q_proj.lora_A.weight does is not'],
    [
      'another model',
      {
        tensors: [
          adapterTensor(`${prefix}.lora_A.weight`, [4, 128]),
          adapterTensor(`${prefix}.lora_B.weight`, [64, 4]),
        ],
      },
      "is [64, 128], and the model's is [64, 64]; name the model that the adapter was trained on",
    ],
    [
      'more layers',
      {
        tensors: [
          adapterTensor(`${prefix.replace('1', '2')}.lora_A.weight`, [4, 64]),
          adapterTensor(`${prefix.replace('1', '2')}.lora_B.weight`, [64, 4]),
        ],
      },
      'it changes model.layers.2.self_attn.q_proj.weight, which the model does not have',
    ],
    [
      'a norm of another size',
      { tensors: [adapterTensor('base_model.model.model.norm.weight', [32])] },
      "its model.norm.weight is [32], and the model's [64]",
    ],
  ])('%s', async (_name, files, message) => {
    await expect(merged(plain, files)).rejects.toThrow(message);
    await expect(merged(plain, files)).rejects.toHaveProperty('name', 'ModelFileError');
  });

  it.each([
    ['the head', ['lm_head.lora_A.weight', [4, 64]], ['lm_head.lora_B.weight', [160, 4]]],
    [
      'the embedding',
      ['model.embed_tokens.lora_embedding_A', [4, 160]],
      ['model.embed_tokens.lora_embedding_B', [64, 4]],
    ],
    ['the whole head', ['lm_head.weight', [160, 64]]],
  ] as [string, ...[string, number[]][]][])('%s alone, which the embedding shares', async (_name, ...shapes) => {
    const tensors = shapes.map(([name, shape]) => adapterTensor(`base_model.model.${name}`, shape));
    await expect(merged(tied, { tensors })).rejects.toThrow('are one matrix in this model');
  });

  it('a folder without an adapter', async () => {
    await expect(withAdapter(baseOf(plain), folder)).rejects.toThrow(`${folder} has no adapter_config.json`);
    await writeAdapter(folder, plain);
    await rm(path.join(folder, 'adapter_model.safetensors'));
    await expect(withAdapter(baseOf(plain), folder)).rejects.toThrow(
      'has no adapter_model.safetensors that can be read',
    );
  });
});
