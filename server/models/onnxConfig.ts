import path from 'node:path';
import { isRecord } from '../../shared/isRecord.ts';
import { ModelFileError } from './weightSource.ts';
import { endOfSequenceIds } from './weights/huggingFaceConfig.ts';
import { readOptionalJson } from './weights/jsonFile.ts';

type Json = Record<string, unknown>;

/** What the JSON files beside an ONNX decoder state about it; unstated values are absent. */
export interface OnnxConfig {
  readonly architecture: string;
  /** The decoder's file, as genai_config.json has it. */
  readonly genaiFile?: string;
  readonly layers?: number;
  readonly kvHeads?: number;
  readonly headSize?: number;
  readonly contextLength?: number;
  readonly parameters: number;
  readonly endOfSequence: readonly number[];
}

/** Reads genai_config.json, config.json and generation_config.json. Rejects with a ModelFileError. */
export async function readOnnxConfig(folder: string): Promise<OnnxConfig> {
  const genai = record((await readOptionalJson(folder, 'genai_config.json'))?.model);
  const decoder = record(genai.decoder);
  checkNames(path.join(folder, 'genai_config.json'), decoder);
  const config = (await readOptionalJson(folder, 'config.json')) ?? {};
  const generation = await readOptionalJson(folder, 'generation_config.json');
  const heads = count(decoder.num_attention_heads) ?? count(config.num_attention_heads);
  const hidden = count(decoder.hidden_size) ?? count(config.hidden_size);
  const layers = count(decoder.num_hidden_layers) ?? count(config.num_hidden_layers);
  const kvHeads = count(decoder.num_key_value_heads) ?? count(config.num_key_value_heads) ?? heads;
  const headSize =
    count(decoder.head_size) ??
    count(config.head_dim) ??
    (hidden !== undefined && heads !== undefined ? Math.floor(hidden / heads) : undefined);
  const contextLength = count(genai.context_length) ?? count(config.max_position_embeddings);
  const [architecture] = Array.isArray(config.architectures) ? config.architectures : [genai.type];
  return {
    architecture: typeof architecture === 'string' ? architecture : 'unknown',
    ...(typeof decoder.filename === 'string' ? { genaiFile: decoder.filename } : {}),
    ...(layers === undefined ? {} : { layers }),
    ...(kvHeads === undefined ? {} : { kvHeads }),
    ...(headSize === undefined ? {} : { headSize }),
    ...(contextLength === undefined ? {} : { contextLength }),
    parameters: parametersOf(config, { heads, hidden, layers, kvHeads, headSize }),
    endOfSequence: [
      ...new Set([...endOfSequenceIds(generation), ...endOfSequenceIds(config), ...endOfSequenceIds(genai)]),
    ],
  };
}

const genaiNames = {
  inputs: {
    input_ids: 'input_ids',
    attention_mask: 'attention_mask',
    position_ids: 'position_ids',
    past_key_names: 'past_key_values.%d.key',
    past_value_names: 'past_key_values.%d.value',
  },
  outputs: { logits: 'logits', present_key_names: 'present.%d.key', present_value_names: 'present.%d.value' },
};

/** genai_config.json may rename inputs and outputs; nobody does, and unknown names must not be guessed. */
function checkNames(file: string, decoder: Json): void {
  for (const [group, names] of Object.entries(genaiNames)) {
    for (const [key, usual] of Object.entries(names)) {
      const given = record(decoder[group])[key];
      if (given === undefined || given === usual) continue;
      throw new ModelFileError(
        `${file} calls ${key} ${JSON.stringify(given)}, and only the usual name ${usual} is supported; export the model again with onnxruntime-genai's own names`,
      );
    }
  }
}

/** The number of parameters of a Llama-like decoder of these sizes; 0 if config.json lacks a size. */
function parametersOf(
  config: Json,
  sizes: Readonly<Record<'heads' | 'hidden' | 'layers' | 'kvHeads' | 'headSize', number | undefined>>,
): number {
  const { heads, hidden, layers, kvHeads, headSize } = sizes;
  const inner = count(config.intermediate_size);
  const vocabulary = count(config.vocab_size);
  if (!heads || !hidden || !layers || !kvHeads || !headSize || !inner || !vocabulary) return 0;
  const attention = 2 * hidden * heads * headSize + 2 * hidden * kvHeads * headSize;
  const embeddings = (config.tie_word_embeddings === true ? 1 : 2) * vocabulary * hidden;
  return embeddings + layers * (attention + 3 * hidden * inner + 2 * hidden) + hidden;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function record(value: unknown): Json {
  return isRecord(value) ? value : {};
}
