import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decoder, DecoderResult, DecoderRun, DecoderSequence } from '../../server/model-host/decoder.ts';
import type { GenerateRequest } from '../../server/model-host/hostProtocol.ts';
import { type Loading, loadModel } from '../../server/model-host/loadModel.ts';
import { TextGenerator } from '../../server/model-host/textGenerator.ts';
import { text } from '../../shared/conversation/prompt.ts';
import { firstControl, type TinyModel, tinyConfig, tinyModel } from './tinyModel.ts';

const layouts = ['in place', 'loop', 'step'] as const;
const folders: TinyModel[] = [];
const loaded: Record<string, Loading['model']> = {};

beforeAll(async () => {
  for (const layout of layouts) {
    const tiny = await tinyModel(layout);
    folders.push(tiny);
    const setup = {
      folder: tiny.folder,
      device: 'cpu',
      deviceId: 0,
      gpuMemoryLimit: 0,
      threads: 1,
    } as const;
    loaded[layout] = (await loadModel(setup)).model;
  }
});
afterAll(async () => {
  for (const model of Object.values(loaded)) await model.decoder.dispose();
  for (const tiny of folders) tiny.remove();
});

function modelOf(layout: string): Loading['model'] {
  const model = loaded[layout];
  if (!model) throw new Error(`no ${layout} model`);
  return model;
}

type Question = Omit<GenerateRequest, 'kind' | 'id'>;
const question = (raw: string, maxTokens = 24, stop: string[] = []): Question => ({ prompt: { raw }, maxTokens, stop });

async function collect(generator: TextGenerator, asked: Question, cancelled = () => false) {
  const answer = { ids: [] as number[], logs: [] as number[], lengths: [] as number[], text: '' };
  const stream = generator.generate(asked, cancelled);
  for (;;) {
    const { value, done } = await stream.next();
    if (done) return { ...answer, ...value };
    answer.ids.push(...value.ids);
    answer.logs.push(...value.logProbabilities);
    answer.lengths.push(...value.lengths);
    answer.text += value.text;
  }
}

/** Greedy decoding without a cache: the whole text anew for each token. */
async function plainGreedy({ tokenizer, decoder }: Loading['model'], raw: string, count: number): Promise<number[]> {
  const ids = tokenizer.encodeRaw(raw);
  const prompt = ids.length;
  while (ids.length < prompt + count) {
    const sequence = decoder.begin();
    ids.push(...(await sequence.run({ tokens: ids, past: 0, decode: 1, stop: [] })).ids);
    sequence.release();
  }
  return ids.slice(prompt);
}

/** The same decoder, whose runs are told of. */
function observed(decoder: Decoder, onRun: (run: DecoderRun, result: DecoderResult) => void): Decoder {
  const watched = (sequence: DecoderSequence): DecoderSequence => ({
    get length() {
      return sequence.length;
    },
    get bytes() {
      return sequence.bytes;
    },
    async run(run) {
      const result = await sequence.run(run);
      onRun(run, result);
      return result;
    },
    fork: (count) => watched(sequence.fork(count)),
    release: () => sequence.release(),
  });
  return { begin: () => watched(decoder.begin()), dispose: () => decoder.dispose() };
}

const lines = Array.from({ length: 40 }, (_, index) => `  const value${index} = the(${index});\n`);

describe.each(layouts)('TextGenerator on the %s layout', (layout) => {
  it('decodes what plain greedy decoding gives, in runs of any size', async () => {
    for (const raw of ['a', 'the end of the line\n', lines.join('')]) {
      const { ids, logs, lengths, text, reason } = await collect(new TextGenerator(modelOf(layout)), question(raw));
      expect(ids).toEqual(await plainGreedy(modelOf('step'), raw, 24));
      expect(logs).toHaveLength(ids.length);
      expect(logs.every((log) => log <= 0 && log > -20)).toBe(true);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(text.length);
      expect(reason).toBe('length');
    }
  });

  it('prefills only from the edit on, and answers as without a cache', async () => {
    const generator = new TextGenerator(modelOf(layout));
    await collect(generator, question(lines.join('')));
    const edited = lines.with(30, '  const value30 = other;\n').join('');
    const { tokenizer } = modelOf(layout);
    const [before, after] = [tokenizer.encodeRaw(lines.join('')), tokenizer.encodeRaw(edited)];
    const common = after.findIndex((id, index) => id !== before[index]);
    const again = await collect(generator, question(edited));
    expect(again.stats.reusedTokens).toBe(common);
    expect(again.ids).toEqual((await collect(new TextGenerator(modelOf(layout)), question(edited))).ids);
  });

  it('goes on with an answer by its ids, without prefilling it again', async () => {
    const whole = await collect(new TextGenerator(modelOf(layout)), question('the text', 20));
    const generator = new TextGenerator(modelOf(layout));
    const first = await collect(generator, question('the text', 8));
    const rest = await collect(generator, { ...question('the text', 12), answered: first.ids });
    expect([...first.ids, ...rest.ids]).toEqual(whole.ids);
    expect(rest.stats.reusedTokens).toBe(rest.stats.promptTokens - 1);
  });

  it('verifies what is expected together with the prompt, and says the same', async () => {
    const asked = { ...question('', 24), prompt: [text('the end')] };
    const alone = await collect(new TextGenerator(modelOf(layout)), asked);
    const runs: DecoderRun[] = [];
    const decoder = observed(modelOf(layout).decoder, (run) => void runs.push(run));
    const generator = new TextGenerator({ ...modelOf(layout), decoder });
    const told = await collect(generator, { ...asked, expected: [text(alone.text)] });
    expect(told.ids).toEqual(alone.ids);
    expect(runs[0]?.tokens.length).toBeGreaterThan(told.stats.promptTokens);
    expect(runs[0]?.verify).toBe(1 + (runs[0]?.tokens.length ?? 0) - told.stats.promptTokens);
  });

  it('reads a prompt ahead, and of one like it only what is likely to stay', async () => {
    const generator = new TextGenerator(modelOf(layout));
    const { tokenizer } = modelOf(layout);
    const typed = (key: string) => lines.with(30, `  const value30 = ${key};\n`).join('');
    const read = await collect(generator, question(typed('a'), 0));
    expect(read).toMatchObject({ ids: [], text: '', stats: { reusedTokens: 0, generatedTokens: 0 } });
    // Another key: no more than what the two prompts share is read, and that is there.
    const again = await collect(generator, question(typed('other'), 0));
    expect(again.stats.reusedTokens).toBeGreaterThan(0);
    expect(again.stats.runs).toBe(0);
    const [first, second] = [tokenizer.encodeRaw(typed('a')), tokenizer.encodeRaw(typed('the'))];
    const common = second.findIndex((id, index) => id !== first[index]);
    const asked = await collect(generator, question(typed('the')));
    expect(asked.stats.reusedTokens).toBe(common);
    expect(asked.ids).toEqual((await collect(new TextGenerator(modelOf(layout)), question(typed('the')))).ids);
  });

  it('keeps the caches of several prompts', async () => {
    const generator = new TextGenerator(modelOf(layout));
    const prompts = ['the first place\n', 'another one = {}\n', 'return inside\n'].map((line) => line.repeat(8));
    const before = [];
    for (const prompt of prompts) before.push(await collect(generator, question(prompt, 8)));
    for (const [index, prompt] of prompts.entries()) {
      const again = await collect(generator, question(prompt, 8));
      expect(again.stats.reusedTokens).toBe(again.stats.promptTokens - 1);
      expect(again.ids).toEqual(before[index]?.ids);
    }
  });

  it('stops at a string that spans tokens, and gives nothing behind it', async () => {
    const whole = await collect(new TextGenerator(modelOf(layout)), question('return', 30));
    const stop = whole.text.slice(5, 9);
    const end = whole.text.indexOf(stop) + stop.length;
    const stopped = await collect(new TextGenerator(modelOf(layout)), question('return', 30, [stop]));
    expect(stopped.text).toBe(whole.text.slice(0, end));
    expect(stopped.reason).toBe('stop');
    expect(stopped.ids).toEqual(whole.ids.slice(0, stopped.ids.length));
  });

  it('runs no more once it is cancelled', async () => {
    const { decoder, ...model } = modelOf(layout);
    let runs = 0;
    const counting = observed(decoder, () => void runs++);
    const generator = new TextGenerator({ ...model, decoder: counting });
    const { reason, ids } = await collect(generator, question('the', 1000), () => runs >= 3);
    expect(reason).toBe('cancelled');
    expect(runs).toBe(3);
    expect(ids.length).toBeLessThan(1000);
  });

  it('ends where the context does', async () => {
    const model = { ...modelOf(layout), contextLength: 20 };
    const short = await collect(new TextGenerator(model), question('the', 1000));
    expect(short.stats.promptTokens + short.ids.length).toBe(20);
    expect(short.reason).toBe('length');
    await expect(collect(new TextGenerator(model), question('a b c d e f g h i j k l m'))).rejects.toThrow(
      /prompt takes \d+ tokens and the model's context holds 20: show it a shorter part/,
    );
    await expect(collect(new TextGenerator(model), question(''))).rejects.toThrow(/prompt is empty/);
  });
});

it('shows a control token it was told to stop at, and not the end of sequence', async () => {
  const { decoder: _, ...model } = modelOf('loop');
  /** Says what it is given, whatever it is asked. */
  const says = (ids: number[]): Decoder => {
    const sequence: DecoderSequence = {
      length: 0,
      bytes: 0,
      run: async ({ decode }) =>
        decode === 0 ? { ids: [], logProbabilities: [] } : { ids, logProbabilities: ids.map(() => 0) },
      fork: () => sequence,
      release: () => {},
    };
    return { begin: () => sequence, dispose: async () => {} };
  };
  const [endOfSequence, nextEnd] = [firstControl + 2, firstControl + 4];
  const a = model.tokenizer.encode([text('a')]);
  const asked = { ...question('x'), stop: ['<|next_end|>'] };
  const shown = await collect(new TextGenerator({ ...model, decoder: says([...a, nextEnd, ...a]) }), asked);
  expect(shown).toMatchObject({ text: 'a<|next_end|>', ids: [...a, nextEnd], reason: 'stop' });
  const hidden = await collect(new TextGenerator({ ...model, decoder: says([...a, endOfSequence]) }), asked);
  expect(hidden).toMatchObject({ text: 'a', reason: 'stop' });
});

it.each(layouts)('says the same with drafts that are verified as without, %s', async (layout) => {
  // Random weights of this spread repeat themselves often and not always, so that drafts are right and wrong.
  const tiny = await tinyModel(layout, { ...tinyConfig, tiedEmbeddings: true }, { spread: 0.4 });
  const setup = { folder: tiny.folder, device: 'cpu', deviceId: 0, gpuMemoryLimit: 0, threads: 1 } as const;
  const { model: plainModel } = await loadModel(setup);
  let right = 0;
  let wrong = 0;
  const decoder = observed(plainModel.decoder, (asked, result) => {
    const draft = asked.tokens.slice(asked.tokens.length - (asked.verify ?? 1) + 1);
    const agreed = draft.findIndex((id, index) => id !== result.ids[index]);
    right += agreed === -1 ? draft.length : agreed;
    wrong += agreed === -1 ? 0 : draft.length - agreed;
  });
  const model = { ...plainModel, decoder };
  for (const raw of ['the the the', 'a = b\n'.repeat(20), lines.join(''), 'in re', 'é🙂é🙂é🙂']) {
    const before = right + wrong;
    const plain = await collect(new TextGenerator(model), question(raw, 120));
    expect(right + wrong).toBe(before);
    const drafted = await collect(new TextGenerator(model), { ...question('', 120), prompt: [text(raw)] });
    expect(drafted.ids).toEqual(plain.ids);
    expect(drafted.text).toBe(plain.text);
    expect(drafted.lengths).toEqual(plain.lengths);
  }
  expect(right).toBeGreaterThan(0);
  expect(wrong).toBeGreaterThan(0);
  await model.decoder.dispose();
  tiny.remove();
});
