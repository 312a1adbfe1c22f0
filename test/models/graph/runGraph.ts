import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ConvertedModel } from '../../../server/models/convert.ts';

export const scalar = (value: number) => new Tensor('int64', [BigInt(value)], []);
export const vector = (values: readonly number[]) => new Tensor('int64', values.map(BigInt), [values.length]);
export const row = (values: readonly number[]) => new Tensor('int64', values.map(BigInt), [1, values.length]);

type Cache = Readonly<Record<string, Tensor>>;

/** A cache of `capacity` positions, none of them filled. */
export function emptyCache({ decoder }: ConvertedModel, prefix: string, capacity: number): Cache {
  const shape = [1, decoder.kvHeads, capacity, decoder.headSize];
  const cache: Record<string, Tensor> = {};
  for (let layer = 0; layer < decoder.layers; layer++) {
    for (const part of ['key', 'value']) {
      const values = new Float32Array(decoder.kvHeads * capacity * decoder.headSize);
      cache[`${prefix}.${layer}.${part}`] = new Tensor('float32', values, shape);
    }
  }
  return cache;
}

export function pastOf(outputs: InferenceSession.OnnxValueMapType): Cache {
  const cache: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(outputs)) {
    if (name.startsWith('present.') && value instanceof Tensor) cache[name.replace('present', 'past')] = value;
  }
  return cache;
}

export const numbers = (value: unknown): number[] => (value instanceof Tensor ? Array.from(value.data, Number) : []);

/** Logits of every position, by the scoring graph. */
export async function score(folder: string, model: ConvertedModel, prompt: readonly number[]): Promise<number[][]> {
  const session = await InferenceSession.create(path.join(folder, model.decoder.scoringFiles?.cpu ?? ''));
  const { logits } = await session.run({
    input_ids: row(prompt),
    attention_mask: row(prompt.map(() => 1)),
    ...emptyCache(model, 'past_key_values', 0),
  });
  await session.release();
  const flat = numbers(logits);
  const { vocabularySize } = model.decoder;
  return prompt.map((_, index) => flat.slice(index * vocabularySize, (index + 1) * vocabularySize));
}

export const largestDifference = (first: readonly number[], second: readonly number[]) =>
  Math.max(...first.map((value, index) => Math.abs(value - (second[index] ?? Number.NaN))));
