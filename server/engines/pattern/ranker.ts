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

/** Turns features into the probability that a candidate is wanted. */
export class Ranker {
  readonly #feature: Uint8Array;
  readonly #value: Float32Array;
  readonly #right: Uint16Array;
  readonly #roots: readonly number[];
  readonly #calibration: RankerModel['calibration'];

  /** Throws an Error for a model that was fitted to other features than the engine computes. */
  constructor({ features, calibration, thresholds, counts, roots, nodes, unit }: RankerModel) {
    if (features.join() !== featureNames.join()) {
      throw new Error('the ranker was fitted on other features: fit it again');
    }
    const values = Buffer.from(thresholds, 'base64');
    const first = [0];
    for (const count of counts) first.push((first.at(-1) ?? 0) + count);
    const bytes = Buffer.from(nodes, 'base64');
    const count = bytes.length / recordSize;
    this.#feature = new Uint8Array(count);
    this.#value = new Float32Array(count);
    this.#right = new Uint16Array(count);
    for (let i = 0, at = 0; i < count; i++, at += recordSize) {
      const feature = bytes.readUInt8(at);
      this.#feature[i] = feature;
      if (feature === leaf) this.#value[i] = bytes.readInt16LE(at + 2) * unit;
      else {
        this.#value[i] = values.readFloatLE(4 * ((first[feature] ?? 0) + bytes.readUInt8(at + 1)));
        this.#right[i] = bytes.readUInt16LE(at + 2);
      }
    }
    this.#roots = roots;
    this.#calibration = calibration;
  }

  confidence(features: FeatureVector): number {
    return this.#calibrated(this.score(features));
  }

  /** The same for several candidates. */
  confidences(candidates: readonly FeatureVector[]): number[] {
    return Array.from(this.#scores(candidates), (score) => this.#calibrated(score));
  }

  /** The sum of the trees: log-odds before calibration. */
  score(features: FeatureVector): number {
    return this.#scores([features])[0] ?? 0;
  }

  /** Tree by tree, so that each tree is brought into the processor's cache only once for all candidates. */
  #scores(candidates: readonly FeatureVector[]): Float64Array {
    const [feature, value, right] = [this.#feature, this.#value, this.#right];
    const sums = new Float64Array(candidates.length);
    for (const root of this.#roots) {
      for (let i = 0; i < candidates.length; i++) {
        const features = candidates[i] ?? sums;
        let node = root;
        for (let asked = feature[node] ?? leaf; asked !== leaf; asked = feature[node] ?? leaf) {
          node += (features[asked] ?? 0) <= (value[node] ?? 0) ? 1 : (right[node] ?? 1);
        }
        sums[i] = (sums[i] ?? 0) + (value[node] ?? 0);
      }
    }
    return sums;
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

let shipped: Ranker | undefined;

/** The ranker that comes with the engine, unpacked on first use. */
export function shippedRanker(): Ranker {
  shipped ??= new Ranker(model);
  return shipped;
}
