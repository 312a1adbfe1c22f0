import { stat } from 'node:fs/promises';
import path from 'node:path';
import { formats } from '../../../shared/conversation/formats.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { readManifest } from '../../models/store/manifestFile.ts';
import { StoreError } from '../../models/store/storeError.ts';
import { ModelStore } from '../../models/store.ts';

export interface FoundModel {
  readonly folder: string;
  readonly manifest: ModelManifest;
}

/** A model to predict with, or why there is none; `missing` if none is installed. */
export type ModelSearch =
  | { readonly model: FoundModel }
  | { readonly model?: undefined; readonly problem: string; readonly missing: boolean };

/**
 * The model that the setting names: an installed one, or a folder that contains one. Without a name the only one;
 * if there are several, the first by name that was made to predict edits.
 */
export async function findModel(name: string, store: ModelStore = new ModelStore()): Promise<ModelSearch> {
  try {
    if (name === '') return await firstInstalled(store);
    if (path.isAbsolute(name) && (await isFolder(name))) {
      return { model: { folder: name, manifest: await readManifest(name, path.basename(name)) } };
    }
    return { model: await store.open(name) };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { problem: `${error.message}.`, missing: false };
  }
}

async function firstInstalled(store: ModelStore): Promise<ModelSearch> {
  const entries = await store.list();
  const whole = entries.flatMap((entry) => ('manifest' in entry ? [entry] : []));
  const [first] = whole.sort((a, b) => Number(isForPrediction(b.manifest)) - Number(isForPrediction(a.manifest)));
  if (first) return { model: await store.open(first.name) };
  const [damaged] = entries.flatMap((entry) => ('problem' in entry ? [entry] : []));
  if (damaged) return { problem: `${damaged.problem}.`, missing: false };
  return {
    problem: 'No model is installed: get one with `cursorcore-lsp model pull` or `cursorcore-lsp model import`.',
    missing: true,
  };
}

function isForPrediction({ promptFormat }: ModelManifest): boolean {
  return formats[promptFormat].isForPrediction;
}

async function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
