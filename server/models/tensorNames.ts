import type { Architecture, LayerPart, MatrixPart, OuterPart, TensorName } from './architecture.ts';
import type { ModelConfig } from './weightSource.ts';

/** A matrix composed of tensors `[out, in]` whose rows follow one another. */
export interface MatrixTensors {
  readonly weights: readonly string[];
  readonly biases?: readonly string[];
}

/** The tensors of one layer, by Hugging Face's names. */
export interface LayerTensors {
  readonly inputNorm: string;
  readonly qkv: MatrixTensors;
  readonly queryNorm?: string;
  readonly keyNorm?: string;
  readonly output: MatrixTensors;
  readonly postAttentionNorm: string;
  readonly gate: MatrixTensors;
  readonly up: MatrixTensors;
  readonly down: MatrixTensors;
}

/** Hugging Face's name of the weights outside the layers, e.g. `model.embed_tokens.weight`. */
export function outerTensor({ tensors }: Architecture, part: OuterPart): string {
  return `${tensors.outer[part].huggingFace}.weight`;
}

/** The tensors of layer `index`; `has` tells whether the weights contain a tensor. */
export function layerTensors(
  { tensors: { layer, layers }, biases: biased }: Architecture,
  index: number,
  has: (tensor: string) => boolean,
): LayerTensors {
  const name = (part: TensorName, kind: 'weight' | 'bias' = 'weight') =>
    `${layers.huggingFace}.${index}.${part.huggingFace}.${kind}`;
  const matrix = (...parts: readonly MatrixPart[]): MatrixTensors => {
    const weights = parts.map((part) => name(layer[part]));
    const biases = parts.map((part) => name(layer[part], 'bias'));
    const hasBias = biased === 'as stored' ? biases.some(has) : parts.some((part) => biased.includes(part));
    return hasBias ? { weights, biases } : { weights };
  };
  return {
    inputNorm: name(layer.inputNorm),
    qkv: matrix('query', 'key', 'value'),
    ...(layer.queryNorm && { queryNorm: name(layer.queryNorm) }),
    ...(layer.keyNorm && { keyNorm: name(layer.keyNorm) }),
    output: matrix('output'),
    postAttentionNorm: name(layer.postAttentionNorm),
    gate: matrix('gate'),
    up: matrix('up'),
    down: matrix('down'),
  };
}

/** The first tensor that the decoder needs and the weights lack; undefined if they are complete. */
export function missingTensor(
  architecture: Architecture,
  { layers, tiedEmbeddings }: Pick<ModelConfig, 'layers' | 'tiedEmbeddings'>,
  has: (tensor: string) => boolean,
): string | undefined {
  const outer: readonly OuterPart[] = tiedEmbeddings ? ['embedding', 'finalNorm'] : ['embedding', 'finalNorm', 'head'];
  const lacking = outer.map((part) => outerTensor(architecture, part)).find((tensor) => !has(tensor));
  if (lacking !== undefined) return lacking;
  for (let index = 0; index < layers; index++) {
    const missing = Object.values(layerTensors(architecture, index, has))
      .flatMap((part) => (typeof part === 'string' ? [part] : [...part.weights, ...(part.biases ?? [])]))
      .find((tensor) => !has(tensor));
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** The part of a layer that a tensor is, by Hugging Face's name; undefined for tensors outside the layers. */
export function layerPartOf({ tensors: { layer, layers } }: Architecture, tensor: string): LayerPart | undefined {
  const name = splitName(tensor, layers.huggingFace);
  if (name?.layer === undefined) return undefined;
  return entries(layer).find(([, { huggingFace }]) => huggingFace === name.part)?.[0];
}

/** Hugging Face's name for a tensor of a GGUF file (gguf-py's `tensor_mapping`); undefined if the architecture has no such tensor. */
export function huggingFaceName(
  { tensors: { outer, layer, layers } }: Architecture,
  tensor: string,
): string | undefined {
  const name = splitName(tensor, layers.gguf);
  if (!name) return undefined;
  const parts = Object.values<TensorName | undefined>(name.layer === undefined ? outer : layer);
  const part = parts.find((candidate) => candidate?.gguf === name.part)?.huggingFace;
  if (part === undefined) return undefined;
  return `${name.layer === undefined ? '' : `${layers.huggingFace}.${name.layer}.`}${part}.${name.kind}`;
}

/** `prefix.3.part.weight`, or `part.bias` outside the layers, split into its parts; `part` may contain dots. */
function splitName(
  tensor: string,
  prefix: string,
): { readonly layer?: string; readonly part: string; readonly kind: string } | undefined {
  const [, path = '', kind] = /^(.+)\.(weight|bias)$/.exec(tensor) ?? [];
  if (kind === undefined) return undefined;
  const [, layer, part] = path.startsWith(`${prefix}.`)
    ? (/^(\d+)\.(.+)$/.exec(path.slice(prefix.length + 1)) ?? [])
    : [];
  return layer === undefined || part === undefined ? { part: path, kind } : { layer, part, kind };
}

function entries(layer: Architecture['tensors']['layer']): [LayerPart, TensorName][] {
  return Object.entries(layer) as [LayerPart, TensorName][];
}
