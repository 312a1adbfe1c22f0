// Random weights for a graph of ours: with them it takes as long as with the real ones, which may be too large to carry about.
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import onnxProto, { type onnx } from 'onnx-proto';
import { toHalf } from '../../server/models/float16.ts';

export interface Stored {
  readonly name: string;
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly dims: readonly number[];
}

/** The tensors that lie in files beside the graph. */
export function storedTensors(graphFile: string): Stored[] {
  const graph = onnxProto.onnx.ModelProto.decode(readFileSync(graphFile)).graph;
  return (graph?.initializer ?? []).flatMap(({ name, dims, externalData }: onnx.ITensorProto) => {
    const { location, offset, length } = Object.fromEntries((externalData ?? []).map(({ key, value }) => [key, value]));
    if (location == null) return [];
    return {
      name: name ?? '',
      file: location,
      offset: Number(offset),
      length: Number(length),
      dims: (dims ?? []).map(Number),
    };
  });
}

/** Blocks of random numbers, scales that keep activations around 1, norms of 1, no biases, and a true rotary embedding. */
export function fill(graphFile: string): void {
  const random = Uint8Array.from({ length: 2 ** 22 }, () => Math.random() * 256);
  const tensors = storedTensors(graphFile);
  const shapes = new Map(tensors.map(({ name, dims }) => [name, dims]));
  for (const file of new Set(tensors.map(({ file }) => file))) {
    const written = openSync(path.join(path.dirname(graphFile), file), 'w');
    ftruncateSync(
      written,
      Math.max(...tensors.filter((one) => one.file === file).map((one) => one.offset + one.length)),
    );
    for (const { name, dims, offset, length } of tensors.filter((one) => one.file === file)) {
      const values = /(blocks|rows)$/.test(name) ? undefined : halves(name, dims, length / 2, shapes);
      const bytes = values ? new Uint8Array(values.buffer) : random;
      for (let at = 0; at < length; at += bytes.length) {
        writeSync(written, bytes, 0, Math.min(bytes.length, length - at), offset + at);
      }
    }
    closeSync(written);
  }
}

function halves(
  name: string,
  dims: readonly number[],
  count: number,
  shapes: ReadonlyMap<string, readonly number[]>,
): Uint16Array {
  if (name.startsWith('rope.')) {
    const [, half = 1] = dims;
    const turn = name.endsWith('cos') ? Math.cos : Math.sin;
    return Uint16Array.from({ length: count }, (_, i) =>
      toHalf(turn(Math.floor(i / half) * 1e6 ** (-(i % half) / half))),
    );
  }
  if (name.endsWith('norm')) return new Uint16Array(count).fill(toHalf(1));
  if (!name.endsWith('scales')) return new Uint16Array(count);
  const [, blocks = 18, bytes = 32] = shapes.get(name.replace('scales', 'blocks')) ?? [];
  // Around zero, numbers of 4 bits vary by 4.6 and those of 8 by 74.
  const scale = name.includes('offsets') ? 1e-6 : 1 / (Math.sqrt(32 * blocks) * (bytes === 16 ? 4.6 : 74));
  return new Uint16Array(count).fill(toHalf(scale));
}
