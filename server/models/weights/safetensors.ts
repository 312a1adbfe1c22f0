import * as v from 'valibot';
import { ModelFileError, type StoredType, type TensorInfo } from '../weightSource.ts';
import { duplicateKey } from './duplicateKey.ts';
import type { ModelFile } from './modelFile.ts';
import { blockLayouts } from './storedTypes.ts';

/** A tensor and where its bytes lie, counted from the start of its file. */
export interface StoredTensor extends TensorInfo {
  readonly file: ModelFile;
  readonly offset: number;
  readonly bytes: number;
}

/** The format's own limit (safetensors README, "Format"). */
const largestHeader = 100_000_000;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.object({
  dtype: v.string(),
  shape: v.pipe(v.array(count), v.maxLength(8)),
  data_offsets: v.tuple([count, count]),
});

const plainTypes: ReadonlyMap<string, StoredType> = new Map([
  ['F32', 'F32'],
  ['F16', 'F16'],
  ['BF16', 'BF16'],
  ['F8_E4M3', 'F8_E4M3'],
]);

/**
 * The tensors of a safetensors file: https://github.com/huggingface/safetensors#format. What the header claims is held
 * against the file: every byte of data belongs to exactly one tensor, and each has as many as its shape asks for.
 * @throws ModelFileError
 */
export async function readSafetensorsHeader(file: ModelFile): Promise<StoredTensor[]> {
  const length = await headerLength(file);
  const entries = parseHeader(file, await file.read(8, length));
  const tensors = entries.map(([name, entry]) => toTensor(file, 8 + length, name, entry));
  checkCoverage(file, 8 + length, tensors);
  return tensors;
}

async function headerLength(file: ModelFile): Promise<number> {
  if (file.size < 8) throw new ModelFileError(`${file.path} is cut short; download it again.`);
  const bytes = await file.read(0, 8);
  const length = new DataView(bytes.buffer).getBigUint64(0, true);
  if (length > BigInt(file.size - 8)) {
    throw new ModelFileError(
      `${file.path} is no complete safetensors file: its header claims ${length} bytes and the file has ${file.size}; download it again.`,
    );
  }
  if (length > BigInt(largestHeader)) {
    throw new ModelFileError(
      `${file.path} has a header of ${length} bytes, where safetensors allows ${largestHeader}; download it again.`,
    );
  }
  return Number(length);
}

function parseHeader(file: ModelFile, bytes: Uint8Array): [string, v.InferOutput<typeof entrySchema>][] {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw invalid(file, 'its header is not JSON');
  }
  if (!text.startsWith('{') || typeof header !== 'object' || header === null) {
    throw invalid(file, 'its header is not a JSON object');
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw invalid(file, `its header has ${JSON.stringify(twice)} twice`);

  const entries: [string, v.InferOutput<typeof entrySchema>][] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const entry = v.safeParse(entrySchema, value);
    if (!entry.success) throw invalid(file, `its header's entry for ${JSON.stringify(name)} is malformed`);
    entries.push([name, entry.output]);
  }
  return entries;
}

function toTensor(
  file: ModelFile,
  dataStart: number,
  name: string,
  entry: v.InferOutput<typeof entrySchema>,
): StoredTensor {
  const type = plainTypes.get(entry.dtype);
  if (!type) {
    throw new ModelFileError(
      `${file.path}: tensor ${name} is stored as ${entry.dtype}, and only F32, F16, BF16 and F8_E4M3 can be read; take the ` +
        'original weights, or a GGUF file of them.',
    );
  }
  const [begin, end] = entry.data_offsets;
  const bytes = entry.shape.reduce((product, size) => product * size, blockLayouts[type].bytes);
  if (!Number.isSafeInteger(bytes) || end - begin !== bytes) {
    throw invalid(
      file,
      `tensor ${name} of shape [${entry.shape.join(', ')}] does not fit the ${end - begin} bytes it names`,
    );
  }
  return { name, shape: entry.shape, type, file, offset: dataStart + begin, bytes };
}

/** No tensor may overlap another, leave a hole, or end past the file; nothing may be left over. */
function checkCoverage(file: ModelFile, dataStart: number, tensors: readonly StoredTensor[]): void {
  let covered = dataStart;
  for (const tensor of tensors.toSorted((a, b) => a.offset - b.offset || a.bytes - b.bytes)) {
    if (tensor.offset < covered) throw invalid(file, `tensor ${tensor.name} overlaps another`);
    if (tensor.offset > covered) throw invalid(file, `there are bytes of no tensor before ${tensor.name}`);
    covered += tensor.bytes;
  }
  if (covered > file.size)
    throw new ModelFileError(`${file.path} is cut short: it has ${file.size} bytes of ${covered}; download it again.`);
  if (covered < file.size) throw invalid(file, `it has ${file.size - covered} bytes that belong to no tensor`);
}

function invalid(file: ModelFile, what: string): ModelFileError {
  return new ModelFileError(`${file.path} is no valid safetensors file: ${what}; download it again.`);
}
