import type { InferenceSession } from 'onnxruntime-node';
import { EngineError } from '../../shared/errors.ts';
import type { DecoderDescription } from '../models/manifest.ts';

/** A session's description of its inputs and outputs. */
export type Bound = Pick<InferenceSession, 'inputNames' | 'outputNames' | 'inputMetadata'>;

/** Throws an EngineError unless these are a graph's inputs and outputs, all of them and no others. */
export function checkNames(
  { inputNames, outputNames }: Pick<Bound, 'inputNames' | 'outputNames'>,
  inputs: readonly string[],
  outputs: readonly string[],
): void {
  const lacking =
    inputs.find((name) => !inputNames.includes(name)) ?? outputs.find((name) => !outputNames.includes(name));
  if (lacking !== undefined) throw disagrees(`it has no \`${lacking}\``);
  const wanted = new Set(inputs);
  const odd = inputNames.find((name) => !wanted.has(name));
  if (odd !== undefined) throw disagrees(`it has an input \`${odd}\``);
}

/**
 * Throws an EngineError for a cache input that is not of `[batch, kvHeads, length, headSize]`, as far as the graph
 * specifies these.
 */
export function checkCacheShape(
  { inputNames, inputMetadata }: Pick<Bound, 'inputNames' | 'inputMetadata'>,
  { kvHeads, headSize }: Pick<DecoderDescription, 'kvHeads' | 'headSize'>,
  names: readonly string[],
): void {
  for (const name of names) {
    const metadata = inputMetadata[inputNames.indexOf(name)];
    if (!metadata?.isTensor) throw disagrees(`its \`${name}\` is no tensor`);
    const [, heads, , size] = metadata.shape;
    const fits = (fixed: number | string | undefined, wanted: number) => typeof fixed !== 'number' || fixed === wanted;
    if (metadata.shape.length !== 4 || !fits(heads, kvHeads) || !fits(size, headSize)) {
      throw disagrees(`its \`${name}\` is [${metadata.shape.join(', ')}], not of ${kvHeads} heads of ${headSize}`);
    }
  }
}

/** Whether a session keeps its cache in float32 or float16, by the type of one of its inputs. */
export function cacheType(
  { inputNames, inputMetadata }: Pick<Bound, 'inputNames' | 'inputMetadata'>,
  input: string,
): 'float32' | 'float16' {
  const metadata = inputMetadata[inputNames.indexOf(input)];
  return metadata?.isTensor && metadata.type === 'float16' ? 'float16' : 'float32';
}

/** The names of a graph's caches, e.g. `past.0.key`, `past.0.value`, `past.1.key`, …: key and value of each layer alternate. */
export function cacheTensorNames(side: string, layers: number): string[] {
  return Array.from({ length: layers }, (_, layer) => [`${side}.${layer}.key`, `${side}.${layer}.value`]).flat();
}

/** Runs a session. Throws an EngineError for a model that ONNX Runtime cannot compute. */
export async function runSession(
  session: InferenceSession,
  feeds: InferenceSession.OnnxValueMapType,
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds);
  } catch (error) {
    throw notComputable(error);
  }
}

/** What to tell the user of a run that failed. The error contains names of nodes and shapes, never text of the prompt. */
export function notComputable(error: unknown): EngineError {
  const why = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
  return new EngineError(`ONNX Runtime cannot compute the model (${why}); import or pull it again`, {
    topic: 'model not computable',
  });
}

function disagrees(what: string): EngineError {
  return new EngineError(
    `the model's graph is not the one that its model.json describes (${what}); import or pull it again`,
  );
}
