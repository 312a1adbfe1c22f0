import { join } from 'node:path';
import { isRecord } from '../../../shared/isRecord.ts';
import { architectureOf } from '../architectures.ts';
import { missingTensor } from '../tensorNames.ts';
import { type ModelConfig, ModelFileError } from '../weightSource.ts';
import { readOptionalJson } from './jsonFile.ts';
import type { ModelFile } from './modelFile.ts';
import { readSafetensorsHeader, type StoredTensor } from './safetensors.ts';

export const singleFile = 'model.safetensors';
export const indexFile = 'model.safetensors.index.json';

/** As transformers names the files of weights that it saves in several. */
const shardName = /^model-\d+-of-\d+\.safetensors$/;

type Open = (path: string) => Promise<ModelFile>;

/**
 * The tensors of a folder's safetensors. `model.safetensors` goes first, as in transformers, where it is whole: an
 * index beside it is what somebody forgot there. Else the index names the files.
 * @param names the names of the folder's files
 * @throws ModelFileError
 */
export async function readTensors(
  folder: string,
  config: ModelConfig,
  names: ReadonlySet<string>,
  open: Open,
): Promise<Map<string, StoredTensor>> {
  const single = names.has(singleFile)
    ? await readHeaders(folder, new Map([[singleFile, undefined]]), open)
    : undefined;
  if (single && (!names.has(indexFile) || isWhole(config, single))) return single;
  if (names.has(indexFile)) {
    const shards = shardsOfIndex(folder, await readOptionalJson(folder, indexFile));
    const missing = [...shards.keys()].find((name) => !names.has(name));
    if (missing === undefined) return await readHeaders(folder, shards, open);
    // The reader of the weights reports what they lack.
    if (single) return single;
    throw new ModelFileError(
      `${folder} has no ${missing}, which ${indexFile} says it has; download the model again, or take another repository of it.`,
    );
  }
  throw new ModelFileError(`${folder} ${noSafetensors(names)}.`);
}

/** Why there is nothing to read among these names, and what to do; `nothing` where they tell nothing. */
export function noSafetensors(
  names: Iterable<string>,
  nothing = `has no ${singleFile} and no ${indexFile}; download the model's safetensors`,
): string {
  const all = [...names];
  const shard = all.find((name) => shardName.test(name));
  if (shard !== undefined) {
    return `has ${shard} and no ${indexFile}, which tells what its parts are; download that too, or take another repository of the model`;
  }
  const pickle = all.find((name) => /^pytorch_model.*\.bin$|\.(pth?|ckpt)$/.test(name));
  if (pickle !== undefined) {
    return `has its weights in pickle files alone, which can run code when they are loaded and are not read (${pickle}); take the model's safetensors or a GGUF file, or convert it with transformers (save_pretrained with safe_serialization)`;
  }
  return nothing;
}

/** Each safetensors file that an index names, with the tensors that are to be taken from it. */
function shardsOfIndex(folder: string, index: Record<string, unknown> | undefined): Map<string, Set<string>> {
  const path = join(folder, indexFile);
  const weightMap = index?.weight_map;
  if (!isRecord(weightMap) || Object.keys(weightMap).length === 0) {
    throw new ModelFileError(`${path} has no weight_map; download it again.`);
  }
  const shards = new Map<string, Set<string>>();
  for (const [tensor, shard] of Object.entries(weightMap)) {
    if (typeof shard !== 'string' || !/^[\w-][\w.-]*\.safetensors$/.test(shard)) {
      throw new ModelFileError(
        `${path} places ${tensor} in ${JSON.stringify(shard)}, which is no safetensors file of this folder; download it again.`,
      );
    }
    const wanted = shards.get(shard) ?? new Set();
    shards.set(shard, wanted.add(tensor));
  }
  return shards;
}

async function readHeaders(
  folder: string,
  shards: ReadonlyMap<string, ReadonlySet<string> | undefined>,
  open: Open,
): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, wanted] of shards) {
    const file = await open(join(folder, name));
    const found = new Set<string>();
    for (const tensor of await readSafetensorsHeader(file)) {
      found.add(tensor.name);
      if (!wanted || wanted.has(tensor.name)) tensors.set(tensor.name, tensor);
    }
    const missing = wanted && [...wanted].find((tensor) => !found.has(tensor));
    if (missing !== undefined) {
      throw new ModelFileError(
        `${file.path} has no tensor ${missing}, which ${indexFile} says it has; download the model again.`,
      );
    }
  }
  return tensors;
}

function isWhole(config: ModelConfig, tensors: ReadonlyMap<string, StoredTensor>): boolean {
  return missingTensor(architectureOf(config.architecture), config, (name) => tensors.has(name)) === undefined;
}
