import * as v from 'valibot';
import { isRecord } from '../../../shared/isRecord.ts';
import type { Architecture } from '../architecture.ts';
import { architectures, architecturesInWords } from '../architectures.ts';
import { type ModelConfig, ModelFileError, type RopeScaling } from '../weightSource.ts';
import { unsupportedRopeScaling } from './unsupportedRope.ts';

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
/** Values beyond any real model's would make all its positions alike, or all its numbers NaN. */
const smallEpsilon = v.pipe(v.number(), v.gtValue(0), v.maxValue(0.1));
const rotaryBase = v.pipe(v.number(), v.gtValue(1), v.maxValue(1e12));
const tokenId = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const optional = <T extends v.GenericSchema>(schema: T) => v.optional(v.nullable(schema));

/** The fields of config.json that matter to a decoder; others are ignored. */
const schema = v.object({
  architectures: v.pipe(v.array(v.string()), v.minLength(1)),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: optional(size),
  head_dim: optional(size),
  vocab_size: size,
  max_position_embeddings: optional(size),
  rms_norm_eps: optional(smallEpsilon),
  rope_theta: optional(rotaryBase),
  rope_scaling: optional(v.record(v.string(), v.unknown())),
  rope_parameters: optional(v.record(v.string(), v.unknown())),
  partial_rotary_factor: optional(v.number()),
  hidden_act: optional(v.string()),
  tie_word_embeddings: optional(v.boolean()),
  use_sliding_window: optional(v.boolean()),
  sliding_window: optional(v.number()),
  max_window_layers: optional(v.number()),
  layer_types: optional(v.array(v.string())),
  quantization_config: optional(v.unknown()),
  compression_config: optional(v.unknown()),
});

const eosSchema = v.union([
  v.pipe(
    tokenId,
    v.transform((id) => [id]),
  ),
  v.array(tokenId),
]);

/** The part of a `ModelConfig` that config.json tells; the tokenizer tells what begins a prompt. */
export type HuggingFaceConfig = Omit<ModelConfig, 'endOfSequence' | 'beginningOfSequence'>;

/**
 * config.json of a transformers model. Absent values are what transformers takes for them.
 * @param path named in errors
 * @throws ModelFileError for models we cannot run.
 */
export function parseHuggingFaceConfig(config: Record<string, unknown>, path: string): HuggingFaceConfig {
  const { name, defaults } = supportedArchitecture(config, path);
  const parsed = v.safeParse(schema, config);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new ModelFileError(
      `${path}: ${v.getDotPath(issue) ?? 'its content'} is missing or not a value it can have; download the model again.`,
    );
  }
  const values = parsed.output;
  const heads = values.num_attention_heads;
  const { num_key_value_heads: givenKvHeads = defaults.kvHeads } = values;
  const kvHeads = givenKvHeads ?? heads;
  const headSize = values.head_dim ?? defaults.headSize ?? values.hidden_size / heads;
  const contextLength = values.max_position_embeddings ?? defaults.contextLength;
  refuseUnsupported(values, path);
  checkHeads(heads, kvHeads, headSize, path);
  const rope = values.rope_parameters ?? values.rope_scaling ?? {};
  const ropeScaling = parseRopeScaling(rope, contextLength, path);
  return {
    architecture: name,
    hiddenSize: values.hidden_size,
    intermediateSize: values.intermediate_size,
    layers: values.num_hidden_layers,
    heads,
    kvHeads,
    headSize,
    vocabularySize: values.vocab_size,
    contextLength,
    normEpsilon: values.rms_norm_eps ?? 1e-6,
    ropeTheta: ropeTheta(rope, values.rope_theta, path),
    ...(ropeScaling && { ropeScaling }),
    tiedEmbeddings: values.tie_word_embeddings ?? false,
  };
}

/** `eos_token_id` of config.json or generation_config.json: one id, several, or none. */
export function endOfSequenceIds(config: Record<string, unknown> | undefined): readonly number[] {
  const parsed = v.safeParse(eosSchema, config?.eos_token_id);
  return parsed.success ? parsed.output : [];
}

/** Query heads must share the key heads evenly, and rotary embedding rotates pairs. */
export function checkHeads(heads: number, kvHeads: number, headSize: number, path: string): void {
  if (heads % kvHeads !== 0 || !Number.isInteger(headSize / 2)) {
    throw new ModelFileError(
      `${path}: ${heads} heads, ${kvHeads} key heads and a head size of ${headSize} do not go together; download the model again.`,
    );
  }
}

function supportedArchitecture(config: Record<string, unknown>, path: string): Architecture {
  const named: unknown = Array.isArray(config.architectures) ? config.architectures[0] : undefined;
  const architecture = architectures.find(({ name }) => name === named);
  if (architecture) return architecture;
  const what = typeof named === 'string' ? `${named} models cannot be run` : 'it names no architecture';
  throw new ModelFileError(`${path}: ${what}; take a model of ${architecturesInWords(({ name }) => name)}.`);
}

function refuseUnsupported(values: v.InferOutput<typeof schema>, path: string): void {
  const refuse = (what: string) => {
    throw new ModelFileError(`${path}: ${what}`);
  };
  const quantization = values.quantization_config ?? values.compression_config ?? undefined;
  if (quantization !== undefined) refuse(`${quantizedWords(quantization)}.`);
  if ((values.hidden_act ?? 'silu') !== 'silu') {
    refuse(`the activation ${values.hidden_act} cannot be run; take a model with silu.`);
  }
  if ((values.partial_rotary_factor ?? 1) !== 1) {
    refuse('partial rotary embedding cannot be run; take a model that rotates whole heads.');
  }
  // transformers 4.53 and later name the kind of each layer; before, the first ones have no window.
  const slidingLayers = values.num_hidden_layers - (values.max_window_layers ?? 28);
  const slides = values.layer_types
    ? values.layer_types.includes('sliding_attention')
    : values.use_sliding_window === true && slidingLayers > 0;
  // A window as long as the context leaves nothing out.
  if (slides && values.sliding_window && values.sliding_window < (values.max_position_embeddings ?? Infinity)) {
    refuse(
      'attention with a sliding window cannot be run; take another model, or, where no prompt will be longer than the window, set use_sliding_window to false and remove layer_types.',
    );
  }
}

/** The problem with weights in an unsupported quantisation, and what to do. */
export function quantizedWords(quantization?: unknown): string {
  const method = isRecord(quantization) ? quantization.quant_method : undefined;
  const kind =
    typeof method === 'string' ? `weights quantised by ${JSON.stringify(method)}` : 'quantised weights of this kind';
  return `${kind} cannot be read; take the original weights, or a GGUF file of them`;
}

function ropeTheta(rope: Record<string, unknown>, top: number | null | undefined, path: string): number {
  const parsed = v.safeParse(rotaryBase, rope.rope_theta ?? top ?? 10000);
  if (parsed.success) return parsed.output;
  throw new ModelFileError(`${path}: rope_theta is not a value it can have; download the model again.`);
}

const factor = v.pipe(v.number(), v.minValue(1), v.maxValue(10_000));
const factorSchema = v.object({ factor });
const llama3Schema = v.object({
  factor,
  low_freq_factor: positive,
  high_freq_factor: positive,
  original_max_position_embeddings: size,
});

/** `rope_scaling`, with its kind under the key of transformers 4.43 and later, or the older one. */
function parseRopeScaling(rope: Record<string, unknown>, contextLength: number, path: string): RopeScaling | undefined {
  const kind: unknown = rope.rope_type ?? rope.type ?? 'default';
  const layers = Object.entries(rope).find(([, value]) => isRecord(value));
  if (layers) {
    throw new ModelFileError(
      `${path}: rotary embedding of its own for some layers (${layers[0]}) cannot be run; take another model.`,
    );
  }
  const malformed = () =>
    new ModelFileError(`${path}: the values of its ${kind} rope scaling are malformed; download the model again.`);
  switch (kind) {
    case 'default':
      return undefined;
    case 'linear':
    case 'dynamic': {
      const parsed = v.safeParse(factorSchema, rope);
      if (!parsed.success) throw malformed();
      const scaling = { factor: parsed.output.factor };
      // transformers stretches from max_position_embeddings on, whatever else the configuration says.
      return kind === 'linear' ? { kind, ...scaling } : { kind, ...scaling, originalContextLength: contextLength };
    }
    case 'llama3': {
      const parsed = v.safeParse(llama3Schema, rope);
      if (!parsed.success || parsed.output.high_freq_factor <= parsed.output.low_freq_factor) throw malformed();
      return {
        kind,
        factor: parsed.output.factor,
        lowFrequencyFactor: parsed.output.low_freq_factor,
        highFrequencyFactor: parsed.output.high_freq_factor,
        originalContextLength: parsed.output.original_max_position_embeddings,
      };
    }
    default: {
      const original = rope.original_max_position_embeddings;
      throw new ModelFileError(
        `${path}: ${unsupportedRopeScaling(kind, typeof original === 'number' ? original : undefined)}.`,
      );
    }
  }
}
