import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type DecoderVector, testWeight } from '../graph/hashedWeights.ts';
import { safetensorsBytes, type TensorToWrite } from '../weights/writers.ts';

/** A small decoder with an adapter, and what transformers answers once peft has merged it: an entry of vectors.json. */
export interface AdapterVector
  extends Pick<DecoderVector, 'architecture' | 'config' | 'tensors' | 'prompt' | 'logits'> {
  /** adapter_config.json as peft saves it. */
  readonly adapter: Readonly<Record<string, unknown>>;
  /** Shapes by the names in adapter_model.safetensors. */
  readonly adapterTensors: Readonly<Record<string, readonly number[]>>;
}

export async function adapterVectors(): Promise<Readonly<Record<string, AdapterVector>>> {
  return JSON.parse(await readFile(path.join(import.meta.dirname, 'vectors.json'), 'utf8'));
}

/** The numbers of an adapter's tensor, the same that scripts/verify/adapter_vectors.py gives it. */
export function adapterTensor(name: string, shape: readonly number[]): TensorToWrite {
  const ofVocabulary = /embed_tokens|lm_head/.test(name) && !name.includes('lora');
  const rows = name.endsWith('trainable_tokens_delta');
  const seed = ofVocabulary ? `embedding or head${rows ? ', rows' : ''}` : name;
  const values = testWeight(
    seed,
    shape.reduce((size, n) => size * n, 1),
  );
  return { name, shape, type: 'F32', bytes: new Uint8Array(values.buffer) };
}

/** An adapter of the model that `writeTinyFolder` writes, which changes one of its matrices much. */
export const tinyAdapter: Pick<AdapterVector, 'adapter' | 'adapterTensors'> = {
  adapter: { peft_type: 'LORA', task_type: 'CAUSAL_LM', r: 2, lora_alpha: 400 },
  adapterTensors: {
    'base_model.model.model.layers.0.mlp.down_proj.lora_A.weight': [2, 64],
    'base_model.model.model.layers.0.mlp.down_proj.lora_B.weight': [32, 2],
  },
};

export interface AdapterFiles {
  readonly config?: Readonly<Record<string, unknown>> | string;
  readonly tensors?: readonly TensorToWrite[];
}

/** Writes an adapter's folder. */
export async function writeAdapter(
  folder: string,
  { adapter, adapterTensors }: Pick<AdapterVector, 'adapter' | 'adapterTensors'>,
  { config = adapter, tensors }: AdapterFiles = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const all = tensors ?? Object.entries(adapterTensors).map(([name, shape]) => adapterTensor(name, shape));
  const json = typeof config === 'string' ? config : JSON.stringify(config);
  await writeFile(path.join(folder, 'adapter_config.json'), json);
  await writeFile(path.join(folder, 'adapter_model.safetensors'), safetensorsBytes(all));
  return folder;
}
