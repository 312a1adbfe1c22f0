import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Architecture } from './architecture.ts';
import { architectureOf } from './architectures.ts';
import type { DecoderWeights, LayerWeights } from './graph/decoderWeights.ts';
import { inPlaceGraph } from './graph/inPlaceGraph.ts';
import { loopGraph } from './graph/loopGraph.ts';
import { encodeModel } from './graph/onnxModel.ts';
import { type PaddedHeads, padHeads } from './graph/paddedHeads.ts';
import { ropePositions, ropeTables } from './graph/rope.ts';
import { stepGraph } from './graph/stepGraph.ts';
import { type Device, devices, type ModelManifest, type Precision } from './manifest.ts';
import { layerTensors, missingTensor, outerTensor } from './tensorNames.ts';
import { type ModelConfig, ModelFileError, type WeightSource } from './weightSource.ts';
import { lacking, WeightWriter } from './weightWriter.ts';

/** CursorCore was trained on texts of 16,384 tokens; positions that no prompt uses need not be loaded. */
const longestContext = 32_768;

export interface ConvertOptions {
  readonly precision: Precision;
  /** Called with the count of numbers written so far, and the total. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export type ConvertedModel = Pick<
  ModelManifest,
  'architecture' | 'parameters' | 'precision' | 'contextLength' | 'decoder'
>;

/**
 * Writes a decoder in ONNX form into an empty folder: graphs for the CPU and CUDA, and the weights that both read.
 * Rejects with a ModelFileError for invalid weights, with the system's error for disk errors, and with `signal.reason`;
 * the folder's content is then unusable.
 */
export async function convertModel(
  source: WeightSource,
  folder: string,
  { precision, onProgress, signal }: ConvertOptions,
): Promise<ConvertedModel> {
  checkConvertible(source);
  const heads = padHeads(source);
  const { config } = heads.source;
  const architecture = architectureOf(config.architecture);
  const total = [...source.tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((size, n) => size * n, 1),
    0,
  );
  let done = 0;
  const onNumbers = (count: number) => {
    done += count;
    onProgress?.(Math.min(done, total), total);
  };
  const writer = await WeightWriter.create(heads.source, folder, {
    precision,
    onNumbers,
    ...(signal ? { signal } : {}),
  });
  let weights: DecoderWeights;
  try {
    weights = await writeWeights(heads, architecture, writer);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.close();
  return {
    architecture: config.architecture,
    parameters: total,
    precision,
    contextLength: weights.rope.positions,
    decoder: {
      layout: 'loop',
      files: await writeGraphs(folder, 'decoder', precision, (device) => loopGraph(config, weights, device)),
      inPlaceFiles: await writeGraphs(folder, 'in-place', precision, (device) =>
        device === 'cpu' ? inPlaceGraph(config, weights) : undefined,
      ),
      scoringFiles: await writeGraphs(folder, 'scoring', precision, (device) => stepGraph(config, weights, device)),
      layers: config.layers,
      kvHeads: config.kvHeads,
      headSize: config.headSize,
      vocabularySize: config.vocabularySize,
      endOfSequence: [...config.endOfSequence],
      ...(config.beginningOfSequence === undefined ? {} : { beginningOfSequence: config.beginningOfSequence }),
    },
  };
}

async function writeWeights(
  { source, headSize: unpadded }: PaddedHeads,
  architecture: Architecture,
  writer: WeightWriter,
): Promise<DecoderWeights> {
  const { config } = source;
  const { hiddenSize, intermediateSize, heads, kvHeads, headSize, vocabularySize } = config;
  // On SmolLM2-135M 4 bits for these two cost a third of the loss that int4 adds, on Qwen2.5-Coder-0.5B a quarter.
  const vocabulary = (name: string, tensor: string) =>
    writer.matrix(name, { weights: [tensor] }, [vocabularySize, hiddenSize], { sensitive: true });
  const embedding = await vocabulary('embedding', outerTensor(architecture, 'embedding'));
  const layers: LayerWeights[] = [];
  for (let index = 0; index < config.layers; index++) {
    const tensors = layerTensors(architecture, index, (tensor) => source.tensors.has(tensor));
    const name = (part: string) => `layer.${index}.${part}`;
    const headNorm = (part: string, tensor: string) => writer.vector(name(part), [tensor], headSize);
    layers.push({
      inputNorm: await writer.vector(name('input_norm'), [tensors.inputNorm], hiddenSize),
      qkv: await writer.matrix(name('qkv'), tensors.qkv, [(heads + 2 * kvHeads) * headSize, hiddenSize]),
      ...(tensors.queryNorm === undefined ? {} : { queryNorm: await headNorm('query_norm', tensors.queryNorm) }),
      ...(tensors.keyNorm === undefined ? {} : { keyNorm: await headNorm('key_norm', tensors.keyNorm) }),
      output: await writer.matrix(name('output'), tensors.output, [hiddenSize, heads * headSize]),
      postAttentionNorm: await writer.vector(name('post_attention_norm'), [tensors.postAttentionNorm], hiddenSize),
      gate: await writer.matrix(name('gate'), tensors.gate, [intermediateSize, hiddenSize]),
      up: await writer.matrix(name('up'), tensors.up, [intermediateSize, hiddenSize]),
      down: await writer.matrix(name('down'), tensors.down, [hiddenSize, intermediateSize]),
    });
  }
  const finalNorm = await writer.vector('final_norm', [outerTensor(architecture, 'finalNorm')], hiddenSize);
  const head = config.tiedEmbeddings ? embedding : await vocabulary('head', outerTensor(architecture, 'head'));
  const positions = Math.min(ropePositions(config), longestContext);
  const { cos, sin } = ropeTables(config, unpadded, positions);
  return {
    embedding,
    layers,
    finalNorm,
    head,
    attentionScale: 1 / Math.sqrt(unpadded),
    headNormEpsilon: (config.normEpsilon * unpadded) / headSize,
    rope: { positions, cos: await writer.side(cos), sin: await writer.side(sin) },
  };
}

async function writeGraphs(
  folder: string,
  name: string,
  precision: Precision,
  build: (device: Device) => Parameters<typeof encodeModel>[0] | undefined,
): Promise<Partial<Record<Device, string>>> {
  const files: Partial<Record<Device, string>> = {};
  for (const device of devices) {
    // CUDA's attention does not support float32; converting all weights there would double their GPU memory.
    if (precision === 'fp32' && device === 'cuda') continue;
    const graph = build(device);
    if (!graph) continue;
    const file = `${name}-${device}.onnx`;
    await writeFile(path.join(folder, file), encodeModel(graph), { flag: 'wx' });
    files[device] = file;
  }
  return files;
}

/**
 * Throws a ModelFileError if no decoder can be built, as far as the configuration and the tensor names show: before
 * anything is written, or even downloaded.
 */
export function checkConvertible({ config, tensors }: Pick<WeightSource, 'config' | 'tensors'>): void {
  checkConfig(config);
  const missing = missingTensor(architectureOf(config.architecture), config, (name) => tensors.has(name));
  if (missing !== undefined) throw lacking(missing);
}

function checkConfig({ heads, kvHeads, headSize }: ModelConfig): void {
  if (kvHeads < 1 || heads % kvHeads !== 0) {
    throw new ModelFileError(
      `${heads} attention heads cannot be shared among ${kvHeads} key/value heads; config.json is damaged`,
    );
  }
  if (headSize % 2 !== 0) {
    throw new ModelFileError(
      `attention heads of ${headSize} numbers cannot be rotated in pairs; config.json is damaged`,
    );
  }
}
