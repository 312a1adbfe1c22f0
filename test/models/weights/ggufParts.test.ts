import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelNameOf, partNames } from '../../../server/models/weights/ggufParts.ts';
import { openWeights } from '../../../server/models/weights/openWeights.ts';
import { temporaryFolder } from '../storeSupport.ts';
import { requireTensor } from './requireTensor.ts';
import { ggufBytes, ggufMetadata, ggufTensors } from './writers.ts';

const partOf = (number: number) => ({ 'split.no': number, 'split.count': 2, 'split.tensors.count': 2 });

/** A model in two parts; its names are those of llama.cpp. */
function writeParts(second: object = partOf(1)): { folder: string; parts: string[] } {
  const folder = temporaryFolder();
  const parts = [1, 2].map((number) => path.join(folder, `tiny-0000${number}-of-00002.gguf`));
  const contents = [
    ggufBytes({ ...ggufMetadata, ...partOf(0) }, ggufTensors.slice(0, 1)),
    ggufBytes({ ...second }, ggufTensors.slice(1)),
  ];
  parts.forEach((part, i) => {
    writeFileSync(part, contents[i] ?? '');
  });
  return { folder, parts };
}

describe('a GGUF file in parts', () => {
  it('is read from all of them, whichever is named', async () => {
    const { parts } = writeParts();
    for (const part of parts) {
      const source = await openWeights(part);
      try {
        expect(source.displayName).toBe('Small Llama');
        const embedding = requireTensor(source, 'model.embed_tokens.weight', [6, 8]);
        expect(Array.from(await source.readRows(embedding, 1, 2))[0]).toBe(8);
        const query = requireTensor(source, 'model.layers.0.self_attn.q_proj.weight', [8, 8]);
        expect(Array.from(await source.readRows(query, 0, 1))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      } finally {
        await source.close();
      }
    }
  });

  it('is refused where a part is missing, is of another model, or has lost its name', async () => {
    const { folder, parts } = writeParts();
    const [first = '', second = ''] = parts;
    const alone = path.join(folder, 'alone.gguf');
    writeFileSync(alone, ggufBytes({ ...ggufMetadata, ...partOf(0) }, ggufTensors.slice(0, 1)));
    await expect(openWeights(alone)).rejects.toThrow(/such as NAME-00001-of-00002\.gguf, or join them with llama-gguf/);
    rmSync(second);
    await expect(openWeights(first)).rejects.toThrow(/tiny-00002-of-00002\.gguf does not exist/);
    writeFileSync(second, ggufBytes(partOf(0), ggufTensors.slice(1)));
    await expect(openWeights(first)).rejects.toThrow('says that it is part 1 of 2, not 2 of 2 as its name does');
    writeFileSync(second, ggufBytes(partOf(1), ggufTensors.slice(0, 1)));
    await expect(openWeights(first)).rejects.toThrow('another part has its tensor token_embd.weight too');
    writeFileSync(second, ggufBytes(partOf(1), []));
    await expect(openWeights(first)).rejects.toThrow('have 1 tensors together, and there should be 2');
  });

  it('is not thought of where a file is only named like a part', async () => {
    const file = path.join(temporaryFolder(), 'tiny-00001-of-00003.gguf');
    writeFileSync(file, ggufBytes(ggufMetadata, ggufTensors));
    const source = await openWeights(file);
    expect(source.tensors.size).toBe(2);
    await source.close();
  });

  it('names all parts by any', () => {
    expect(partNames('a-00002-of-00003.gguf')).toEqual([
      'a-00001-of-00003.gguf',
      'a-00002-of-00003.gguf',
      'a-00003-of-00003.gguf',
    ]);
    for (const name of ['a.gguf', 'a-00004-of-00003.gguf', 'a-00000-of-00003.gguf', 'a-1-of-2.gguf']) {
      expect(partNames(name)).toBeUndefined();
    }
    expect([modelNameOf('q8.GGUF'), modelNameOf('q8-00001-of-00002.gguf')]).toEqual(['q8', 'q8']);
  });
});
