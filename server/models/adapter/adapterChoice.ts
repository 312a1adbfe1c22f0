import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { PromptFormatName } from '../../../shared/conversation/formats.ts';
import { packageFolder } from '../../packageFolder.ts';
import { publishedModel, publishedModels } from '../publishedModels.ts';
import { StoreError } from '../store/storeError.ts';
import { adapterConfigFile, adapterWeightsFile } from './adapterTensors.ts';

/** A LoRA adapter to be merged into a model. */
export interface AdapterChoice {
  /** As peft saves it. */
  readonly folder: string;
  /** What is known of one that comes with this package: the model's name, and the format it was trained for. */
  readonly bundled?: { readonly name: string; readonly promptFormat: PromptFormatName };
}

/**
 * The adapter that `given` names: a folder, or, where there is none of that name, one that comes with this package.
 * Rejects with a StoreError.
 */
export async function adapterChoice(given: string): Promise<AdapterChoice> {
  const there = await stat(given).catch(() => undefined);
  if (there?.isDirectory()) return { folder: given };
  if (publishedModel(given)?.adapter !== undefined) return await bundledAdapter(given);
  const names = publishedModels.flatMap(({ name, adapter }) => (adapter === undefined ? [] : [name]));
  throw new StoreError(
    `there is no folder ${given}; name the folder in which peft saved the adapter (save_pretrained), or one that comes with cursorcore-lsp: ${names.join(', ')}`,
  );
}

/** The adapter of the published model `name`, in `models/` of this package. Rejects with a StoreError. */
export async function bundledAdapter(name: string): Promise<AdapterChoice> {
  const model = publishedModel(name);
  if (model?.adapter === undefined) throw new StoreError(`no adapter ${name} comes with cursorcore-lsp`);
  const folder = path.join(packageFolder(), 'models', model.adapter.folder);
  for (const file of [adapterConfigFile, adapterWeightsFile]) {
    const place = path.join(folder, file);
    const there = await stat(place).catch(() => undefined);
    if (there) continue;
    throw new StoreError(`${place} is missing, which comes with cursorcore-lsp; install cursorcore-lsp again`);
  }
  return { folder, bundled: { name: model.name, promptFormat: model.adapter.promptFormat } };
}
