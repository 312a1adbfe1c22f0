import type { Tensor } from 'onnxruntime-node';
import { halfFloatValues } from '../models/float16.ts';

/**
 * The likeliest id, and its natural log probability, of each of the last `wanted` positions of `logits`
 * [1, positions, vocabulary], float32 or float16. Of equal logits the first wins, as in ONNX's `ArgMax`. Ids behind
 * `vocabularySize` are padding and never win.
 */
export function pickGreedy(
  logits: Tensor,
  wanted: number,
  vocabularySize: number,
): { ids: number[]; logProbabilities: number[] } {
  const [, positions = 0, width = 0] = logits.dims;
  const ids: number[] = [];
  const logProbabilities: number[] = [];
  for (let position = positions - wanted; position < positions; position++) {
    const row = rowOf(logits, position * width, Math.min(width, vocabularySize));
    let best = 0;
    for (let id = 1; id < row.length; id++) if ((row[id] ?? 0) > (row[best] ?? 0)) best = id;
    const most = row[best] ?? 0;
    let sum = 0;
    for (const logit of row) sum += Math.exp(logit - most);
    ids.push(best);
    logProbabilities.push(-Math.log(sum));
  }
  return { ids, logProbabilities };
}

function rowOf({ data, type }: Tensor, start: number, length: number): Float32Array {
  if (data instanceof Float32Array) return data.subarray(start, start + length);
  if (type !== 'float16' || !ArrayBuffer.isView(data)) throw new TypeError(`logits of type ${type} are not supported`);
  const bits = new Uint16Array(data.buffer, data.byteOffset + 2 * start, length);
  const values = halfFloatValues();
  return Float32Array.from(bits, (half) => values[half] ?? 0);
}
