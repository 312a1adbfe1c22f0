import type { StoredType } from '../weightSource.ts';

/** How many numbers one block holds, and in how many bytes (ggml's `block_*` structs; plain numbers are blocks of one). */
export interface BlockLayout {
  readonly numbers: number;
  readonly bytes: number;
}

export const blockLayouts: Readonly<Record<StoredType, BlockLayout>> = {
  F32: { numbers: 1, bytes: 4 },
  F16: { numbers: 1, bytes: 2 },
  BF16: { numbers: 1, bytes: 2 },
  F8_E4M3: { numbers: 1, bytes: 1 },
  Q4_0: { numbers: 32, bytes: 18 },
  Q4_1: { numbers: 32, bytes: 20 },
  Q5_0: { numbers: 32, bytes: 22 },
  Q5_1: { numbers: 32, bytes: 24 },
  Q8_0: { numbers: 32, bytes: 34 },
  Q4_K: { numbers: 256, bytes: 144 },
  Q5_K: { numbers: 256, bytes: 176 },
  Q6_K: { numbers: 256, bytes: 210 },
};

/** Rows and columns of a tensor as it is read: a vector is one row, more than two dimensions count as columns. */
export function rowsAndColumns(shape: readonly number[]): { readonly rows: number; readonly columns: number } {
  if (shape.length < 2) return { rows: 1, columns: shape[0] ?? 1 };
  const [rows = 1, ...inner] = shape;
  return { rows, columns: inner.reduce((product, size) => product * size, 1) };
}

/** Bytes of one row. `columns` is a multiple of the block's numbers. */
export function bytesOfRow(type: StoredType, columns: number): number {
  const layout = blockLayouts[type];
  return (columns / layout.numbers) * layout.bytes;
}
