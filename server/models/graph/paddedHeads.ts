import type { Architecture } from '../architecture.ts';
import { architectureOf } from '../architectures.ts';
import { layerPartOf } from '../tensorNames.ts';
import type { ModelConfig, TensorInfo, WeightSource } from '../weightSource.ts';

/** ONNX Runtime's attention requires a head size that is a multiple of this. */
const granularity = 16;

/** Weights whose attention heads are padded with zeros to a size that ONNX Runtime supports. */
export interface PaddedHeads {
  readonly source: WeightSource;
  /** The head size without padding: scaling and rotation use it. */
  readonly headSize: number;
}

/**
 * Pads heads of any even size to a multiple of 16. Rotation pairs the first half of a head with the second, so each
 * half of queries and keys is padded separately; zeros add nothing to a product, and the zero columns of the output
 * projection drop the rest. The norm of a head divides by the root of the mean square, which zeros make smaller: its
 * weights compensate for that, and `DecoderWeights.headNormEpsilon` for what is added to the mean.
 */
export function padHeads(source: WeightSource): PaddedHeads {
  const { headSize } = source.config;
  const padded = Math.ceil(headSize / granularity) * granularity;
  if (padded === headSize) return { source, headSize };
  const tensors = new Map<string, TensorInfo>();
  const architecture = architectureOf(source.config.architecture);
  for (const [name, tensor] of source.tensors) {
    tensors.set(name, paddedTensor(tensor, paddingOf(architecture, tensor), headSize, padded));
  }
  return { headSize, source: new PaddedSource(source, tensors, padded) };
}

/** The index in the padded head of the number at `index` of a head. */
type Place = (index: number) => number;

class PaddedSource implements WeightSource {
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly tokenizer: WeightSource['tokenizer'];
  readonly displayName: string;
  readonly #inner: WeightSource;
  readonly #padded: number;
  readonly #architecture: Architecture;

  constructor(inner: WeightSource, tensors: ReadonlyMap<string, TensorInfo>, padded: number) {
    this.config = { ...inner.config, headSize: padded };
    this.tensors = tensors;
    this.tokenizer = inner.tokenizer;
    this.displayName = inner.displayName;
    this.#inner = inner;
    this.#padded = padded;
    this.#architecture = architectureOf(inner.config.architecture);
  }

  async readRows(tensor: TensorInfo, first: number, last: number): Promise<Float32Array> {
    const inner = this.#inner.tensors.get(tensor.name) ?? tensor;
    const padding = paddingOf(this.#architecture, tensor);
    if (padding === undefined) return await this.#inner.readRows(inner, first, last);
    const { headSize } = this.#inner.config;
    const half = headSize / 2;
    const rotated: Place = (index) => (index < half ? index : index - half + this.#padded / 2);
    const plain: Place = (index) => index;
    const place = padding === 'rotated rows' || padding === 'head norm' ? rotated : plain;
    if (padding === 'columns') {
      const rows = await this.#inner.readRows(inner, first, last);
      return spread(rows, last - first, 1, headSize, this.#padded, place);
    }
    // The requested rows may begin inside a head; whole heads are read, which are few rows.
    const width = inner.shape[1] ?? 1;
    const isVector = inner.shape.length === 1;
    const [firstHead, endHead] = isVector
      ? [0, (inner.shape[0] ?? 0) / headSize]
      : [Math.floor(first / this.#padded), Math.ceil(last / this.#padded)];
    const rows = isVector
      ? await this.#inner.readRows(inner, 0, 1)
      : await this.#inner.readRows(inner, firstHead * headSize, endHead * headSize);
    const whole = spread(rows, 1, isVector ? 1 : width, headSize, this.#padded, place);
    if (padding === 'head norm') return whole.map((weight) => weight * Math.sqrt(headSize / this.#padded));
    if (isVector) return whole;
    const skipped = first - firstHead * this.#padded;
    return whole.slice(skipped * width, (skipped + last - first) * width);
  }

  async readRawRows(tensor: TensorInfo, first: number, last: number): Promise<Uint8Array> {
    return await this.#inner.readRawRows(tensor, first, last);
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}

/** Spreads heads of `headSize` units, of `width` numbers each, over heads of `padded` units; `rows` times. */
function spread(
  values: Float32Array,
  rows: number,
  width: number,
  headSize: number,
  padded: number,
  place: Place,
): Float32Array {
  const heads = values.length / (rows * headSize * width);
  const result = new Float32Array(rows * heads * padded * width);
  for (let head = 0; head < rows * heads; head++) {
    for (let index = 0; index < headSize; index++) {
      const from = (head * headSize + index) * width;
      result.set(values.subarray(from, from + width), (head * padded + place(index)) * width);
    }
  }
  return result;
}

/** How a tensor is padded: with rows for each head, with columns, or as the one norm of all heads. */
type Padding = 'rotated rows' | 'rows' | 'columns' | 'head norm';

function paddingOf(architecture: Architecture, { name }: TensorInfo): Padding | undefined {
  switch (layerPartOf(architecture, name)) {
    case 'query':
    case 'key':
      return 'rotated rows';
    case 'value':
      return 'rows';
    case 'output':
      // Its bias is of the hidden size.
      return name.endsWith('.weight') ? 'columns' : undefined;
    case 'queryNorm':
    case 'keyNorm':
      return 'head norm';
    default:
      return undefined;
  }
}

function paddedTensor(tensor: TensorInfo, padding: Padding | undefined, headSize: number, padded: number): TensorInfo {
  if (padding === undefined) return tensor;
  const grow = (size: number) => (size / headSize) * padded;
  const [rows = 0, columns] = tensor.shape;
  const shape =
    padding === 'columns' ? [rows, grow(columns ?? 0)] : [grow(rows), ...(columns === undefined ? [] : [columns])];
  return { name: tensor.name, shape, type: 'F32' };
}
