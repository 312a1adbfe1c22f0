import type { ExternalData } from './onnxModel.ts';

/** The layout of a matrix in the weight file. */
export type MatrixStorage =
  | { readonly kind: 'float'; readonly type: 'float' | 'float16'; readonly data: ExternalData }
  | {
      readonly kind: 'blocks';
      readonly bits: 4 | 8;
      /** Numbers along a row that share a scale. */
      readonly blockSize: number;
      /** Unsigned, biased by half their range; for 4 bits the lower nibble first. */
      readonly data: ExternalData;
      readonly scales: SideData;
      /** A matrix `[rows, columns / blockSize]` of what is added to all numbers of a block. */
      readonly offsets?: Matrix;
    };

/** Small tensors, which the CPU reads as float32 and CUDA as float16. */
export interface SideData {
  readonly cpu: ExternalData;
  readonly cuda: ExternalData;
}

/** A projection, `[rows, columns]` as in `y = x Wᵀ + b`. */
export interface Matrix {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly storage: MatrixStorage;
  readonly bias?: Vector;
}

export interface Vector {
  readonly name: string;
  readonly size: number;
  readonly data: SideData;
}

export interface LayerWeights {
  readonly inputNorm: Vector;
  /** Query, key and value rows one after the other. */
  readonly qkv: Matrix;
  /** RMS norms of each query and key head, before they are rotated; of `headSize`, for all heads alike. */
  readonly queryNorm?: Vector;
  readonly keyNorm?: Vector;
  readonly output: Matrix;
  readonly postAttentionNorm: Vector;
  readonly gate: Matrix;
  readonly up: Matrix;
  readonly down: Matrix;
}

/** Everything that the graphs refer to, after it was written. */
export interface DecoderWeights {
  readonly embedding: Matrix;
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: Vector;
  /** The embedding again if the two are tied. */
  readonly head: Matrix;
  /** The factor for products of queries and keys. */
  readonly attentionScale: number;
  /** Added to the mean square in the norms of heads. */
  readonly headNormEpsilon: number;
  /** Cosines and sines of the rotary embedding, `[positions, headSize / 2]` each. */
  readonly rope: { readonly positions: number; readonly cos: SideData; readonly sin: SideData };
}
