import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { architectureOf } from '../architectures.ts';
import { outerTensor } from '../tensorNames.ts';
import { highestTokenId, tokenIdOf } from '../tokenizer/tokenizerFacts.ts';
import { readTokenizerFolder } from '../tokenizer/tokenizerFolder.ts';
import { type ModelConfig, ModelFileError, type TensorInfo, type WeightSource } from '../weightSource.ts';
import { checkVocabulary } from '../weights/checkVocabulary.ts';
import { dequantize } from '../weights/dequantize.ts';
import type { StoredTensor } from '../weights/safetensors.ts';
import { bytesOfRow, rowsAndColumns } from '../weights/storedTypes.ts';
import { type Adapter, openAdapter, type Product, type TensorChange } from './adapterTensors.ts';

/**
 * A model with the LoRA adapter in `folder` merged into it: its numbers are what peft's `merge_and_unload` gives, and are
 * made when rows are read. It takes the adapter's tokenizer where the folder has one. Closing it closes the model, too; when
 * this rejects, that is left to the caller.
 * @throws ModelFileError for an adapter that cannot be read, or is of another model.
 */
export async function withAdapter(base: WeightSource, folder: string): Promise<WeightSource> {
  const adapter = await openAdapter(folder);
  try {
    const changes = new Map(adapter.changes);
    await settleShared(base, adapter.folder, changes);
    const tensors = new Map(base.tensors);
    for (const [name, change] of changes) tensors.set(name, changedTensor(base, name, change, folder));
    const embedding = tensors.get(outerTensor(architectureOf(base.config.architecture), 'embedding'));
    const described = await tokenizerOf(base, folder);
    const vocabularySize = embedding?.shape[0] ?? base.config.vocabularySize;
    const config: ModelConfig = { ...base.config, ...described.config, vocabularySize };
    checkVocabulary(folder, config, tensors, highestTokenId(described.tokenizer));
    return new MergedSource(base, { ...adapter, changes }, tensors, config, described.tokenizer);
  } catch (error) {
    await adapter.close();
    throw error;
  }
}

/**
 * Where embedding and head are one matrix, an adapter may replace both alike, or rows of both. What changes one alone would
 * make two matrices of them, and peft's own merge then differs from what was trained.
 */
async function settleShared(base: WeightSource, folder: string, changes: Map<string, TensorChange>): Promise<void> {
  if (!base.config.tiedEmbeddings) return;
  const architecture = architectureOf(base.config.architecture);
  const [embedding, head] = [outerTensor(architecture, 'embedding'), outerTensor(architecture, 'head')];
  const [ofEmbedding, ofHead] = [changes.get(embedding) ?? {}, changes.get(head) ?? {}];
  const alike =
    (await sameNumbers(ofEmbedding.replacement, ofHead.replacement)) &&
    // peft stores the rows of both, or those of the embedding for both.
    (!ofHead.rows || (await sameNumbers(ofEmbedding.rows?.tensor, ofHead.rows.tensor)));
  if (!alike || ofEmbedding.product || ofHead.product) {
    throw new ModelFileError(
      `${folder} changes ${embedding} or ${head} alone, which are one matrix in this model; train it without them as target modules.`,
    );
  }
  changes.delete(head);
}

async function sameNumbers(a: StoredTensor | undefined, b: StoredTensor | undefined): Promise<boolean> {
  if (!a || !b) return a === b;
  if (a.type !== b.type || a.shape.join() !== b.shape.join()) return false;
  const step = 16 * 2 ** 20;
  for (let at = 0; at < a.bytes; at += step) {
    const length = Math.min(step, a.bytes - at);
    const left = await a.file.read(a.offset + at, length);
    if (!Buffer.from(left.buffer).equals(await b.file.read(b.offset + at, length))) return false;
  }
  return true;
}

/** The tensor as it will be read. Throws where the change does not fit it. */
function changedTensor(base: WeightSource, name: string, change: TensorChange, folder: string): TensorInfo {
  const tensor = base.tensors.get(name);
  const { replacement, product, rows: given } = change;
  const other = (what: string) =>
    new ModelFileError(`${folder}: ${what}; name the model that the adapter was trained on.`);
  if (!tensor) throw other(`it changes ${name}, which the model does not have`);
  const shape = replacement?.shape ?? tensor.shape;
  const vocabulary = ['embedding', 'head'] as const;
  const mayGrow = vocabulary.some((part) => name === outerTensor(architectureOf(base.config.architecture), part));
  const from = mayGrow ? 1 : 0;
  if (shape.length !== tensor.shape.length || shape.slice(from).join() !== tensor.shape.slice(from).join()) {
    throw other(`its ${name} is [${shape.join(', ')}], and the model's [${tensor.shape.join(', ')}]`);
  }
  const { rows, columns } = rowsAndColumns(shape);
  if (product) {
    const { a, b, ofEmbedding } = product;
    const [itsRows, itsColumns] = ofEmbedding ? [a.shape[1], b.shape[0]] : [b.shape[0], a.shape[1]];
    if (shape.length !== 2 || itsRows !== rows || itsColumns !== columns) {
      throw other(`its change of ${name} is [${itsRows}, ${itsColumns}], and the model's is [${shape.join(', ')}]`);
    }
  }
  if (given) {
    const outside = given.indices.find((index) => index >= rows);
    if (outside !== undefined) throw other(`it has a row for token ${outside}, and the model ${rows} tokens`);
    if (shape.length !== 2 || given.tensor.shape[1] !== columns) {
      throw other(`its rows of ${name} have ${given.tensor.shape[1]} numbers, and the model's ${columns}`);
    }
  }
  return { name, shape, type: 'F32' };
}

async function tokenizerOf(
  { config, tokenizer }: WeightSource,
  folder: string,
): Promise<{ tokenizer: WeightSource['tokenizer']; config: Pick<ModelConfig, 'endOfSequence'> }> {
  const there = await stat(join(folder, 'tokenizer.json')).catch(() => undefined);
  if (!there) return { tokenizer, config };
  const own = await readTokenizerFolder(folder, config.architecture);
  const end = tokenIdOf(own, 'eos_token');
  const endOfSequence = new Set([...(end === undefined ? [] : [end]), ...config.endOfSequence]);
  return { tokenizer: own, config: { endOfSequence: [...endOfSequence] } };
}

class MergedSource implements WeightSource {
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly tokenizer: WeightSource['tokenizer'];
  readonly displayName: string;
  readonly #base: WeightSource;
  readonly #adapter: Adapter;
  /** The factor that all rows of a matrix have in common, of the one that was read last. */
  #common: { readonly of: StoredTensor; readonly values: Float32Array } | undefined;

  constructor(
    base: WeightSource,
    adapter: Adapter,
    tensors: ReadonlyMap<string, TensorInfo>,
    config: ModelConfig,
    tokenizer: WeightSource['tokenizer'],
  ) {
    this.config = config;
    this.tensors = tensors;
    this.tokenizer = tokenizer;
    this.displayName = `${base.displayName}-${basename(resolve(adapter.folder))}`;
    this.#base = base;
    this.#adapter = adapter;
  }

  async readRows(tensor: TensorInfo, first: number, last: number): Promise<Float32Array> {
    const change = this.#adapter.changes.get(tensor.name);
    const stored = this.#base.tensors.get(tensor.name) ?? tensor;
    if (!change) return await this.#base.readRows(stored, first, last);
    const { replacement, product, rows } = change;
    const values = replacement
      ? await readStored(replacement, first, last)
      : await this.#base.readRows(stored, first, last);
    if (product) await this.#add(product, values, first, last);
    if (rows) {
      for (const [at, index] of rows.indices.entries()) {
        if (index < first || index >= last) continue;
        const row = await readStored(rows.tensor, at, at + 1);
        values.set(row, (index - first) * row.length);
      }
    }
    return values;
  }

  async readRawRows(tensor: TensorInfo, first: number, last: number): Promise<Uint8Array> {
    const stored = this.#base.tensors.get(tensor.name);
    if (stored && !this.#adapter.changes.has(tensor.name)) return await this.#base.readRawRows(stored, first, last);
    return new Uint8Array((await this.readRows(tensor, first, last)).buffer);
  }

  async close(): Promise<void> {
    await Promise.all([this.#adapter.close(), this.#base.close()]);
  }

  async #add({ a, b, scale, ofEmbedding }: Product, values: Float32Array, first: number, last: number): Promise<void> {
    const [rank = 0] = a.shape;
    const count = last - first;
    const columns = values.length / count;
    const common = await this.#whole(ofEmbedding ? b : a);
    // Factor k of row r is at r * rank + k, and of column c in `common` at k * columns + c.
    const [ofRows, ofColumns] = ofEmbedding
      ? [transposed(await readColumns(a, first, last), rank, count), transposed(common, columns, rank)]
      : [await readStored(b, first, last), common];
    const sums = new Float64Array(columns);
    for (let row = 0; row < count; row++) {
      sums.fill(0);
      for (let k = 0; k < rank; k++) {
        const factor = ofRows[row * rank + k] as number;
        for (let c = 0, at = k * columns; c < columns; c++, at++) {
          sums[c] = (sums[c] as number) + factor * (ofColumns[at] as number);
        }
      }
      for (let c = 0, at = row * columns; c < columns; c++, at++) {
        values[at] = (values[at] as number) + scale * (sums[c] as number);
      }
    }
  }

  async #whole(tensor: StoredTensor): Promise<Float32Array> {
    if (this.#common?.of !== tensor) {
      this.#common = { of: tensor, values: await readStored(tensor, 0, rowsAndColumns(tensor.shape).rows) };
    }
    return this.#common.values;
  }
}

async function readStored(tensor: StoredTensor, first: number, last: number): Promise<Float32Array> {
  const rowBytes = bytesOfRow(tensor.type, rowsAndColumns(tensor.shape).columns);
  return dequantize(tensor.type, await tensor.file.read(tensor.offset + first * rowBytes, (last - first) * rowBytes));
}

/** Columns `first` to `last` (half-open) of all rows, row-major. */
async function readColumns(tensor: StoredTensor, first: number, last: number): Promise<Float32Array> {
  const { rows, columns } = rowsAndColumns(tensor.shape);
  const [rowBytes, one] = [bytesOfRow(tensor.type, columns), bytesOfRow(tensor.type, 1)];
  const values = new Float32Array(rows * (last - first));
  for (let row = 0; row < rows; row++) {
    const bytes = await tensor.file.read(tensor.offset + row * rowBytes + first * one, (last - first) * one);
    values.set(dequantize(tensor.type, bytes), row * (last - first));
  }
  return values;
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return result;
}
