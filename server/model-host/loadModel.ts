import path from 'node:path';
import { EngineError } from '../../shared/errors.ts';
import type { Device, ModelManifest } from '../models/manifest.ts';
import { readManifest } from '../models/store/manifestFile.ts';
import { StoreError } from '../models/store/storeError.ts';
import { openDecoder } from './execution.ts';
import type { HostSetup } from './hostProtocol.ts';
import { checkMemory, filesSize } from './memory.ts';
import type { LoadedModel } from './textGenerator.ts';
import { readTokenizer } from './tokenizer.ts';

export interface Loading {
  readonly model: LoadedModel;
  readonly device: Device;
  /** Why the model does not run on the requested device. */
  readonly notice?: string;
}

/** Loads a model of the store. Throws an EngineError that says why this is impossible and what to do. */
export async function loadModel(setup: HostSetup): Promise<Loading> {
  const manifest = await manifestOf(setup.folder);
  checkMemory(manifest);
  const { decoder: description, contextLength } = manifest;
  const tokenizer = await readTokenizer(setup.folder, description.beginningOfSequence);
  const { decoder, device, notice } = await openDecoder(setup, description, filesSize(manifest));
  return {
    model: {
      tokenizer,
      decoder,
      contextLength,
      vocabularySize: description.vocabularySize,
      endOfSequence: description.endOfSequence,
    },
    device,
    ...(notice === undefined ? {} : { notice }),
  };
}

async function manifestOf(folder: string): Promise<ModelManifest> {
  try {
    return await readManifest(folder, path.basename(folder));
  } catch (error) {
    throw error instanceof StoreError ? new EngineError(error.message) : error;
  }
}
