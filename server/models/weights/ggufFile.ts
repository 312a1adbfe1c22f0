import { basename } from 'node:path';
import type { Architecture } from '../architecture.ts';
import { architectureOf } from '../architectures.ts';
import { huggingFaceName, layerPartOf, outerTensor } from '../tensorNames.ts';
import { ggufTokenizer } from '../tokenizer/ggufTokenizer.ts';
import { type ModelConfig, ModelFileError, type TensorInfo, type WeightSource } from '../weightSource.ts';
import { checkVocabulary } from './checkVocabulary.ts';
import { dequantize } from './dequantize.ts';
import { architectureOfGguf, parseGgufConfig } from './ggufConfig.ts';
import type { GgufTensor } from './ggufHeader.ts';
import { type GgufParts, modelNameOf, readGgufParts } from './ggufParts.ts';
import { ModelFile } from './modelFile.ts';
import { blockLayouts, bytesOfRow, rowsAndColumns } from './storedTypes.ts';

/**
 * A GGUF file of a supported architecture, or any part of one that was split.
 * @param open how its files are opened
 * @throws ModelFileError
 */
export async function openGgufFile(
  path: string,
  open: (path: string) => Promise<ModelFile> = (file) => ModelFile.open(file),
): Promise<WeightSource> {
  const files: ModelFile[] = [];
  const close = async () => {
    await Promise.all(files.map((file) => file.close()));
  };
  try {
    const parts = await readGgufParts(path, async (file) => {
      const opened = await open(file);
      files.push(opened);
      return opened;
    });
    return { ...(await openSource(parts)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openSource(parts: GgufParts): Promise<Omit<WeightSource, 'close'>> {
  const { metadata } = parts;
  const architecture = architectureOfGguf(metadata);
  const tensors = mapTensors(parts.tensors, architecture);
  const tokenizer = ggufTokenizer(metadata);
  const embedding = tensors.get(outerTensor(architecture, 'embedding'));
  if (!embedding) throw new ModelFileError(`${metadata.path} has no token_embd.weight; download it again.`);
  const config = parseGgufConfig(metadata, architecture, {
    vocabularySize: embedding.shape[0] ?? 0,
    tiedEmbeddings: !tensors.has(outerTensor(architecture, 'head')),
    endOfSequence: tokenizer.endOfSequence,
    beginningOfSequence: tokenizer.beginningOfSequence,
    ropeFactors: await readRopeFactors(parts.tensors),
  });
  checkVocabulary(metadata.path, config, tensors, tokenizer.highestId);
  const rows = new GgufRows(tensors, config);
  return {
    config,
    tensors,
    tokenizer: tokenizer.files,
    displayName: metadata.optionalString('general.name') || modelNameOf(basename(metadata.path)),
    readRows: async (tensor, first, last) => dequantize(tensor.type, await rows.read(tensor, first, last)),
    readRawRows: (tensor, first, last) => rows.read(tensor, first, last),
  };
}

const ropeFactorsName = 'rope_freqs.weight';

function mapTensors(tensors: readonly GgufTensor[], architecture: Architecture): Map<string, GgufTensor> {
  const mapped = new Map<string, GgufTensor>();
  for (const tensor of tensors) {
    // Old files hold the rotary frequencies, which follow from the metadata.
    if (tensor.name === ropeFactorsName || tensor.name.endsWith('.attn_rot_embd.weight')) continue;
    const name = huggingFaceName(architecture, tensor.name);
    if (name === undefined) {
      throw new ModelFileError(
        `${tensor.file.path}: what its tensor ${tensor.name} is for is not known; take another model.`,
      );
    }
    mapped.set(name, { ...tensor, name });
  }
  return mapped;
}

async function readRopeFactors(tensors: readonly GgufTensor[]): Promise<Float32Array | undefined> {
  const tensor = tensors.find(({ name }) => name === ropeFactorsName);
  if (!tensor) return undefined;
  const { file, bytes, offset, type } = tensor;
  if (bytes > 4096) throw new ModelFileError(`${file.path}: ${ropeFactorsName} is too large; download it again.`);
  return dequantize(type, await file.read(offset, bytes));
}

/**
 * Reads rows in Hugging Face's order: those of query and key heads that lie in pairs (`Architecture.ggufRotaryOrder`) are
 * put back into halves.
 */
class GgufRows {
  readonly #tensors: ReadonlyMap<string, GgufTensor>;
  readonly #config: ModelConfig;
  readonly #architecture: Architecture;

  constructor(tensors: ReadonlyMap<string, GgufTensor>, config: ModelConfig) {
    this.#tensors = tensors;
    this.#config = config;
    this.#architecture = architectureOf(config.architecture);
  }

  async read({ name }: TensorInfo, first: number, last: number): Promise<Uint8Array> {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new RangeError(`No tensor ${name}`);
    const { rows, columns } = rowsAndColumns(tensor.shape);
    if (!(first >= 0 && first <= last && last <= rows)) throw new RangeError(`Rows ${first} to ${last} of ${rows}`);
    const heads = this.#pairedHeads(name);
    const rowBytes = bytesOfRow(tensor.type, columns);
    if (!heads) return tensor.file.read(tensor.offset + first * rowBytes, (last - first) * rowBytes);

    this.#checkRotary(tensor, this.#config[heads]);
    // A bias is one row whose numbers are ordered as the projection's rows are.
    if (tensor.shape.length === 1)
      return this.#readPermuted(tensor, bytesOfRow(tensor.type, 1), 0, (last - first) * columns);
    return this.#readPermuted(tensor, rowBytes, first, last);
  }

  async #readPermuted(tensor: GgufTensor, itemBytes: number, first: number, last: number): Promise<Uint8Array> {
    const { headSize } = this.#config;
    const start = Math.floor(first / headSize) * headSize;
    const end = Math.ceil(last / headSize) * headSize;
    const stored = await tensor.file.read(tensor.offset + start * itemBytes, (end - start) * itemBytes);
    const ordered = new Uint8Array((last - first) * itemBytes);
    for (let row = first; row < last; row++) {
      const inHead = row % headSize;
      const from = row - inHead + 2 * (inHead % (headSize / 2)) + (inHead < headSize / 2 ? 0 : 1) - start;
      ordered.set(stored.subarray(from * itemBytes, (from + 1) * itemBytes), (row - first) * itemBytes);
    }
    return ordered;
  }

  /** Which heads a tensor's rows belong to, where they lie in pairs. */
  #pairedHeads(name: string): 'heads' | 'kvHeads' | undefined {
    if (this.#architecture.ggufRotaryOrder !== 'pairs') return undefined;
    const part = layerPartOf(this.#architecture, name);
    if (part === 'query') return 'heads';
    return part === 'key' ? 'kvHeads' : undefined;
  }

  #checkRotary(tensor: GgufTensor, heads: number): void {
    const plain = tensor.shape.length > 1 || blockLayouts[tensor.type].numbers === 1;
    if (plain && tensor.shape[0] === heads * this.#config.headSize) return;
    throw new ModelFileError(
      `${tensor.file.path}: tensor ${tensor.name} is ${tensor.type} [${tensor.shape.join(', ')}], not of ${heads} heads of ` +
        `${this.#config.headSize}; the file is damaged, download it again.`,
    );
  }
}
