import { ModelFileError, type StoredType } from '../weightSource.ts';
import { ggmlTypeName, ggmlTypes, valueTypes } from './ggufTypes.ts';
import { HeaderReader } from './headerReader.ts';
import type { ModelFile } from './modelFile.ts';
import { blockLayouts } from './storedTypes.ts';

export type MetadataValue = string | number | boolean | readonly string[] | readonly number[];
export type Metadata = ReadonlyMap<string, MetadataValue>;

/** A tensor as GGUF names it, its shape outermost first (the file has it innermost first). */
export interface GgufTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: StoredType;
  readonly file: ModelFile;
  /** From the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly metadata: Metadata;
  readonly tensors: readonly GgufTensor[];
}

// No model comes near these; a header that does is damaged or made to exhaust us.
const mostHeaderBytes = 256 * 2 ** 20;
const mostArrayItems = 2 ** 22;
const mostEntries = 2 ** 16;

/**
 * The header of a GGUF file, version 2 or 3, little-endian: ggml/docs/gguf.md.
 * A reader of our own because `@huggingface/gguf` cuts a string short that ends an array at the edge of what it has read,
 * and takes the end of a file for zeros.
 * @throws ModelFileError
 */
export async function readGgufHeader(file: ModelFile): Promise<GgufHeader> {
  const reader = new HeaderReader(file, mostHeaderBytes);
  await checkMagic(file, reader);
  const tensorCount = await readCount(file, reader, 'tensors');
  const metadataCount = await readCount(file, reader, 'metadata entries');
  const metadata = await readMetadata(file, reader, metadataCount);
  const claims: Claim[] = [];
  for (let i = 0; i < tensorCount; i++) claims.push(await readClaim(file, reader));

  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || !Number.isInteger(Math.log2(alignment)) || alignment > 2 ** 20) {
    throw damaged(file, `its alignment is ${alignment}`);
  }
  const dataStart = Math.ceil(reader.position / alignment) * alignment;
  const tensors = claims.map((claim) => toTensor(file, claim, dataStart, alignment));
  checkOverlap(file, tensors);
  return { metadata, tensors };
}

async function checkMagic(file: ModelFile, reader: HeaderReader): Promise<void> {
  if (file.size < 24 || (await reader.uint32()) !== 0x46554747) {
    throw new ModelFileError(`${file.path} is not a GGUF file; name a GGUF file or a folder with safetensors.`);
  }
  const version = await reader.uint32();
  if (version === 2 || version === 3) return;
  const what = version > 0 && (version & 0xffff) === 0 ? 'is stored big-endian' : `is of GGUF version ${version}`;
  throw new ModelFileError(
    `${file.path} ${what}, and only versions 2 and 3 in little-endian order can be read; convert it with a current llama.cpp.`,
  );
}

async function readCount(file: ModelFile, reader: HeaderReader, what: string): Promise<number> {
  const count = await reader.uint64(`the number of its ${what}`);
  if (count > mostEntries) throw damaged(file, `it claims ${count} ${what}`);
  return count;
}

async function readMetadata(file: ModelFile, reader: HeaderReader, count: number): Promise<Metadata> {
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < count; i++) {
    const key = await reader.string('a metadata key');
    if (metadata.has(key)) throw damaged(file, `its metadata has ${JSON.stringify(key)} twice`);
    const type = await reader.uint32();
    metadata.set(key, await readValue(file, reader, key, type));
  }
  return metadata;
}

async function readValue(file: ModelFile, reader: HeaderReader, key: string, type: number): Promise<MetadataValue> {
  if (type === valueTypes.string) return reader.string(key);
  if (type === valueTypes.bool) return (await reader.uint8()) !== 0;
  if (type === valueTypes.array) return readArray(file, reader, key);
  const scalar = scalars.get(type);
  if (!scalar) throw damaged(file, `its metadata ${JSON.stringify(key)} is of the unknown type ${type}`);
  return reader.scalar(scalar.size, scalar.read);
}

async function readArray(file: ModelFile, reader: HeaderReader, key: string): Promise<readonly string[] | number[]> {
  const type = await reader.uint32();
  const count = await reader.uint64(`the length of ${key}`);
  const scalar = type === valueTypes.bool ? scalars.get(valueTypes.uint8) : scalars.get(type);
  const size = type === valueTypes.string ? 8 : scalar?.size;
  if (size === undefined)
    throw damaged(file, `its metadata ${JSON.stringify(key)} is an array of the unknown type ${type}`);
  if (count > mostArrayItems || count * size > reader.remaining) {
    const excess = count > mostArrayItems ? 'more than any model has' : 'more than it has bytes for';
    throw damaged(file, `its metadata ${JSON.stringify(key)} claims ${count} items, ${excess}`);
  }
  if (!scalar) return reader.strings(count, key);
  return reader.scalar(count * size, (view, at) =>
    Array.from({ length: count }, (_, i) => scalar.read(view, at + i * size)),
  );
}

interface Scalar {
  readonly size: number;
  readonly read: (view: DataView, at: number) => number;
}

const scalars: ReadonlyMap<number, Scalar> = new Map([
  [valueTypes.uint8, { size: 1, read: (view, at) => view.getUint8(at) }],
  [valueTypes.int8, { size: 1, read: (view, at) => view.getInt8(at) }],
  [valueTypes.uint16, { size: 2, read: (view, at) => view.getUint16(at, true) }],
  [valueTypes.int16, { size: 2, read: (view, at) => view.getInt16(at, true) }],
  [valueTypes.uint32, { size: 4, read: (view, at) => view.getUint32(at, true) }],
  [valueTypes.int32, { size: 4, read: (view, at) => view.getInt32(at, true) }],
  [valueTypes.float32, { size: 4, read: (view, at) => view.getFloat32(at, true) }],
  [valueTypes.uint64, { size: 8, read: (view, at) => Number(view.getBigUint64(at, true)) }],
  [valueTypes.int64, { size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) }],
  [valueTypes.float64, { size: 8, read: (view, at) => view.getFloat64(at, true) }],
]);

/** A tensor's entry as the header has it, before it is held against the file. */
interface Claim {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  readonly offset: number;
}

async function readClaim(file: ModelFile, reader: HeaderReader): Promise<Claim> {
  const name = await reader.string("a tensor's name");
  const dimensions = await reader.uint32();
  if (dimensions > 4) throw damaged(file, `tensor ${name} claims ${dimensions} dimensions`);
  const shape: number[] = [];
  for (let i = 0; i < dimensions; i++) shape.unshift(await reader.uint64(`a dimension of tensor ${name}`));
  return { name, shape, type: await reader.uint32(), offset: await reader.uint64(`the offset of tensor ${name}`) };
}

function toTensor(file: ModelFile, claim: Claim, dataStart: number, alignment: number): GgufTensor {
  const { name, shape } = claim;
  const type = ggmlTypes.get(claim.type);
  if (!type) {
    throw new ModelFileError(
      `${file.path}: tensor ${name} is stored as ${ggmlTypeName(claim.type)}, and only ` +
        `${[...ggmlTypes.values()].join(', ')} can be read; take another quantisation of the model.`,
    );
  }
  const layout = blockLayouts[type];
  const numbers = shape.reduce((product, size) => product * size, 1);
  const bytes = (numbers / layout.numbers) * layout.bytes;
  if (numbers === 0 || !Number.isSafeInteger(bytes) || (shape.at(-1) ?? 1) % layout.numbers !== 0) {
    throw damaged(file, `tensor ${name} cannot be ${type} with the shape [${shape.join(', ')}]`);
  }
  const offset = dataStart + claim.offset;
  if (claim.offset % alignment !== 0) throw damaged(file, `tensor ${name} is not aligned`);
  if (offset + bytes > file.size) {
    throw new ModelFileError(
      `${file.path} is cut short: tensor ${name} ends at byte ${offset + bytes} and the file has ${file.size}; download it again.`,
    );
  }
  return { name, shape, type, file, offset, bytes };
}

function checkOverlap(file: ModelFile, tensors: readonly GgufTensor[]): void {
  const names = new Set<string>();
  let end = 0;
  for (const tensor of tensors.toSorted((a, b) => a.offset - b.offset)) {
    if (names.has(tensor.name)) throw damaged(file, `it has tensor ${tensor.name} twice`);
    if (tensor.offset < end) throw damaged(file, `tensor ${tensor.name} overlaps another`);
    names.add(tensor.name);
    end = tensor.offset + tensor.bytes;
  }
}

function damaged(file: ModelFile, what: string): ModelFileError {
  return new ModelFileError(`${file.path} is damaged: ${what}; download it again.`);
}
