import { type ModelConfig, ModelFileError } from '../weightSource.ts';
import { llama } from './architectures/llama.ts';
import { qwen2 } from './architectures/qwen2.ts';

/** A matrix of a layer, put together from tensors `[out, in]` whose rows follow one another. */
export interface MatrixTensors {
  readonly weights: readonly string[];
  readonly biases?: readonly string[];
}

export interface LayerTensors {
  readonly inputNorm: string;
  readonly qkv: MatrixTensors;
  readonly output: MatrixTensors;
  readonly postAttentionNorm: string;
  readonly gate: MatrixTensors;
  readonly up: MatrixTensors;
  readonly down: MatrixTensors;
}

/** What tells one architecture's weights from another's. All share the layers of `DecoderBody`. */
export interface Architecture {
  /** As config.json names it. */
  readonly name: string;
  readonly embedding: string;
  readonly finalNorm: string;
  readonly head: string;
  /** `has` tells whether the weights hold a tensor. */
  layer(index: number, has: (tensor: string) => boolean): LayerTensors;
}

/** Every architecture that can be imported. A new one is a file and a line here. */
const architectures: readonly Architecture[] = [qwen2, llama];

export const architectureNames: readonly string[] = architectures.map(({ name }) => name);

/** Throws a ModelFileError for an architecture there is none for. */
export function architectureOf(name: string): Architecture {
  const architecture = architectures.find((candidate) => candidate.name === name);
  if (architecture) return architecture;
  throw new ModelFileError(
    `the architecture ${name} is not supported; choose a model of ${architectureNames.join(' or ')}`,
  );
}

/** The first tensor that the decoder is built of and that the weights lack; undefined where they are whole. */
export function missingTensor(
  { embedding, finalNorm, head, layer }: Architecture,
  { layers, tiedEmbeddings }: Pick<ModelConfig, 'layers' | 'tiedEmbeddings'>,
  has: (tensor: string) => boolean,
): string | undefined {
  const outer = tiedEmbeddings ? [embedding, finalNorm] : [embedding, finalNorm, head];
  const lacking = outer.find((tensor) => !has(tensor));
  if (lacking !== undefined) return lacking;
  for (let index = 0; index < layers; index++) {
    const { inputNorm, postAttentionNorm, qkv, output, gate, up, down } = layer(index, has);
    const matrices = [qkv, output, gate, up, down].flatMap(({ weights, biases = [] }) => [...weights, ...biases]);
    const missing = [inputNorm, ...matrices, postAttentionNorm].find((tensor) => !has(tensor));
    if (missing !== undefined) return missing;
  }
  return undefined;
}
