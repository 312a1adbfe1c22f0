/** Does `work` with every item, with at most `jobs` at the same time, beginning in their order. Rejects with the first failure. */
export async function inParallel<T>(
  items: readonly T[],
  jobs: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const left = items.entries();
  const worker = async () => {
    for (const [i, item] of left) await work(item, i);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
}
