import { halfAt } from '../float16.ts';
import { groupScalesOfK } from '../weights/dequantize.ts';
import { blockLayouts } from '../weights/storedTypes.ts';
import { type QuantizedBlocks, takeHalves } from './quantizeBlocks.ts';

/** Blocks whose numbers are not around zero: w = scale · (number − 8) + offset. */
export interface OffsetBlocks extends QuantizedBlocks {
  /** One for each block. */
  readonly offsets: Float32Array;
}

/** GGUF's blocks of 4 bits with a minimum, which `MatMulNBits` cannot hold by itself: the offset of each block is apart. */
export type WithMinimum = 'Q4_1' | 'Q4_K';

export function hasMinimum(type: string): type is WithMinimum {
  return type === 'Q4_1' || type === 'Q4_K';
}

/** Takes the blocks over, in blocks of 32 numbers; nothing is lost but float32's rounding of scale and offset. */
export function takeOffsetBlocks(raw: Uint8Array, type: WithMinimum): OffsetBlocks {
  const { numbers, bytes } = blockLayouts[type];
  const count = (raw.length / bytes) * (numbers / 32);
  const blocks = {
    data: new Uint8Array(count * 16),
    scales: new Float32Array(count),
    offsets: new Float32Array(count),
  };
  for (let at = 0, block = 0; at < raw.length; at += bytes, block += numbers / 32) {
    if (type === 'Q4_1') {
      const [scale, minimum] = [halfAt(raw, at), halfAt(raw, at + 2)];
      set(blocks, block, scale, minimum);
      takeHalves(raw, at + 4, blocks.data, block * 16);
    } else {
      const groups = groupScalesOfK(raw, at);
      groups.forEach(({ scale, minimum }, group) => {
        set(blocks, block + group, scale, -minimum);
        // Two groups share their bytes: the lower nibbles are the first, the higher the second.
        const start = at + 16 + 32 * (group >> 1);
        takeGroup(raw, start, group % 2, blocks.data, (block + group) * 16);
      });
    }
  }
  return blocks;
}

function set({ scales, offsets }: OffsetBlocks, block: number, scale: number, minimum: number): void {
  scales[block] = scale;
  offsets[block] = 8 * scale + minimum;
}

/** 32 numbers, all in the lower (0) or the higher (1) nibbles of the 32 bytes at `from`. */
function takeGroup(raw: Uint8Array, from: number, side: number, data: Uint8Array, to: number): void {
  const shift = 4 * side;
  for (let index = 0; index < 16; index++) {
    const first = ((raw[from + 2 * index] ?? 0) >>> shift) & 15;
    const second = ((raw[from + 2 * index + 1] ?? 0) >>> shift) & 15;
    data[to + index] = first | (second << 4);
  }
}
