/** The quartiles of some values. */
export interface Quartiles {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
}

/** Interpolated between neighbours; undefined for no values. */
export function quartiles(values: readonly number[]): Quartiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [low = 0, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return low + (high - low) * (place % 1);
  };
  return { q1: at(0.25), median: at(0.5), q3: at(0.75) };
}

/** The middle one of the factors by which the second of each pair is larger than the first; undefined for no pairs. */
export function medianRatio(pairs: readonly (readonly [number, number])[]): number | undefined {
  return quartiles(pairs.filter(([first]) => first > 0).map(([first, second]) => second / first))?.median;
}
