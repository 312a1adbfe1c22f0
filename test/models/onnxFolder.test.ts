import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { importModel } from '../../server/models/importModel.ts';
import { readOnnxHeader } from '../../server/models/onnxHeader.ts';
import { ModelStore } from '../../server/models/store.ts';
import { temporaryFolder } from './storeSupport.ts';
import { tinyTokenizer } from './tinyFolder.ts';

const float = 1;
const float16 = 10;
const int64 = 7;

interface TinyOnnx {
  readonly layers?: number;
  readonly cacheType?: number;
  readonly kvHeads?: number | string;
  readonly vocabulary?: number;
  readonly inputs?: readonly string[];
  readonly withoutInput?: string;
  readonly withoutOutput?: string;
  readonly operator?: string;
  /** Where the weights lie; within the file without it. */
  readonly location?: string;
}

function value(name: string, elemType: number, dims: readonly (number | string)[]): onnx.IValueInfoProto {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/** A decoder in the layout of transformers.js, as far as its declarations go. */
function tinyOnnx(options: TinyOnnx = {}): Buffer {
  const { layers = 2, cacheType = float, kvHeads = 2, vocabulary = 300, operator = 'MatMul', location } = options;
  const cache = (prefix: string, length: string) =>
    Array.from({ length: layers }, (_, layer) =>
      ['key', 'value'].map((part) => value(`${prefix}.${layer}.${part}`, cacheType, ['batch', kvHeads, length, 8])),
    ).flat();
  const tokens = ['input_ids', 'attention_mask', 'position_ids', ...(options.inputs ?? [])];
  const weights: onnx.ITensorProto =
    location === undefined
      ? { name: 'w', dataType: float, dims: [300_000], rawData: new Uint8Array(1_200_000) }
      : {
          name: 'w',
          dataType: float,
          dims: [4],
          dataLocation: 1,
          externalData: Object.entries({ location, offset: '2', length: '5' }).map(([key, value]) => ({ key, value })),
        };
  const inner: onnx.IGraphProto = { name: 'branch', node: [{ opType: 'Add', input: ['a', 'b'], output: ['c'] }] };
  const model: onnx.IModelProto = {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'decoder',
      node: [
        { opType: operator, input: ['x', 'w'], output: ['y'] },
        { opType: 'If', input: ['y'], output: ['z'], attribute: [{ name: 'then_branch', type: 5, g: inner }] },
      ],
      initializer: [weights],
      input: [
        ...tokens.map((name) => value(name, int64, ['batch', 'tokens'])),
        ...cache('past_key_values', 'past'),
      ].filter(({ name }) => name !== options.withoutInput),
      output: [value('logits', float, ['batch', 'tokens', vocabulary]), ...cache('present', 'total')].filter(
        ({ name }) => name !== options.withoutOutput,
      ),
    },
  };
  return Buffer.from(onnx.ModelProto.encode(model).finish());
}

/** A folder with these ONNX files and what transformers.js keeps beside them. */
function folderOf(files: Record<string, Buffer | string>, config: object = {}): string {
  const folder = path.join(temporaryFolder(), 'Tiny-ONNX');
  mkdirSync(path.join(folder, 'onnx'), { recursive: true });
  const all = {
    'config.json': JSON.stringify({ architectures: ['LlamaForCausalLM'], max_position_embeddings: 99, ...config }),
    'tokenizer.json': JSON.stringify(tinyTokenizer()),
    'tokenizer_config.json': JSON.stringify({ eos_token: '<|endoftext|>', chat_template: '{{ messages }}' }),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) writeFileSync(path.join(folder, name), content);
  return folder;
}

const newStore = () => new ModelStore(temporaryFolder());

describe('import of an ONNX decoder', () => {
  it('takes the layout of transformers.js, with weights in files of their own', async () => {
    const store = newStore();
    const inputs = ['num_logits_to_keep'];
    const model = tinyOnnx({ inputs, operator: 'MatMulNBits', location: 'model_q4.onnx_data' });
    const folder = folderOf({
      'onnx/model_q4.onnx': model,
      'onnx/model_q4.onnx_data': 'weights',
      'onnx/model.onnx': tinyOnnx(),
      'onnx/unrelated.bin': 'no',
    });
    const manifest = await importModel(store, folder, {});
    expect(manifest).toMatchObject({
      name: 'tiny-onnx',
      source: folder,
      architecture: 'LlamaForCausalLM',
      precision: 'int4',
      promptFormat: 'fewShotInstruct',
      contextLength: 99,
      decoder: {
        layout: 'step',
        files: { cpu: 'model_q4.onnx' },
        layers: 2,
        kvHeads: 2,
        headSize: 8,
        vocabularySize: 300,
        endOfSequence: [256],
      },
    });
    expect(manifest.files.map(({ name }) => name)).toEqual([
      'model_q4.onnx',
      'model_q4.onnx_data',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const { folder: installed } = await store.open('tiny-onnx');
    expect(await readFile(path.join(installed, 'model_q4.onnx'))).toEqual(model);
  });

  it('takes the variant of the precision that is asked for, or the file that is named', async () => {
    const store = newStore();
    const folder = folderOf({
      'onnx/model_quantized.onnx': tinyOnnx({ operator: 'MatMulInteger' }),
      'onnx/model_fp16.onnx': tinyOnnx({ cacheType: float16 }),
      'onnx/model.onnx': tinyOnnx(),
    });
    const imported = async (place: string, precision?: 'fp32' | 'fp16' | 'int8' | 'int4') =>
      (await importModel(store, place, { force: true, ...(precision ? { precision } : {}) })).decoder.files;
    expect(await imported(folder)).toEqual({ cpu: 'model_quantized.onnx' });
    expect(await imported(folder, 'fp32')).toEqual({ cpu: 'model.onnx' });
    // What keeps its cache in half precision can run on a GPU.
    expect(await imported(folder, 'fp16')).toEqual({ cpu: 'model_fp16.onnx', cuda: 'model_fp16.onnx' });
    expect(await imported(path.join(folder, 'onnx', 'model.onnx'))).toEqual({ cpu: 'model.onnx' });
    await expect(imported(folder, 'int4')).rejects.toThrow('has no decoder in int4, only model.onnx, model_fp16.onnx');
    await expect(imported(path.join(folder, 'onnx', 'model.onnx'), 'int4')).rejects.toThrow(
      'was exported as fp32 and cannot be made int4',
    );
  });

  it('takes the layout of onnxruntime-genai, with sizes from genai_config.json', async () => {
    const folder = folderOf({ 'model.onnx': tinyOnnx({ kvHeads: 'heads' }) }, { architectures: undefined });
    writeFileSync(
      path.join(folder, 'genai_config.json'),
      JSON.stringify({
        model: {
          type: 'llama',
          context_length: 77,
          eos_token_id: [5, 256],
          decoder: {
            filename: 'model.onnx',
            head_size: 8,
            num_key_value_heads: 4,
            num_hidden_layers: 2,
            inputs: { input_ids: 'input_ids', past_key_names: 'past_key_values.%d.key' },
          },
        },
      }),
    );
    expect(await importModel(newStore(), folder, {})).toMatchObject({
      architecture: 'llama',
      contextLength: 77,
      decoder: { layers: 2, kvHeads: 4, headSize: 8, endOfSequence: [256, 5] },
    });
    for (const [decoder, message] of [
      [{ filename: '../model.onnx' }, 'which is no file of this folder'],
      [{ filename: 'model.onnx', inputs: { input_ids: 'ids' } }, 'only the usual name input_ids is supported'],
    ] as const) {
      writeFileSync(path.join(folder, 'genai_config.json'), JSON.stringify({ model: { decoder } }));
      await expect(importModel(newStore(), folder, {})).rejects.toThrow(message);
    }
  });

  it.each([['../w.bin'], ['/etc/passwd'], ['sub/w.bin'], ['..'], [''], ['tokenizer.json'], ['Model.json']])(
    'does not follow weights to %j',
    async (location) => {
      const folder = folderOf({ 'onnx/model.onnx': tinyOnnx({ location }) });
      await expect(importModel(newStore(), folder, {})).rejects.toThrow('which is no file beside it');
    },
  );

  it('wants the weights to be there, as a file', async () => {
    const folder = folderOf({ 'onnx/model.onnx': tinyOnnx({ location: 'w.bin' }) });
    await expect(importModel(newStore(), folder, {})).rejects.toThrow('needs w.bin beside it, which is not there');
    const file = path.join(folder, 'onnx', 'w.bin');
    writeFileSync(file, 'weight');
    await expect(importModel(newStore(), folder, {})).rejects.toThrow('w.bin is cut short: it has 6 bytes of 7');
    rmSync(file);
    mkdirSync(file);
    await expect(importModel(newStore(), folder, {})).rejects.toThrow('needs w.bin beside it');
  });

  it('follows links to files, as the cache of the hub has them', async () => {
    const folder = folderOf({ 'onnx/model.onnx': tinyOnnx({ location: 'w.bin' }) });
    const blob = path.join(folder, 'blob');
    writeFileSync(blob, 'weights');
    symlinkSync(blob, path.join(folder, 'onnx', 'w.bin'));
    const store = newStore();
    expect((await importModel(store, folder, {})).files.map(({ name }) => name)).toContain('w.bin');
    renameSync(blob, `${blob}-moved`);
    const { folder: installed, manifest } = await store.open('tiny-onnx');
    expect(await store.verify(installed, manifest)).toEqual([]);
  });

  it.each<[TinyOnnx, string]>([
    [{ inputs: ['use_cache_branch'] }, 'it is an old merged export'],
    [{ inputs: ['pixel_values'] }, 'it has the input `pixel_values`, which is not known'],
    [{ withoutInput: 'input_ids' }, 'it has no input `input_ids`'],
    [{ withoutInput: 'past_key_values.1.value' }, 'it has no input `past_key_values.1.value`'],
    [{ withoutOutput: 'present.0.key' }, 'it has no output `present.0.key`'],
    [{ withoutOutput: 'logits' }, 'it has no output `logits`'],
    [{ layers: 0 }, 'it has no key-value cache'],
    [{ layers: 3 }, 'it has a cache of 3 layers, and its configuration tells of 2'],
    [{ kvHeads: 2 ** 62 }, 'its key-value cache is declared with 4611686018427388000 heads of 8, which cannot be'],
    [{ vocabulary: 200 }, 'its `logits` are of 200 tokens, and its tokenizer goes up to token 256'],
    [{ cacheType: 9 }, 'its key-value cache is of neither float nor float16'],
  ])('refuses %j: %s', async (options, message) => {
    const folder = folderOf({ 'onnx/model.onnx': tinyOnnx(options) }, { num_hidden_layers: 2 });
    await expect(importModel(newStore(), folder, {})).rejects.toThrow(message);
  });

  it('refuses a tokenizer that cannot be used', async () => {
    const tokenizer = JSON.stringify({ model: { type: 'BPE', vocab: { '<|endoftext|>': 0 }, merges: [] } });
    const folder = folderOf({ 'onnx/model.onnx': tinyOnnx(), 'tokenizer.json': tokenizer }, { eos_token_id: 0 });
    await expect(importModel(newStore(), folder, {})).rejects.toThrow("the model's tokenizer cannot be used");
  });

  it('refuses several files of which none is known, and what does not tell its context', async () => {
    const folder = folderOf({ 'onnx/a.onnx': tinyOnnx(), 'onnx/b.onnx': tinyOnnx() });
    await expect(importModel(newStore(), folder, {})).rejects.toThrow('has several ONNX files (a.onnx, b.onnx)');
    const short = folderOf({ 'onnx/model.onnx': tinyOnnx() }, { max_position_embeddings: undefined });
    await expect(importModel(newStore(), short, {})).rejects.toThrow('tells how long its context is');
  });
});

describe('readOnnxHeader', () => {
  it('tells what the whole file says, without its weights', async () => {
    const file = path.join(temporaryFolder(), 'x.onnx');
    const bytes = tinyOnnx({ operator: 'MatMulNBits' });
    writeFileSync(file, bytes);
    const header = await readOnnxHeader(file);
    const { graph } = onnx.ModelProto.decode(bytes);
    expect(header.inputs.map(({ name }) => name)).toEqual(graph?.input?.map(({ name }) => name));
    expect(header.outputs.map(({ name }) => name)).toEqual(graph?.output?.map(({ name }) => name));
    expect(header.inputs.at(-1)).toEqual({
      name: 'past_key_values.1.value',
      elementType: float,
      shape: ['batch', 2, 'past', 8],
    });
    // Those of a branch too.
    expect([...header.operators]).toEqual(['MatMulNBits', 'If', 'Add']);
    expect(header.externalFiles.size).toBe(0);
  });

  it('says of anything else that it is no ONNX model, and takes no long time for it', async () => {
    const file = path.join(temporaryFolder(), 'x.onnx');
    const model = tinyOnnx({ location: 'w.bin' });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.tuple(fc.nat(model.length - 1), fc.nat(255)).map(([at, byte]) => {
            const changed = Uint8Array.from(model);
            changed[at] = byte;
            return changed;
          }),
          fc.nat(model.length - 1).map((length) => model.subarray(0, length)),
        ),
        async (bytes) => {
          writeFileSync(file, bytes);
          await readOnnxHeader(file).catch((error: unknown) => {
            expect(error).toMatchObject({
              name: 'ModelFileError',
              message: expect.stringContaining('is not an ONNX model'),
            });
          });
        },
      ),
    );
  });

  it('does not follow subgraphs without end', async () => {
    let graph: onnx.IGraphProto = {};
    for (let depth = 0; depth < 100; depth++) graph = { node: [{ attribute: [{ name: 'g', type: 5, g: graph }] }] };
    const file = path.join(temporaryFolder(), 'x.onnx');
    writeFileSync(file, onnx.ModelProto.encode({ graph }).finish());
    await expect(readOnnxHeader(file)).rejects.toThrow('is not an ONNX model');
  });
});
