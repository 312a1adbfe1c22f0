import type { DecoderDescription, Precision } from './manifest.ts';
import { diskNeeded, memoryNeeded } from './needs.ts';

/** A model that its authors publish on the hub, under a name that can be typed. */
export interface PublishedModel {
  readonly name: string;
  /** A shorter name still, for the one that most will want of its size. */
  readonly alias?: string;
  readonly repo: string;
  readonly parameters: number;
  readonly shape: Pick<DecoderDescription, 'layers' | 'kvHeads' | 'headSize'>;
}

/** The models of arXiv 2410.07002, section 5, by their base; each is there in three prompt formats. */
const bases = [
  { base: 'QW2.5-1.5B', alias: '1.5b', parameters: 1_543_714_304, layers: 28, kvHeads: 2, headSize: 128 },
  { base: 'QW2.5-7B', alias: '7b', parameters: 7_615_616_512, layers: 28, kvHeads: 4, headSize: 128 },
  { base: 'Yi-1.5B', parameters: 1_476_493_312, layers: 24, kvHeads: 16, headSize: 128 },
  { base: 'Yi-9B', alias: '9b', parameters: 8_829_407_232, layers: 48, kvHeads: 4, headSize: 128 },
  { base: 'DS-1.3B', alias: '1.3b', parameters: 1_346_471_936, layers: 24, kvHeads: 16, headSize: 128 },
  { base: 'DS-6.7B', alias: '6.7b', parameters: 6_740_512_768, layers: 32, kvHeads: 32, headSize: 128 },
] as const;

const suffixes = ['', '-SR', '-LC'] as const;

/** The published CursorCore models: whole file, search and replace, location and change. */
export const publishedModels: readonly PublishedModel[] = bases.flatMap(({ base, parameters, ...rest }) =>
  suffixes.map((suffix) => ({
    name: `cursorcore-${base}${suffix}`.toLowerCase(),
    ...('alias' in rest ? { alias: `cursorcore-${rest.alias}${suffix}`.toLowerCase() } : {}),
    repo: `TechxGenus/CursorCore-${base}${suffix}`,
    parameters,
    shape: { layers: rest.layers, kvHeads: rest.kvHeads, headSize: rest.headSize },
  })),
);

/** The published model that `name` is short for. */
export function publishedModel(name: string): PublishedModel | undefined {
  const wanted = name.toLowerCase();
  return publishedModels.find((model) => model.name === wanted || model.alias === wanted || model.repo === name);
}

/** Bytes to download: the published weights are in bfloat16. */
export function downloadBytes({ parameters }: PublishedModel): number {
  return 2 * parameters;
}

/** About how many bytes a published model takes once imported, on the disk and in memory while it runs. */
export function publishedNeeds(
  { parameters, shape }: PublishedModel,
  precision: Precision,
): { readonly disk: number; readonly memory: number } {
  const disk = diskNeeded(parameters, precision);
  return { disk, memory: memoryNeeded(disk, precision, shape) };
}
