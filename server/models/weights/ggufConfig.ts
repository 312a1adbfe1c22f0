import type { Architecture } from '../architecture.ts';
import { architectures, architecturesInWords } from '../architectures.ts';
import { type ModelConfig, ModelFileError, type RopeScaling } from '../weightSource.ts';
import type { GgufMetadata } from './ggufMetadata.ts';
import { checkHeads } from './huggingFaceConfig.ts';
import { matchLlama3Factors } from './ropeFactors.ts';
import { unsupportedRopeScaling } from './unsupportedRope.ts';

/** What weights and tokenizer of a GGUF file add to its metadata. */
export interface GgufFacts {
  readonly vocabularySize: number;
  readonly tiedEmbeddings: boolean;
  readonly endOfSequence: readonly number[];
  readonly beginningOfSequence: number | undefined;
  /** The content of `rope_freqs.weight`, where there is such a tensor: what each rotary frequency is divided by. */
  readonly ropeFactors: Float32Array | undefined;
}

/** @throws ModelFileError for an architecture that cannot be run; names the ones that can. */
export function architectureOfGguf(metadata: GgufMetadata): Architecture {
  const named = metadata.string('general.architecture');
  const architecture = architectures.find(({ ggufName }) => ggufName === named);
  if (architecture) return architecture;
  throw new ModelFileError(
    `${metadata.path}: the architecture ${named} cannot be run; take a model of ${architecturesInWords(({ ggufName }) => ggufName)}.`,
  );
}

/**
 * The configuration that a GGUF file's metadata tells (ggml/docs/gguf.md, "LLM").
 * @throws ModelFileError
 */
export function parseGgufConfig(metadata: GgufMetadata, architecture: Architecture, facts: GgufFacts): ModelConfig {
  const family = architecture.ggufName;
  const heads = metadata.size(`${family}.attention.head_count`);
  const kvHeads = metadata.optionalNumber(`${family}.attention.head_count_kv`) ?? heads;
  const hiddenSize = metadata.size(`${family}.embedding_length`);
  const headSize = readHeadSize(metadata, family, hiddenSize / heads);
  checkHeads(heads, kvHeads, headSize, metadata.path);
  if ((metadata.optionalNumber(`${family}.expert_count`) ?? 0) > 0) {
    throw new ModelFileError(`${metadata.path}: a mixture of experts cannot be run; take a dense model.`);
  }
  const ropeScaling = readRopeScaling(metadata, family, headSize, facts.ropeFactors);
  return {
    architecture: architecture.name,
    hiddenSize,
    intermediateSize: metadata.size(`${family}.feed_forward_length`),
    layers: metadata.size(`${family}.block_count`),
    heads,
    kvHeads,
    headSize,
    vocabularySize: facts.vocabularySize,
    contextLength: metadata.size(`${family}.context_length`),
    normEpsilon: readPositive(metadata, `${family}.attention.layer_norm_rms_epsilon`, 1e-6),
    ropeTheta: readPositive(metadata, `${family}.rope.freq_base`, 10000),
    ...(ropeScaling && { ropeScaling }),
    tiedEmbeddings: facts.tiedEmbeddings,
    endOfSequence: facts.endOfSequence,
    ...(facts.beginningOfSequence !== undefined && { beginningOfSequence: facts.beginningOfSequence }),
  };
}

function readHeadSize(metadata: GgufMetadata, family: string, derived: number): number {
  const keys = metadata.optionalNumber(`${family}.attention.key_length`) ?? derived;
  const values = metadata.optionalNumber(`${family}.attention.value_length`) ?? keys;
  const rotated = metadata.optionalNumber(`${family}.rope.dimension_count`) ?? keys;
  if (keys === values && keys === rotated && keys > 0) return keys;
  throw new ModelFileError(
    `${metadata.path}: heads of ${keys} numbers for keys, ${values} for values and ${rotated} rotated cannot be run; ` +
      'take a model where these are one.',
  );
}

/** Float32 in the file: 1e-6 is stored as 9.999999974752427e-7, and 7 digits bring back what was meant. */
function readPositive(metadata: GgufMetadata, key: string, absent: number): number {
  const value = metadata.optionalNumber(key) ?? absent;
  if (value > 0) return Number(value.toPrecision(7));
  throw new ModelFileError(`${metadata.path}: ${key} is ${value}; the file is damaged, download it again.`);
}

function readRopeScaling(
  metadata: GgufMetadata,
  family: string,
  headSize: number,
  ropeFactors: Float32Array | undefined,
): RopeScaling | undefined {
  const older = metadata.optionalNumber(`${family}.rope.scale_linear`);
  const kind = metadata.optionalString(`${family}.rope.scaling.type`) ?? (older === undefined ? 'none' : 'linear');
  const factor = readPositive(metadata, `${family}.rope.scaling.factor`, older ?? 1);
  if (kind !== 'none' && kind !== 'linear') {
    const original = metadata.optionalNumber(`${family}.rope.scaling.original_context_length`);
    throw new ModelFileError(`${metadata.path}: ${unsupportedRopeScaling(kind, original)}.`);
  }
  const linear: RopeScaling | undefined = kind === 'linear' && factor !== 1 ? { kind, factor } : undefined;
  if (!ropeFactors || ropeFactors.every((value) => value === 1)) return linear;
  const theta = readPositive(metadata, `${family}.rope.freq_base`, 10000);
  const llama3 = linear ? undefined : matchLlama3Factors(ropeFactors, theta, headSize);
  if (llama3) return llama3;
  throw new ModelFileError(
    `${metadata.path}: its rope_freqs.weight is not that of a known llama3 scaling; take the model as safetensors.`,
  );
}
