import * as v from 'valibot';
import { promptFormatNames } from '../../shared/conversation/formats.ts';

export const precisions = ['fp32', 'fp16', 'int8', 'int4'] as const;
export type Precision = (typeof precisions)[number];

/** Where the decoder can run. A graph is built for each; both read the same quantised weights. */
export const devices = ['cpu', 'cuda'] as const;
export type Device = (typeof devices)[number];

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** A larger size than in any real model would only reserve memory. */
const sizeUpTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const fileName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w.-]*$/, 'a plain file name'));

/**
 * How a decoder's inputs and outputs are bound.
 * - `loop`: built by us; decodes several tokens a run and gives token ids (see `graph/`).
 * - `step`: the layout that transformers.js and onnxruntime-genai export: `input_ids`, `attention_mask`, maybe
 *   `position_ids`, `past_key_values.N.key/value` in; `logits`, `present.N.key/value` out.
 */
const decoderSchema = v.object({
  layout: v.picklist(['loop', 'step']),
  /** The ONNX file for each device there is one for, inside the model's folder. */
  files: v.partial(v.object({ cpu: fileName, cuda: fileName })),
  /** A graph over the same weights whose cache can be updated in place (`graph/inPlaceGraph.ts`). */
  inPlaceFiles: v.optional(v.partial(v.object({ cpu: fileName, cuda: fileName }))),
  /** A `step` graph over the same weights, for scoring text; its `logits` are those of every position asked for. */
  scoringFiles: v.optional(v.partial(v.object({ cpu: fileName, cuda: fileName }))),
  layers: sizeUpTo(1024),
  kvHeads: sizeUpTo(4096),
  headSize: sizeUpTo(8192),
  vocabularySize: sizeUpTo(2 ** 31),
  /** Tokens that end an answer. */
  endOfSequence: v.array(count),
  /** Prepended to every prompt, if the tokenizer requires one. */
  beginningOfSequence: v.optional(count),
});

/** `model.json`: what the store knows about an installed model. Written last, so a folder without it is no model. */
export const manifestSchema = v.object({
  manifestVersion: v.literal(1),
  name: v.string(),
  /** e.g. `TechxGenus/CursorCore-QW2.5-1.5B@main`, or the path or file it was imported from. */
  source: v.string(),
  /** As config.json names it, e.g. `Qwen2ForCausalLM`. */
  architecture: v.string(),
  parameters: count,
  precision: v.picklist(precisions),
  promptFormat: v.picklist(promptFormatNames),
  /** Tokens of prompt and answer together. */
  contextLength: sizeUpTo(Number.MAX_SAFE_INTEGER),
  decoder: decoderSchema,
  /** Every other file of the folder, with its expected hash. */
  files: v.array(v.object({ name: fileName, size: count, sha256: v.string() })),
});

export type ModelManifest = v.InferOutput<typeof manifestSchema>;
export type DecoderDescription = ModelManifest['decoder'];
