import type { ModelConfig } from '../weightSource.ts';

export interface RopeTables {
  /** `[positions, headSize / 2]`, row-major. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/**
 * The number of positions for which the rotary embedding is exact. Dynamic scaling changes all angles once the text is
 * longer than the training length, which makes cached keys invalid: such a model gets its original length, without
 * scaling.
 */
export function ropePositions({ contextLength, ropeScaling }: ModelConfig): number {
  return ropeScaling?.kind === 'dynamic' ? Math.min(contextLength, ropeScaling.originalContextLength) : contextLength;
}

/**
 * The tables of rotary position embedding (arXiv 2104.09864), with the scaling that the model was trained with.
 * `headSize` is that of the heads without padding; the tables are as wide as `config`'s heads are, and turn padding by nothing.
 */
export function ropeTables(config: ModelConfig, headSize: number, positions: number): RopeTables {
  const frequencies = new Float32Array(config.headSize / 2);
  frequencies.set(inverseFrequencies({ ...config, headSize }));
  const cos = new Float32Array(positions * frequencies.length);
  const sin = new Float32Array(positions * frequencies.length);
  for (let position = 0; position < positions; position++) {
    frequencies.forEach((frequency, index) => {
      // Frameworks hold frequency and angle in float32; at position 10,000 that shifts the angle by up to 1e-3.
      const angle = Math.fround(position * frequency);
      cos[position * frequencies.length + index] = Math.cos(angle);
      sin[position * frequencies.length + index] = Math.sin(angle);
    });
  }
  return { cos, sin };
}

/** Radians per position, one for each pair of a head's numbers. */
function inverseFrequencies({ headSize, ropeTheta, ropeScaling }: ModelConfig): Float32Array {
  const plain = Float32Array.from({ length: headSize / 2 }, (_, index) => 1 / ropeTheta ** ((2 * index) / headSize));
  switch (ropeScaling?.kind) {
    case 'linear':
      return plain.map((frequency) => frequency / ropeScaling.factor);
    case 'llama3':
      return plain.map((frequency) => llama3Frequency(frequency, ropeScaling));
    default:
      return plain;
  }
}

interface Llama3Scaling {
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  readonly originalContextLength: number;
}

/** Llama 3.1's scaling: long waves are stretched, short ones kept, and those between are blended. */
function llama3Frequency(frequency: number, scaling: Llama3Scaling): number {
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContextLength } = scaling;
  const wavesInContext = (originalContextLength * frequency) / (2 * Math.PI);
  if (wavesInContext > highFrequencyFactor) return frequency;
  if (wavesInContext < lowFrequencyFactor) return frequency / factor;
  const smooth = (wavesInContext - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}
