import { defaultPrecision } from './defaultPrecision.ts';
import { ExternalDataFile } from './externalDataFile.ts';
import { toHalf } from './float16.ts';
import type { Matrix, MatrixStorage, SideData, Vector } from './graph/decoderWeights.ts';
import type { ExternalData } from './graph/onnxModel.ts';
import type { Precision } from './manifest.ts';
import { hasMinimum, takeOffsetBlocks } from './quantize/offsetBlocks.ts';
import { canRepack, quantizeBlocks, repackBlocks } from './quantize/quantizeBlocks.ts';
import type { MatrixTensors } from './tensorNames.ts';
import { ModelFileError, type StoredType, type TensorInfo, type WeightSource } from './weightSource.ts';

/** Numbers read at a time: 16 MB of float32, for every matrix. */
const chunkSize = 4 * 1024 * 1024;
const largestHalf = 65_504;
const finer: ReadonlySet<StoredType> = new Set(['Q5_0', 'Q5_1', 'Q5_K', 'Q6_K', 'Q8_0']);

/** Block sizes in order of preference: the first that divides the rows is used. */
const blockSizes = [32, 16] as const;

export interface WriteOptions {
  readonly precision: Precision;
  readonly onNumbers?: (count: number) => void;
  readonly signal?: AbortSignal;
}

/** Reads tensors from a source and writes them in the graphs' layout, a few rows at a time. */
export class WeightWriter {
  readonly #source: WeightSource;
  readonly #options: WriteOptions;
  readonly #weights: ExternalDataFile;
  readonly #cpu: ExternalDataFile;
  readonly #cuda: ExternalDataFile;
  #isMostly4Bits: boolean | undefined;

  private constructor(
    source: WeightSource,
    options: WriteOptions,
    [weights, cpu, cuda]: readonly [ExternalDataFile, ExternalDataFile, ExternalDataFile],
  ) {
    this.#source = source;
    this.#options = options;
    this.#weights = weights;
    this.#cpu = cpu;
    this.#cuda = cuda;
  }

  /**
   * The blocks or floats go to `weights.bin`; tensors whose type differs between CPU and CUDA go to a small file for
   * each.
   */
  static async create(source: WeightSource, folder: string, options: WriteOptions): Promise<WeightWriter> {
    return new WeightWriter(source, options, [
      await ExternalDataFile.create(folder, 'weights.bin'),
      await ExternalDataFile.create(folder, 'side-cpu.bin'),
      await ExternalDataFile.create(folder, 'side-cuda.bin'),
    ]);
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }

  async abandon(): Promise<void> {
    for (const file of this.#files) await file.abandon();
  }

  get #files(): readonly ExternalDataFile[] {
    return [this.#weights, this.#cpu, this.#cuda];
  }

  /**
   * Writes a matrix `[rows, columns]`. `name` is its name in the graphs. A `sensitive` matrix is not quantised to less
   * than 8 bits.
   */
  async matrix(
    name: string,
    { weights, biases }: MatrixTensors,
    [rows, columns]: readonly [rows: number, columns: number],
    { sensitive = false }: { readonly sensitive?: boolean } = {},
  ): Promise<Matrix> {
    const tensors = weights.map((tensor) => this.#tensor(tensor));
    const given = tensors.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    const misfit = tensors.find(({ shape }) => shape.length !== 2 || shape[1] !== columns);
    if (misfit || given !== rows) {
      const shapes = tensors.map((tensor) => `${tensor.name} [${tensor.shape.join(', ')}]`).join(' and ');
      throw new ModelFileError(
        `${shapes} should make a matrix of ${rows} × ${columns} by the model's configuration; the weights and config.json belong to different models`,
      );
    }
    const { precision } = this.#options;
    const raised = precision === 'int4' && (sensitive || this.#isStoredFiner(tensors));
    const storage = await this.#storage(name, tensors, rows, columns, raised ? 'int8' : precision);
    return {
      name,
      rows,
      columns,
      storage,
      ...(biases ? { bias: await this.vector(`${name}.bias`, biases, rows) } : {}),
    };
  }

  /** Writes a vector composed of consecutive tensors. */
  async vector(name: string, tensors: readonly string[], size: number): Promise<Vector> {
    const parts: Float32Array[] = [];
    for (const tensor of tensors.map((part) => this.#tensor(part))) {
      if (tensor.shape.length !== 1)
        throw new ModelFileError(`${tensor.name} should be a vector, not [${tensor.shape.join(', ')}]`);
      parts.push(finite(tensor, await this.#source.readRows(tensor, 0, 1)));
    }
    const values = concatenate(parts);
    if (values.length !== size) {
      throw new ModelFileError(
        `${tensors.join(' and ')} should hold ${size} numbers, not ${values.length}; the weights and config.json belong to different models`,
      );
    }
    this.#options.onNumbers?.(size);
    return { name, size, data: await this.side(values) };
  }

  /** Writes numbers once for each device. */
  async side(values: Float32Array): Promise<SideData> {
    return { cpu: await this.#cpu.append(bytesOf(values)), cuda: await this.#cuda.append(bytesOf(halves(values))) };
  }

  /**
   * Whether some of these tensors have more than 4 bits in a file whose others have 4: whoever made the file found that they need
   * them.
   */
  #isStoredFiner(tensors: readonly TensorInfo[]): boolean {
    if (!tensors.some(({ type }) => finer.has(type))) return false;
    this.#isMostly4Bits ??= defaultPrecision(this.#source) === 'int4';
    return this.#isMostly4Bits;
  }

  async #storage(
    name: string,
    tensors: readonly TensorInfo[],
    rows: number,
    columns: number,
    precision: Precision,
  ): Promise<MatrixStorage> {
    const blockSize = blockSizes.find((size) => columns % size === 0);
    if (precision === 'fp32' || blockSize === undefined) return await this.#floats(tensors, 'float', rows * columns);
    if (precision === 'fp16') return await this.#floats(tensors, 'float16', rows * columns);
    const bits = precision === 'int4' ? 4 : 8;
    if (bits === 4 && tensors.every(({ type }) => hasMinimum(type)))
      return await this.#offsetBlocks(name, tensors, rows, columns);
    return await this.#blocks(tensors, bits, blockSize, rows * columns);
  }

  async #floats(tensors: readonly TensorInfo[], type: 'float' | 'float16', count: number): Promise<MatrixStorage> {
    const written = await this.#weights.begin(count * (type === 'float' ? 4 : 2));
    for await (const { tensor, first, last } of this.#chunks(tensors)) {
      const values = finite(tensor, await this.#source.readRows(tensor, first, last));
      await written.write(bytesOf(type === 'float' ? values : halves(values)));
    }
    return { kind: 'float', type, data: written.end() };
  }

  async #blocks(tensors: readonly TensorInfo[], bits: 4 | 8, blockSize: number, count: number): Promise<MatrixStorage> {
    const scales: Float32Array[] = [];
    const written = await this.#weights.begin((count * bits) / 8);
    for await (const { tensor, first, last } of this.#chunks(tensors)) {
      const { type } = tensor;
      const blocks =
        blockSize === 32 && canRepack(type, bits)
          ? repackBlocks(await this.#source.readRawRows(tensor, first, last), type, bits)
          : quantizeBlocks(finite(tensor, await this.#source.readRows(tensor, first, last)), bits, blockSize);
      await written.write(blocks.data);
      scales.push(finite(tensor, blocks.scales));
    }
    const data: ExternalData = written.end();
    return { kind: 'blocks', bits, blockSize, data, scales: await this.side(concatenate(scales)) };
  }

  /** Blocks of 4 bits with a minimum, taken over without loss. The offsets of blocks have 8 bits: they are a 32nd of the numbers. */
  async #offsetBlocks(
    name: string,
    tensors: readonly TensorInfo[],
    rows: number,
    columns: number,
  ): Promise<MatrixStorage> {
    const blockSize = 32;
    const width = columns / blockSize;
    // Rows of offsets are filled up with zeros to whole blocks.
    const padded = Math.ceil(width / blockSize) * blockSize;
    const scales: Float32Array[] = [];
    const offsets = new Float32Array(rows * padded);
    const written = await this.#weights.begin((rows * columns) / 2);
    let row = 0;
    for await (const { tensor, first, last } of this.#chunks(tensors)) {
      const { type } = tensor;
      if (!hasMinimum(type)) throw new Error(`${tensor.name} has no minimum`);
      const blocks = takeOffsetBlocks(await this.#source.readRawRows(tensor, first, last), type);
      await written.write(blocks.data);
      scales.push(finite(tensor, blocks.scales));
      finite(tensor, blocks.offsets);
      for (let at = 0; at < blocks.offsets.length; at += width, row++) {
        offsets.set(blocks.offsets.subarray(at, at + width), row * padded);
      }
    }
    const data = written.end();
    const small = quantizeBlocks(offsets, 8, blockSize);
    const offsetData = await this.#weights.append(small.data);
    return {
      kind: 'blocks',
      bits: 4,
      blockSize,
      data,
      scales: await this.side(concatenate(scales)),
      offsets: {
        name: `${name}.offsets`,
        rows,
        columns: width,
        storage: { kind: 'blocks', bits: 8, blockSize, data: offsetData, scales: await this.side(small.scales) },
      },
    };
  }

  /** The rows of consecutive tensors, in pieces of bounded size. */
  async *#chunks(
    tensors: readonly TensorInfo[],
  ): AsyncGenerator<{ readonly tensor: TensorInfo; readonly first: number; readonly last: number }> {
    for (const tensor of tensors) {
      const [rows = 0, columns = 1] = tensor.shape;
      const step = Math.max(1, Math.floor(chunkSize / columns));
      for (let first = 0; first < rows; first += step) {
        this.#options.signal?.throwIfAborted();
        const last = Math.min(first + step, rows);
        yield { tensor, first, last };
        this.#options.onNumbers?.((last - first) * columns);
      }
    }
  }

  #tensor(name: string): TensorInfo {
    const tensor = this.#source.tensors.get(name);
    if (tensor) return tensor;
    throw lacking(name);
  }
}

/** The message for a missing tensor. */
export function lacking(tensor: string): ModelFileError {
  return new ModelFileError(
    `the weights lack ${tensor}; the download is incomplete, or the model is of another architecture than it says`,
  );
}

/** The numbers, checked. Throws a ModelFileError if one is NaN or infinite, because it would spoil every answer. */
function finite({ name }: TensorInfo, values: Float32Array): Float32Array {
  // Zero for each finite number; NaN for NaN and infinity.
  let sum = 0;
  for (const value of values) sum += value - value;
  if (sum === 0) return values;
  throw new ModelFileError(
    `${name} holds values that are no numbers (NaN or infinite): the weights are damaged; download the model again`,
  );
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function halves(values: Float32Array): Uint16Array {
  // A number beyond binary16's range would become infinite and spoil every answer.
  return Uint16Array.from(values, (value) => toHalf(Math.max(-largestHalf, Math.min(largestHalf, value))));
}

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
