import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Exporter, exportLimits, sampleConversation } from '../../server/data/exportPairs.ts';
import { makeSamples, sampleChances } from '../../server/data/makeSamples.ts';
import { type Pair, type PairPart, readRecord, type Sample } from '../../server/data/records.ts';
import { ModelEngine } from '../../server/engines/model/modelEngine.ts';
import { locationAndChange } from '../../shared/conversation/formats/locationAndChange.ts';
import { searchAndReplace } from '../../shared/conversation/formats/searchAndReplace.ts';
import { wholeFile } from '../../shared/conversation/formats/wholeFile.ts';
import { formats, writableFormats } from '../../shared/conversation/formats.ts';
import { promptText } from '../../shared/conversation/prompt.ts';
import { extractChanges } from '../../shared/conversation/trainingChanges.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { readVectors } from '../conversation/vectors.ts';
import { ScriptedHost, tokensOf } from '../engines/model/scriptedHost.ts';
import { processOf, snippets, tellingSnippets } from './arbitraries.ts';

// On a busy machine; none of it depends on time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const never = new AbortController().signal;
const count = async (texts: readonly string[]) => texts.map((text) => tokensOf(text).length);
const words = (parts: readonly PairPart[]) => parts.map((part) => ('text' in part ? part.text : part.control)).join('');
const plain = { ...sampleChances, history: 0, user: 0 };
const silence = { silence: 1, perProcess: 3 };

async function samplesOf(texts: readonly string[], seed: string): Promise<readonly Sample[]> {
  const made = await makeSamples(processOf(texts), { ...sampleChances, ...silence, seed }, undefined);
  return made.samples;
}

/** What the engine that serves asks a model, and what it makes of the pair's answer. */
async function served(sample: Sample, pair: Pair, limits = exportLimits) {
  const host = new ScriptedHost(words(pair.answer));
  const { contextLength, maxPromptTokens, maxNewTokens } = limits;
  const engine = new ModelEngine({
    host,
    format: formats[pair.format],
    contextLength,
    maxPromptTokens,
    maxNewTokens,
    minConfidence: 0,
  });
  const { read: edits = [] } = await engine.explain(sampleConversation(sample), never);
  const { prompt } = host.asked[0] ?? {};
  const { chat } = await engine.finish(sampleConversation(sample), never);
  return { prompt, edits, chat };
}

const asParts = (prompt: NonNullable<Pair['prompt']>) =>
  prompt.map((part) => ('text' in part ? { kind: 'text', text: part.text } : { kind: 'control', token: part.control }));

describe.each(writableFormats)('$name', (format) => {
  const exporter = new Exporter(format, exportLimits, count);

  it('the answer, applied to C, gives the wanted text, and the prompt is the one that is served', async () => {
    let [pairs, samples] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.oneof(snippets, tellingSnippets), fc.nat(1000), async (texts, seed) => {
        for (const sample of await samplesOf(texts, String(seed))) {
          samples++;
          const pair = await exporter.pairOf(sample);
          if (typeof pair === 'string') continue;
          pairs++;
          expect(readRecord('pair', JSON.parse(JSON.stringify(pair)))).toEqual(pair);
          const { prompt, edits } = await served(sample, pair);
          const given = pair.prompt ? asParts(pair.prompt) : undefined;
          if (given) expect(prompt).toEqual(given);
          else {
            const messages = pair.messages?.map(({ role, content }) => ({ role, content: asParts(content) }));
            expect((prompt as { messages: unknown }).messages).toEqual(messages);
          }
          expect(pair.silence).toBe(sample.current === sample.next);
          expect(applyEdits(sample.current, edits)).toBe(sample.next);
        }
      }),
      { numRuns: 120 },
    );
    expect(pairs).toBeGreaterThan(samples * 0.7);
  });

  it('in a small window, only what it shows is asked for', async () => {
    const limits = { maxPromptTokens: 260, maxNewTokens: 200, contextLength: 2000 };
    const small = new Exporter(format, limits, count);
    let cut = 0;
    for (let seed = 0; seed < 60; seed++) {
      const lines = Array.from({ length: 80 }, (_, i) => `name_${i} = make(${i})`);
      const changed = lines.map((line, i) => (i === 5 || i === 40 || i === 42 ? line.replace('make', 'build') : line));
      const [sample] = await samplesOf([lines.join('\n'), changed.join('\n')], String(seed));
      const pair = sample && (await small.pairOf(sample));
      if (!sample || !pair || typeof pair === 'string') continue;
      const { edits, prompt } = await served(sample, pair, limits);
      if (pair.prompt) expect(prompt).toEqual(asParts(pair.prompt));
      const after = applyEdits(sample.current, edits).split('\n');
      const wanted = sample.next.split('\n');
      expect(after).toHaveLength(wanted.length);
      const current = sample.current.split('\n');
      for (const [i, line] of after.entries()) expect([current[i], wanted[i]]).toContain(line);
      if (after.join('\n') !== sample.next) cut++;
    }
    expect(cut).toBeGreaterThan(3);
  });
});

describe('answers', () => {
  it.each([wholeFile, locationAndChange, searchAndReplace])(
    "in $name are the authors', where they leave out no change of white space",
    ({ name, parse, write }) => {
      let compared = 0;
      for (const { current, next, chat, languageId, formats: expected } of readVectors()) {
        const theirs = expected[name]?.answer;
        const { edits } = parse(theirs ?? '', { path: '', languageId, history: [], current }, { complete: true });
        if (theirs === undefined || applyEdits(current, edits) !== next || languageId !== languageId.toLowerCase())
          continue;
        const [before, after] = [current.split('\n'), next.split('\n')];
        if (extractChanges(before, after).length < extractChanges(before, after, { keepWhitespace: true }).length)
          continue;
        const ours = write({ path: '', languageId, history: [], current }, next, chat === '' ? {} : { reply: chat });
        expect(promptText(ours)).toBe(`${theirs}<|im_end|>`);
        compared++;
      }
      expect(compared).toBeGreaterThan(10);
    },
  );

  it('say what the assistant says only where an instruction asks for words', async () => {
    const exporter = new Exporter(locationAndChange, exportLimits, count);
    const base: Sample = {
      ...((await makeSamples(processOf(['a = 1\nb = 2', 'a = 2\nb = 2']), plain, undefined)).samples[0] as Sample),
      ...{ history: [], current: 'a = 1\nb = 2', next: 'a = 2\nb = 2', target: null, chat: 'It is two now.' },
    };
    const asked = await exporter.pairOf({ ...base, type: 'C,U', instruction: 'Make it two' });
    expect(words((asked as Pair).answer)).toBe(
      '<|next_start|>0,1\n```python\na = 2\n```<|next_end|>\nIt is two now.<|im_end|>',
    );
    const unasked = await exporter.pairOf({ ...base, type: 'C', instruction: null });
    expect(words((unasked as Pair).answer)).toBe('0,1\n```python\na = 2\n```<|next_end|><|im_end|>');
  });
});
