import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../server/model-host/loadModel.ts';
import { TextGenerator } from '../../server/model-host/textGenerator.ts';
import { withTokenizerTimeLimit } from '../../server/model-host/tokenizerTimeLimit.ts';
import type { ModelManifest } from '../../server/models/manifest.ts';
import { EngineError } from '../../shared/errors.ts';
import { type TinyModel, tinyModel } from './tinyModel.ts';

let loop: TinyModel;
let step: TinyModel;
const copies: string[] = [];

beforeAll(async () => {
  loop = await tinyModel('loop');
  step = await tinyModel('step');
});
afterEach(() => {
  for (const folder of copies.splice(0)) rmSync(folder, { recursive: true });
});
afterAll(() => {
  loop.remove();
  step.remove();
});

/** A copy of an installed model whose description has been changed, by hand so to say. */
function changed(model: TinyModel, decoder: Partial<ModelManifest['decoder']>): string {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-damaged-'));
  copies.push(folder);
  cpSync(model.folder, folder, { recursive: true });
  const manifest = { ...model.manifest, decoder: { ...model.manifest.decoder, ...decoder } };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(manifest));
  return folder;
}

/** Loads the model and has it say a token; what it is refused with. */
async function refusal(folder: string): Promise<string> {
  const setup = { folder, device: 'cpu', deviceId: 0, gpuMemoryLimit: 0, threads: 1 } as const;
  const error = await (async () => {
    const { model } = await loadModel(setup);
    await new TextGenerator(model).generate({ prompt: { raw: 'the' }, maxTokens: 1, stop: [] }, () => false).next();
    return new Error('it was accepted');
  })().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EngineError);
  return (error as Error).message;
}

describe('a model.json that does not describe its graph', () => {
  it.each<[Partial<ModelManifest['decoder']>, RegExp]>([
    [{ layers: 1 }, /it has an input `past\.1\.key`/],
    [{ layers: 3 }, /it has no `past\.2\.key`/],
    [{ kvHeads: 1 }, /its `past\.0\.key` is \[.*\], not of 1 heads of 16/],
    [{ headSize: 8 }, /not of 2 heads of 8/],
    [{ layout: 'step' }, /input `past_length`, which is not known how to fill/],
    [{ beginningOfSequence: 1000 }, /gives the id 1000 and the model knows 288/],
    [{ layers: 1e9 }, /`decoder\.layers`/],
    [{ kvHeads: 0 }, /`decoder\.kvHeads`/],
    [{ headSize: 2 ** 53 }, /`decoder\.headSize`/],
  ])('%j of our own graph', async (decoder, words) => {
    const message = await refusal(changed(loop, decoder));
    expect(message).toMatch(words);
    expect(message).not.toContain('\n');
  });

  it.each<[Partial<ModelManifest['decoder']>, RegExp]>([
    [{ layers: 1 }, /`past_key_values\.1\.key`/],
    [{ kvHeads: 4 }, /not of 4 heads of 16/],
    [{ layout: 'loop' }, /it has no `past_length`/],
  ])('%j of an exported graph', async (decoder, words) => {
    expect(await refusal(changed(step, decoder))).toMatch(words);
  });
});

it('says of numbers that are none that the weights are damaged', async () => {
  const folder = changed(loop, {});
  const file = path.join(folder, 'side-cpu.bin');
  writeFileSync(file, readFileSync(file).fill(0xff));
  expect(await refusal(folder)).toMatch(/computes NaN instead of probabilities: .*; import or pull it again/);
});

it('does not wait without end for a tokenizer or template', () => {
  const loop = () => {
    for (;;);
  };
  expect(() => withTokenizerTimeLimit(loop, 20)).toThrow(/took more than 0\.02 s: show it a shorter text/);
  expect(() => withTokenizerTimeLimit(loop, 20)).toThrow(EngineError);
});
