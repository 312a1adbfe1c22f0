import { expect, it } from 'vitest';
import { loadModel } from '../../server/model-host/loadModel.ts';
import { TextGenerator } from '../../server/model-host/textGenerator.ts';
import { text } from '../../shared/conversation/prompt.ts';
import { tinyConfig, tinyModel } from './tinyModel.ts';

async function written(generator: TextGenerator, asked: Parameters<TextGenerator['generate']>[0]) {
  const answer = { ids: [] as number[], logs: [] as number[] };
  for await (const chunk of generator.generate(asked, () => false)) {
    answer.ids.push(...chunk.ids);
    answer.logs.push(...chunk.logProbabilities);
  }
  return answer;
}

it('says the same with drafts as without for a thousand prompts, whatever is expected, up to ties', async () => {
  const tiny = await tinyModel('in place', { ...tinyConfig, tiedEmbeddings: true }, { spread: 0.4 });
  const { model } = await loadModel({ folder: tiny.folder, device: 'cpu', deviceId: 0, gpuMemoryLimit: 0, threads: 1 });
  const words = ['the ', 'a = b', '\n', 'return ', 'in', 're(', ') ', 'é', '  '];
  let state = 11;
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const [plain, drafted] = [new TextGenerator(model), new TextGenerator(model)];
  const randomLine = () => Array.from({ length: 1 + random(8) }, () => words[random(words.length)] ?? '').join('');
  let ties = 0;
  let asExpected = '';
  for (let prompt = 0; prompt < 1_000; prompt++) {
    const raw = `${randomLine()}\n`.repeat(1 + random(4));
    const expected = await written(plain, { prompt: { raw }, maxTokens: 12, stop: [] });
    // The true answer, the one before, or anything.
    asExpected = [model.tokenizer.decode(expected.ids), asExpected, randomLine()][prompt % 3] ?? '';
    const question = { prompt: [text(raw)], expected: [text(asExpected)], maxTokens: 12, stop: [] };
    const got = await written(drafted, prompt % 4 === 3 ? { ...question, expected: [] } : question);
    const at = got.ids.findIndex((id, index) => id !== expected.ids[index]);
    if (at === -1) continue;
    ties++;
    // One kernel is for one token and another for many: they round differently.
    expect(Math.abs((got.logs[at] ?? 0) - (expected.logs[at] ?? 0))).toBeLessThan(1e-4);
  }
  expect(ties).toBeLessThan(5);
  await model.decoder.dispose();
  tiny.remove();
}, 120_000);
