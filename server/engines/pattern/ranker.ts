import { type FeatureVector, featureNames } from './features.ts';
import model from './model.json' with { type: 'json' };

/** Gradient-boosted trees as scripts/ranker/fit.py writes them. */
export interface RankerModel {
  readonly features: readonly string[];
  /** Pairs of raw score and probability, ascending. */
  readonly calibration: readonly (readonly number[])[];
  /** Base64 of float32: each feature's thresholds, ascending; `counts` says how many it has. */
  readonly thresholds: string;
  readonly counts: readonly number[];
  /** The index of each tree's first node. */
  readonly roots: readonly number[];
  /**
   * Base64 of 4-byte records in pre-order: feature (255: leaf), which of its thresholds, and the offset to the right child
   * or the leaf's value in units of `unit`.
   */
  readonly nodes: string;
  readonly unit: number;
}

const leaf = 255;
const recordSize = 4;
/** As many candidates as a number has bits. */
const batchSize = 32;

/**
 * Turns features into the probability that a candidate is wanted.
 *
 * Candidates of one prediction resemble each other, and most take the same way through a tree: they go down together, as
 * the bits of a number, and part where the tree parts them.
 */
export class Ranker {
  /** Each feature's thresholds are those from its place in `#first` to the next one's. */
  readonly #thresholds: Float32Array;
  readonly #first: Int32Array;
  /** Which of all thresholds a node compares with; -1 for a leaf. */
  readonly #threshold: Int16Array;
  readonly #value: Float32Array;
  readonly #right: Uint16Array;
  readonly #roots: Int32Array;
  readonly #calibration: RankerModel['calibration'];

  /** Throws an Error for a model that was fitted to other features than the engine computes. */
  constructor({ features, calibration, thresholds, counts, roots, nodes, unit }: RankerModel) {
    if (features.join() !== featureNames.join()) {
      throw new Error('the ranker was fitted on other features: fit it again');
    }
    const values = Buffer.from(thresholds, 'base64');
    this.#thresholds = Float32Array.from({ length: values.length / 4 }, (_, i) => values.readFloatLE(4 * i));
    this.#first = new Int32Array(counts.length + 1);
    for (const [i, count] of counts.entries()) this.#first[i + 1] = (this.#first[i] ?? 0) + count;
    const bytes = Buffer.from(nodes, 'base64');
    const count = bytes.length / recordSize;
    this.#threshold = new Int16Array(count).fill(-1);
    this.#value = new Float32Array(count);
    this.#right = new Uint16Array(count);
    for (let i = 0, at = 0; i < count; i++, at += recordSize) {
      const feature = bytes.readUInt8(at);
      if (feature === leaf) this.#value[i] = bytes.readInt16LE(at + 2) * unit;
      else {
        this.#threshold[i] = (this.#first[feature] ?? 0) + bytes.readUInt8(at + 1);
        this.#right[i] = bytes.readUInt16LE(at + 2);
      }
    }
    this.#roots = Int32Array.from(roots);
    this.#calibration = calibration;
  }

  /** The probability that each candidate is wanted. */
  confidences(candidates: readonly FeatureVector[]): number[] {
    return Array.from(this.scores(candidates), (score) => this.#calibrated(score));
  }

  /** For each candidate the sum of the trees: log-odds before calibration. */
  scores(candidates: readonly FeatureVector[]): Float64Array {
    const sums = new Float64Array(candidates.length);
    for (let from = 0; from < candidates.length; from += batchSize) {
      const batch = candidates.slice(from, from + batchSize);
      this.#addTrees(this.#lowOnes(batch), sums.subarray(from, from + batch.length));
    }
    return sums;
  }

  /** For each threshold the candidates that are not above it, as bits. */
  #lowOnes(candidates: readonly FeatureVector[]): Int32Array {
    const [thresholds, first] = [this.#thresholds, this.#first];
    const low = new Int32Array(thresholds.length);
    for (let feature = 0; feature + 1 < first.length; feature++) {
      const [from, to] = [first[feature] ?? 0, first[feature + 1] ?? 0];
      if (from === to) continue;
      let [value, at] = [Number.NaN, to];
      for (let i = 0; i < candidates.length; i++) {
        const own = candidates[i]?.[feature] ?? 0;
        // Most candidates have the same value as the one before.
        if (own !== value) at = firstFrom(thresholds, from, to, own);
        value = own;
        if (at < to) low[at] = (low[at] ?? 0) | (1 << i);
      }
      for (let k = from + 1; k < to; k++) low[k] = (low[k] ?? 0) | (low[k - 1] ?? 0);
    }
    return low;
  }

  #addTrees(low: Int32Array, sums: Float64Array): void {
    const [threshold, value, right, roots] = [this.#threshold, this.#value, this.#right, this.#roots];
    const all = sums.length === batchSize ? -1 : (1 << sums.length) - 1;
    // The places at which some candidates went left: where the others go on, and which.
    const [later, laterOnes] = [new Int32Array(batchSize), new Int32Array(batchSize)];
    for (let tree = 0; tree < roots.length; tree++) {
      let [node, ones, waiting] = [roots[tree] ?? 0, all, 0];
      for (;;) {
        const asked = threshold[node] ?? -1;
        if (asked >= 0) {
          const left = ones & (low[asked] ?? 0);
          const others = node + (right[node] ?? 1);
          if (left === 0) node = others;
          else {
            if (left !== ones) {
              later[waiting] = others;
              laterOnes[waiting++] = ones ^ left;
            }
            ones = left;
            node++;
          }
          continue;
        }
        const added = value[node] ?? 0;
        for (let rest = ones; rest !== 0; ) {
          const i = Math.clz32(rest);
          sums[31 - i] = (sums[31 - i] ?? 0) + added;
          rest &= 0x7fffffff >>> i;
        }
        if (waiting === 0) break;
        node = later[--waiting] ?? 0;
        ones = laterOnes[waiting] ?? 0;
      }
    }
  }

  #calibrated(score: number): number {
    const knots = this.#calibration;
    const after = knots.findIndex(([x]) => (x ?? 0) >= score);
    if (after === 0) return knots[0]?.[1] ?? 0;
    if (after < 0) return knots.at(-1)?.[1] ?? 0;
    const [x0 = 0, y0 = 0] = knots[after - 1] ?? [];
    const [x1 = 0, y1 = 0] = knots[after] ?? [];
    return y0 + ((y1 - y0) * (score - x0)) / (x1 - x0);
  }
}

/** The first of the ascending thresholds from `from` to `to` that `value` is not above; `to` if there is none. */
function firstFrom(thresholds: Float32Array, from: number, to: number, value: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (thresholds[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

let shipped: Ranker | undefined;

/** The ranker that comes with the engine, unpacked on first use. */
export function shippedRanker(): Ranker {
  shipped ??= new Ranker(model);
  return shipped;
}
