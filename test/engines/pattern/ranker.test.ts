import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureNames } from '../../../server/engines/pattern/features.ts';
import model from '../../../server/engines/pattern/model.json' with { type: 'json' };
import { Ranker } from '../../../server/engines/pattern/ranker.ts';

const ranker = new Ranker(model);
const values = Buffer.from(model.thresholds, 'base64');
const nodes = Buffer.from(model.nodes, 'base64');
const thresholdAt = (i: number) => values.readFloatLE(4 * i);
const firstOf = model.counts.map((_, feature) => model.counts.slice(0, feature).reduce((sum, count) => sum + count, 0));

/** One tree after the other, from its root to a leaf, as scripts/ranker/fit.py describes the records. */
function walked(features: Float32Array): number {
  let sum = 0;
  for (const root of model.roots) {
    let at = 4 * root;
    for (let feature = nodes.readUInt8(at); feature !== 255; feature = nodes.readUInt8(at)) {
      const threshold = thresholdAt((firstOf[feature] ?? 0) + nodes.readUInt8(at + 1));
      at += 4 * ((features[feature] ?? 0) <= threshold ? 1 : nodes.readUInt16LE(at + 2));
    }
    sum += Math.fround(nodes.readInt16LE(at + 2) * model.unit);
  }
  return sum;
}

/** For each feature one of its thresholds, or a number just beside one. */
const features = fc
  .array(fc.tuple(fc.nat(), fc.constantFrom(-1e-3, 0, 1e-3)), {
    minLength: featureNames.length,
    maxLength: featureNames.length,
  })
  .map((picks) =>
    Float32Array.from(picks, ([pick, beside], feature) => {
      const count = model.counts[feature] ?? 0;
      return count === 0 ? pick : thresholdAt((firstOf[feature] ?? 0) + (pick % count)) + beside;
    }),
  );

describe('the ranker', () => {
  it('scores candidates together as it does each alone, walked tree by tree', () => {
    // Repeated and slightly changed, as the candidates of one prediction are.
    const candidates = fc
      .tuple(
        fc.array(features, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 70 }),
      )
      .map(([some, changes]) => [
        ...some,
        ...changes.map(([which, changed]) => {
          const [like, other] = [some[which % some.length], some[changed % some.length]];
          const feature = changed % featureNames.length;
          return Float32Array.from(featureNames, (_, i) => (i === feature ? other : like)?.[i] ?? 0);
        }),
      ]);
    fc.assert(
      fc.property(candidates, (all) => {
        expect([...ranker.scores(all)]).toEqual(all.map(walked));
      }),
      { numRuns: 40 },
    );
  });

  it('scores none, and as many as fill a batch', () => {
    expect(ranker.confidences([])).toEqual([]);
    for (const count of [31, 32, 33, 64]) {
      const all = Array.from({ length: count }, (_, i) => new Float32Array(featureNames.length).fill(i));
      expect([...ranker.scores(all)]).toEqual(all.map(walked));
    }
  });

  it('refuses a model that was fitted to other features', () => {
    expect(() => new Ranker({ ...model, features: model.features.slice(1) })).toThrow('fit it again');
  });
});
