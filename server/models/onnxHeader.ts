import onnxProto from 'onnx-proto';
import { ModelFileError } from './weightSource.ts';
import { ModelFile } from './weights/modelFile.ts';

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** `TensorProto.DataType`, e.g. 1 for float, 10 for float16; 0 if it is not a tensor. */
  readonly elementType: number;
  /** A number where the size is fixed, else its name or nothing. */
  readonly shape: readonly (number | string | undefined)[];
}

/** What is known of an ONNX model without reading its weights. */
export interface OnnxHeader {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Operators by name, including those of subgraphs. */
  readonly operators: ReadonlySet<string>;
  /** External data files, as named in the model, and the minimum length of each. Not to be trusted as paths. */
  readonly externalFiles: ReadonlyMap<string, number>;
}

/** Field numbers of onnx.proto3, and how to handle each; other fields are skipped. */
type Visit = 'graph' | 'node' | 'attribute' | 'tensor' | 'sparseTensor' | 'function' | 'external';
const messages: Readonly<Record<Exclude<Visit, 'external'> | 'model', Readonly<Record<number, Visit>>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparseTensor' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparseTensor', 23: 'sparseTensor' },
  tensor: { 13: 'external' },
  sparseTensor: { 1: 'tensor', 2: 'tensor' },
  function: { 7: 'node' },
};
const graphField = { input: 11, output: 12 };
const operatorField = 4;
/** The maximum depth of nested subgraphs; a deeper file is an attack. */
const maxDepth = 32;
const maxText = 4096;
const windowBytes = 1 << 16;
const maxValueBytes = windowBytes;

/**
 * Reads an ONNX file and skips large fields, so that even a model of some gigabytes needs little time and memory.
 * Throws a ModelFileError for a file that is not an ONNX model.
 */
export async function readOnnxHeader(file: string): Promise<OnnxHeader> {
  const opened = await ModelFile.open(file);
  try {
    const walk = new Walk(opened);
    await walk.message('model', 0, opened.size, 0);
    return walk;
  } finally {
    await opened.close();
  }
}

class Walk implements OnnxHeader {
  readonly inputs: OnnxValue[] = [];
  readonly outputs: OnnxValue[] = [];
  readonly operators = new Set<string>();
  readonly externalFiles = new Map<string, number>();
  /** The current tensor's statement of where its bytes are. */
  #place: Record<string, string> = {};
  readonly #file: ModelFile;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(file: ModelFile) {
    this.#file = file;
  }

  /** Visits the fields of a message between two offsets (protobuf's encoding, "Message Structure"). */
  async message(kind: keyof typeof messages, start: number, end: number, depth: number): Promise<void> {
    if (depth > maxDepth) throw this.#damaged();
    if (kind === 'tensor') this.#place = {};
    let at = start;
    while (at < end) {
      const tag = await this.#varint(at, end);
      const field = Math.floor(tag.value / 8);
      const wire = tag.value % 8;
      at = tag.next;
      if (wire === 0) at = (await this.#varint(at, end)).next;
      else if (wire === 1) at += 8;
      else if (wire === 5) at += 4;
      else if (wire === 2 && field > 0) {
        const length = await this.#varint(at, end);
        at = length.next + length.value;
        if (at > end) throw this.#damaged();
        await this.#field(kind, field, length.next, at, depth);
      } else throw this.#damaged();
    }
    if (at !== end) throw this.#damaged();
    if (kind === 'tensor') this.#endTensor();
  }

  #endTensor(): void {
    const { location, offset = '0', length = '0' } = this.#place;
    if (location === undefined) return;
    const bytes = Number(offset) + Number(length);
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw this.#damaged();
    this.externalFiles.set(location, Math.max(bytes, this.externalFiles.get(location) ?? 0));
  }

  async #field(kind: keyof typeof messages, field: number, start: number, end: number, depth: number): Promise<void> {
    // The graph of the model itself, not one of its subgraphs.
    if (kind === 'graph' && depth === 1 && field === graphField.input) this.inputs.push(await this.#value(start, end));
    if (kind === 'graph' && depth === 1 && field === graphField.output)
      this.outputs.push(await this.#value(start, end));
    if (kind === 'node' && field === operatorField) this.operators.add(await this.#text(start, end));
    const visit = messages[kind][field];
    if (visit === 'external') await this.#external(start, end);
    else if (visit !== undefined) await this.message(visit, start, end, depth + 1);
  }

  async #value(start: number, end: number): Promise<OnnxValue> {
    const { name, type } = this.#decoded(onnxProto.onnx.ValueInfoProto, await this.#bytes(start, end, maxValueBytes));
    const tensor = type?.tensorType;
    return {
      name: name ?? '',
      elementType: tensor?.elemType ?? 0,
      shape: (tensor?.shape?.dim ?? []).map(({ dimValue, dimParam }) => dimParam || Number(dimValue ?? 0) || undefined),
    };
  }

  async #external(start: number, end: number): Promise<void> {
    const { key, value } = this.#decoded(onnxProto.onnx.StringStringEntryProto, await this.#bytes(start, end, maxText));
    if (key === 'location' || key === 'offset' || key === 'length') this.#place[key] = value ?? '';
  }

  #decoded<T>(type: { decode(bytes: Uint8Array): T }, bytes: Uint8Array): T {
    try {
      return type.decode(bytes);
    } catch {
      throw this.#damaged();
    }
  }

  async #text(start: number, end: number): Promise<string> {
    return (await this.#bytes(start, end, maxText)).toString('utf8');
  }

  async #bytes(start: number, end: number, most: number): Promise<Buffer> {
    if (end - start > most) throw this.#damaged();
    if (start < this.#windowStart || end > this.#windowStart + this.#window.length) await this.#load(start);
    const bytes = this.#window.subarray(start - this.#windowStart, end - this.#windowStart);
    if (bytes.length < end - start) throw this.#damaged();
    return bytes;
  }

  async #varint(at: number, end: number): Promise<{ value: number; next: number }> {
    let value = 0;
    for (let index = 0; index < 10 && at + index < end; index++) {
      const offset = at + index - this.#windowStart;
      if (offset < 0 || offset >= this.#window.length) await this.#load(at + index);
      const byte = this.#window[at + index - this.#windowStart] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * index);
      // Negative numbers take ten bytes and lose their last digits here; they are skipped, never used.
      if (byte < 0x80) return { value, next: at + index + 1 };
    }
    throw this.#damaged();
  }

  async #load(start: number): Promise<void> {
    this.#window = Buffer.alloc(Math.min(windowBytes, this.#file.size - start));
    this.#windowStart = start;
    await this.#file.readInto(this.#window, start);
  }

  #damaged(): ModelFileError {
    return new ModelFileError(`${this.#file.path} is not an ONNX model or is damaged; download or export it again`);
  }
}
