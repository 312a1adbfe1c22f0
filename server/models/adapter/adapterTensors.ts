import { join } from 'node:path';
import { ModelFileError } from '../weightSource.ts';
import { readOptionalJson } from '../weights/jsonFile.ts';
import { ModelFile } from '../weights/modelFile.ts';
import { readSafetensorsHeader, type StoredTensor } from '../weights/safetensors.ts';
import { rowsAndColumns } from '../weights/storedTypes.ts';
import { type LoraConfig, parseLoraConfig } from './loraConfig.ts';

/** What an adapter does to one tensor of a model. */
export interface TensorChange {
  /** The whole tensor, which takes the place of the model's. */
  replacement?: StoredTensor;
  /** `scale` times the product of `b` and `a`, which is added. */
  product?: Product;
  /** Rows that take the place of the model's, and which. */
  rows?: { readonly tensor: StoredTensor; readonly indices: readonly number[] };
}

export interface Product {
  /** `[rank, columns]` and `[rows, rank]`, or as an embedding has them: `[rank, rows]` and `[columns, rank]`. */
  readonly a: StoredTensor;
  readonly b: StoredTensor;
  readonly scale: number;
  readonly ofEmbedding: boolean;
}

/** peft's folder of an adapter, opened for reading. */
export interface Adapter {
  readonly folder: string;
  /** By the model's names of tensors, e.g. `model.layers.0.self_attn.q_proj.weight`. */
  readonly changes: ReadonlyMap<string, TensorChange>;
  close(): Promise<void>;
}

export const adapterConfigFile = 'adapter_config.json';
export const adapterWeightsFile = 'adapter_model.safetensors';

/**
 * A LoRA adapter as peft saves it: adapter_config.json and adapter_model.safetensors.
 * @throws ModelFileError for one that is damaged, or not understood to the last tensor.
 */
export async function openAdapter(folder: string): Promise<Adapter> {
  const json = await readOptionalJson(folder, adapterConfigFile);
  if (!json) {
    throw new ModelFileError(
      `${folder} has no ${adapterConfigFile}; name the folder in which peft saved the adapter (save_pretrained).`,
    );
  }
  const config = parseLoraConfig(json, join(folder, adapterConfigFile));
  const file = await openTensors(folder);
  try {
    const changes = changesOf(await readSafetensorsHeader(file), config, file.path);
    return { folder, changes, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openTensors(folder: string): Promise<ModelFile> {
  try {
    return await ModelFile.open(join(folder, adapterWeightsFile));
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    throw new ModelFileError(
      `${folder} has no ${adapterWeightsFile} that can be read; a pickle (adapter_model.bin) can run code when it is loaded and is not read: save the adapter with safe_serialization.`,
    );
  }
}

/** What peft puts before the names of modules, and what its wrappers put between them and `weight`. */
const prefix = 'base_model.model.';
const wrappers = /\.(?:base_layer|modules_to_save|token_adapter)(?=\.)/g;

function changesOf(tensors: readonly StoredTensor[], config: LoraConfig, path: string): Map<string, TensorChange> {
  const changes = new Map<string, TensorChange>();
  const halves = new Map<string, { a?: StoredTensor; b?: StoredTensor; ofEmbedding: boolean }>();
  const change = (name: string): TensorChange => {
    const known = changes.get(name) ?? {};
    changes.set(name, known);
    return known;
  };
  for (const tensor of tensors) {
    if (!tensor.name.startsWith(prefix)) throw notUnderstood(path, tensor.name);
    const name = tensor.name.slice(prefix.length).replaceAll(wrappers, '');
    const [, module = '', embedding, half] = /^(.+)\.lora_(embedding_)?([AB])(?:\.weight)?$/.exec(name) ?? [];
    const [, ofTokens] = /^(.+)\.trainable_tokens_delta$/.exec(name) ?? [];
    if (half !== undefined) {
      const ofEmbedding = embedding !== undefined;
      const known = halves.get(module) ?? { ofEmbedding };
      if (known.ofEmbedding !== ofEmbedding) throw notUnderstood(path, tensor.name);
      halves.set(module, { ...known, [half === 'A' ? 'a' : 'b']: tensor });
    } else if (ofTokens !== undefined) {
      const indices = config.tokensOf(ofTokens);
      if (!indices || indices.length !== rowsAndColumns(tensor.shape).rows) {
        throw new ModelFileError(`${path}: ${tensor.name} has other rows than ${adapterConfigFile} has tokens for it.`);
      }
      change(`${ofTokens}.weight`).rows = { tensor, indices };
    } else if (/\.(?:weight|bias)$/.test(name) && !name.includes('lora_')) change(name).replacement = tensor;
    else throw notUnderstood(path, tensor.name);
  }
  for (const [module, half] of halves) change(`${module}.weight`).product = product(module, half, config, path);
  if (changes.size === 0) throw new ModelFileError(`${path} has no tensors; save the adapter again.`);
  return changes;
}

function product(
  module: string,
  { a, b, ofEmbedding }: { a?: StoredTensor; b?: StoredTensor; ofEmbedding: boolean },
  config: LoraConfig,
  path: string,
): Product {
  if (!a || !b) throw new ModelFileError(`${path} has one of the two matrices for ${module}; save the adapter again.`);
  const { rank, scale } = config.scaleOf(module);
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[0] !== rank || b.shape[1] !== rank) {
    throw new ModelFileError(
      `${path}: the matrices for ${module} are [${a.shape.join(', ')}] and [${b.shape.join(', ')}], and by ${adapterConfigFile} their rank is ${rank}; the two files are not of one adapter.`,
    );
  }
  return { a, b, scale, ofEmbedding };
}

function notUnderstood(path: string, tensor: string): ModelFileError {
  return new ModelFileError(
    `${path}: what its tensor ${tensor} does is not known here; merge the adapter with peft (merge_and_unload) and import the folder that it saves.`,
  );
}
