import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Larger tables than these are taken for damage; what linkers write has kilobytes. */
const largestTable = 1 << 20;
const longestName = 255;

const loadSegment = 1;
const dynamicSegment = 2;
const endTag = 0;
const neededTag = 1;
const stringTableTag = 5;
const stringSizeTag = 10;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
}

/**
 * The libraries that the dynamic linker loads together with a program or shared library: the DT_NEEDED entries of an
 * ELF file, e.g. `libcublas.so.13`, in its order. What it opens by itself later (`dlopen`) is not among them. Undefined
 * if the file cannot be read, is damaged or is not a 64-bit little-endian ELF file with a dynamic section. Reads a few
 * kilobytes, however large the file is.
 */
export function linkedLibraries(file: string): string[] | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    return neededOf(descriptor);
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Throws where the file ends too early or holds what cannot be. */
function neededOf(descriptor: number): string[] {
  const segments = readSegments(descriptor);
  const { size: fileSize } = fstatSync(descriptor);
  if (segments.some(({ type, offset, length }) => type === loadSegment && offset + length > fileSize)) {
    throw new Error('the file ends too early');
  }
  const dynamic = segments.find(({ type }) => type === dynamicSegment);
  if (!dynamic) throw new Error('nothing is linked');
  const needed: number[] = [];
  let address: number | undefined;
  let size = 0;
  const table = readExactly(descriptor, dynamic.offset, dynamic.length - (dynamic.length % 16));
  for (let at = 0; at < table.length; at += 16) {
    const tag = Number(table.readBigInt64LE(at));
    if (tag === endTag) break;
    const value = number(table, at + 8);
    if (tag === neededTag) needed.push(value);
    else if (tag === stringTableTag) address = value;
    else if (tag === stringSizeTag) size = value;
  }
  if (needed.length === 0) return [];
  // The table is given by its address in memory; the segment loaded there tells where it is in the file.
  const holder = segments.find(
    (segment) =>
      segment.type === loadSegment &&
      address !== undefined &&
      address >= segment.address &&
      address + size <= segment.address + segment.length,
  );
  if (!holder || address === undefined) throw new Error('the names are not in the file');
  const names = holder.offset + address - holder.address;
  return needed.map((at) => {
    const bytes = readExactly(descriptor, names + at, Math.min(longestName + 1, size - at));
    const end = bytes.indexOf(0);
    if (end <= 0) throw new Error('a name is empty or does not end');
    return bytes.toString('latin1', 0, end);
  });
}

function readSegments(descriptor: number): Segment[] {
  const header = readExactly(descriptor, 0, 64);
  const isElf = header.toString('latin1', 0, 4) === '\x7fELF';
  const is64Bit = header[4] === 2;
  const isLittleEndian = header[5] === 1;
  if (!isElf || !is64Bit || !isLittleEndian) throw new Error('not an ELF file of this kind');
  const entrySize = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  if (entrySize < 56) throw new Error('no segments');
  const table = readExactly(descriptor, number(header, 32), entrySize * count);
  return Array.from({ length: count }, (_, index) => {
    const at = entrySize * index;
    return {
      type: table.readUInt32LE(at),
      offset: number(table, at + 8),
      address: number(table, at + 16),
      length: number(table, at + 32),
    };
  });
}

/** An unsigned number of 64 bits. Throws for one that no file or address has. */
function number(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at));
  if (value > Number.MAX_SAFE_INTEGER) throw new Error('out of range');
  return value;
}

function readExactly(descriptor: number, position: number, length: number): Buffer {
  if (length < 0 || length > largestTable || position > Number.MAX_SAFE_INTEGER) throw new Error('out of range');
  const bytes = Buffer.alloc(length);
  if (readSync(descriptor, bytes, 0, length, position) < length) throw new Error('the file ends too early');
  return bytes;
}
