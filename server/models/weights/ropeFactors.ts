import type { RopeScaling } from '../weightSource.ts';

type Llama3Scaling = Extract<RopeScaling, { kind: 'llama3' }>;

/** What Llama 3.1 and later were published with; only the factor differs (8, or 32 for the small ones). */
const published = { lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 8192 };

/**
 * What llama3 scaling divides each rotary frequency by, `[headSize / 2]`, slowest last
 * (transformers' `_compute_llama3_parameters`).
 */
export function llama3Factors(scaling: Llama3Scaling, theta: number, headSize: number): number[] {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContextLength } = scaling;
  return Array.from({ length: headSize / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * theta ** ((2 * i) / headSize);
    if (wavelength < originalContextLength / high) return 1;
    if (wavelength > originalContextLength / low) return factor;
    const smooth = (originalContextLength / wavelength - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

/**
 * The scaling that a GGUF file's `rope_freqs.weight` was computed from: the file keeps the outcome alone.
 * @returns undefined when it is none that was published.
 */
export function matchLlama3Factors(factors: Float32Array, theta: number, headSize: number): Llama3Scaling | undefined {
  const scaling: Llama3Scaling = { kind: 'llama3', factor: Math.max(...factors), ...published };
  const expected = llama3Factors(scaling, theta, headSize);
  const matches =
    factors.length === expected.length &&
    expected.every((value, i) => Math.abs((factors[i] ?? Number.NaN) - value) <= 1e-5 * value);
  return matches ? scaling : undefined;
}
