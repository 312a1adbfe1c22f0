import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import type { BuiltModel } from '../../server/models/store.ts';

/** A fresh folder, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-store-'));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** What a build says of a model whose decoder is `decoder.onnx`. */
export const built: BuiltModel = {
  source: '/somewhere/model',
  architecture: 'Qwen2ForCausalLM',
  parameters: 1000,
  precision: 'int4',
  promptFormat: 'wholeFile',
  contextLength: 128,
  decoder: {
    layout: 'step',
    files: { cpu: 'decoder.onnx' },
    layers: 1,
    kvHeads: 1,
    headSize: 8,
    vocabularySize: 16,
    endOfSequence: [1],
  },
};

/** A build that writes `content` as the decoder. */
export function writes(content: string): (folder: string) => Promise<BuiltModel> {
  return async (folder) => {
    await writeFile(path.join(folder, 'decoder.onnx'), content);
    return built;
  };
}
