import type { PromptFormatName } from '../../shared/conversation/formats.ts';
import type { DecoderDescription, Precision } from './manifest.ts';
import { diskNeeded, memoryNeeded } from './needs.ts';

/** A model that its authors publish on the hub, under a name that can be typed. */
export interface PublishedModel {
  readonly name: string;
  /** An even shorter name, for the most useful model of its size. */
  readonly alias?: string;
  readonly repo: string;
  /**
   * What makes this model of the one in `repo`: a LoRA adapter that comes with this package, in a folder of its `models/`,
   * and the prompt format that it was trained for.
   */
  readonly adapter?: { readonly folder: string; readonly promptFormat: PromptFormatName };
  readonly parameters: number;
  /** As stated on its authors' page; absent where the user has to look there. */
  readonly licence?: string;
  readonly shape: Pick<DecoderDescription, 'layers' | 'kvHeads' | 'headSize'>;
}

/** The models of arXiv 2410.07002, section 5, by their base; each exists in three prompt formats. */
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
const cursorCore: readonly PublishedModel[] = bases.flatMap(({ base, parameters, ...rest }) =>
  suffixes.map((suffix) => ({
    name: `cursorcore-${base}${suffix}`.toLowerCase(),
    ...('alias' in rest ? { alias: `cursorcore-${rest.alias}${suffix}`.toLowerCase() } : {}),
    repo: `TechxGenus/CursorCore-${base}${suffix}`,
    parameters,
    shape: { layers: rest.layers, kvHeads: rest.kvHeads, headSize: rest.headSize },
  })),
);

const qwen = {
  '0.5b': { parameters: 494_032_768, shape: { layers: 24, kvHeads: 2, headSize: 64 } },
  '1.5b': { parameters: 1_543_714_304, shape: { layers: 28, kvHeads: 2, headSize: 128 } },
  '3b': { parameters: 3_085_938_688, shape: { layers: 36, kvHeads: 2, headSize: 128 } },
  '7b': { parameters: 7_615_616_512, shape: { layers: 28, kvHeads: 4, headSize: 128 } },
} as const;

/** Other open models that were made to predict edits, on Qwen2.5-Coder and on Seed-Coder. */
const others: readonly PublishedModel[] = [
  { name: 'sweep-0.5b', repo: 'sweepai/sweep-next-edit-0.5B', licence: 'Apache-2.0', ...qwen['0.5b'] },
  { name: 'sweep-1.5b', repo: 'sweepai/sweep-next-edit-1.5B', licence: 'Apache-2.0', ...qwen['1.5b'] },
  { name: 'sweep-7b', repo: 'sweepai/sweep-next-edit-v2-7B', licence: 'Apache-2.0', ...qwen['7b'] },
  { name: 'zeta', repo: 'zed-industries/zeta', ...qwen['7b'] },
  {
    name: 'zeta-2',
    repo: 'zed-industries/zeta-2',
    parameters: 8_250_462_208,
    shape: { layers: 32, kvHeads: 8, headSize: 128 },
  },
  { name: 'instinct', repo: 'continuedev/instinct', ...qwen['7b'] },
  { name: 'nep-3b', repo: 'lurf21/Qwen2.5-Coder-3B-NEP', ...qwen['3b'] },
  { name: 'nep-7b', repo: 'lurf21/Qwen2.5-Coder-7B-NEP', ...qwen['7b'] },
];

/** Our own: adapters that come with this package, of small models that run without a GPU. */
const own: readonly PublishedModel[] = [
  {
    name: 'next-patch-0.5b',
    repo: 'Qwen/Qwen2.5-Coder-0.5B-Instruct',
    adapter: { folder: 'next-patch-0.5b', promptFormat: 'patch' },
    licence: 'Apache-2.0',
    ...qwen['0.5b'],
  },
];

export const publishedModels: readonly PublishedModel[] = [...own, ...cursorCore, ...others];

/** The published model with the short name `name`, or that a repository of this name is as it stands. */
export function publishedModel(name: string): PublishedModel | undefined {
  const wanted = name.toLowerCase();
  return publishedModels.find(
    (model) => model.name === wanted || model.alias === wanted || (model.repo === name && !model.adapter),
  );
}

/** Bytes to download: the published weights are in bfloat16. */
export function downloadBytes({ parameters }: PublishedModel): number {
  return 2 * parameters;
}

/** The approximate bytes of a published model once imported, on the disk and in memory while it runs. */
export function publishedNeeds(
  { parameters, shape }: PublishedModel,
  precision: Precision,
): { readonly disk: number; readonly memory: number } {
  const disk = diskNeeded(parameters, precision);
  return { disk, memory: memoryNeeded(disk, precision, shape) };
}
