import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import type { View } from '../../shared/conversation/format.ts';
import { formatFor, formats, type PromptFormatName, promptFormatNames } from '../../shared/conversation/formats.ts';
import { promptText } from '../../shared/conversation/prompt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { codeLine, targetIn, textAndNext, textOf } from './arbitraries.ts';

/** 10,000 in all are 200 times as many; see docs/formats.md. */
const runs = Number(process.env.FORMAT_FUZZ_RUNS ?? 50);

/** The formats that are not CursorCore's, and what each spells in its prompts and answers. */
const spelled: Partial<Record<PromptFormatName, readonly string[]>> = {
  patch: ['<|file_sep|>', '<|fim_middle|>', '<|endoftext|>'],
  sweep: ['<|file_sep|>', '<|cursor|>', '<|endoftext|>'],
  zeta: ['<|start_of_file|>', '<|editable_region_start|>', '<|editable_region_end|>', '<|user_cursor_is_here|>'],
  zeta2: ['<<<<<<< CURRENT', '>>>>>>> UPDATED', '<|user_cursor|>', '<[fim-middle]>', '<filename>', 'NO_EDITS'],
  zeta21: ['<|marker_1|>', '<|marker_2|>', '<|user_cursor|>', '<[fim-suffix]>', '<[end▁of▁sentence]>'],
  instinct: ['<|editable_region_start|>', '<|editable_region_end|>', '<|user_cursor_is_here|>'],
  nep: ['<|original_code|>', '<|edits_diff|>', '<|current_version|>', '<|next_version|>', '<|endoftext|>'],
  windowInstruct: ['<|im_start|>', '<|im_end|>', '<|endoftext|>'],
  fillInQwen: ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|endoftext|>'],
  fillInStarCoder: ['<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<|endoftext|>'],
  fillInDeepSeek: ['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'],
  fillInSeed: ['<[fim-prefix]>', '<[fim-suffix]>', '<[fim-middle]>', '<[end▁of▁sentence]>'],
};
const names = promptFormatNames.filter((name) => spelled[name]);
const rewriting = names.filter((name) => !name.startsWith('fillIn'));
const anyMark = fc.constantFrom(...new Set(Object.values(spelled).flat()));
const awkward = fc.oneof(
  { weight: 6, arbitrary: codeLine },
  { weight: 2, arbitrary: anyMark },
  { weight: 1, arbitrary: fc.tuple(anyMark, codeLine).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('=======', '<<<<<<< HEAD', '```', '<\\|cursor|>', '<\\|file_sep|>', '...') },
);

const marksIn = (name: PromptFormatName, text: string) =>
  (spelled[name] ?? []).reduce((sum, mark) => sum + text.split(mark).length - 1, 0);

/** What a perfect model writes, and what a prompt that shows just this much said of it. */
function perfectAnswer(name: PromptFormatName, conversation: Conversation, next: string, view: View): string {
  const { write } = formats[name];
  if (write) return promptText(write(conversation, next, view));
  // With all the same texts in it, so that marks have the same stand-ins.
  const wanted: Conversation = {
    ...conversation,
    current: next,
    history: [...conversation.history, conversation.current],
  };
  const { target: _, ...rest } = wanted;
  // The prompt of the text as it is to be has the region as the format spells it.
  const prompt = promptText(formats[name].render(rest, view).prompt ?? []);
  const messages = formats[name].render(rest, view).messages ?? [];
  const all = prompt || messages.map(({ content }) => promptText(content)).join('\n');
  const between = (from: string, to: string) => all.slice(all.lastIndexOf(from) + from.length).split(to)[0] ?? '';
  if (name === 'sweep') {
    const region = between('<|file_sep|>current/', '<|file_sep|>');
    return region.slice(region.indexOf('\n') + 1);
  }
  if (name === 'zeta')
    return `<|editable_region_start|>\n${between('<|editable_region_start|>\n', '\n<|editable_region_end|>')}`;
  if (name === 'instinct') return between('<|editable_region_start|>\n', '\n<|editable_region_end|>');
  if (name === 'windowInstruct') return all.slice(all.lastIndexOf('Code of a.py:\n\n') + 'Code of a.py:\n\n'.length);
  if (name === 'zeta2') return between('<<<<<<< CURRENT\n', '=======\n<[fim-middle]>');
  if (name === 'nep') return between('<|current_version|>\n', '<|next_version|>');
  const blocks = all.slice(all.indexOf('<|marker_1|>'), all.lastIndexOf('<[fim-middle]>'));
  return blocks
    .replace(/<\|marker_1\|>\n/, '\u0000')
    .replaceAll(/<\|marker_\d+\|>\n/g, '')
    .replace('\u0000', '<|marker_1|>\n');
}

/** The last mark of the region as it is shown now. */
function lastMarker(conversation: Conversation, view: View): string {
  const { target: _, ...rest } = conversation;
  const prompt = promptText(formats.zeta21.render(rest, view).prompt ?? []);
  const region = prompt.slice(prompt.lastIndexOf('<|marker_1|>'));
  return region.match(/<\|marker_\d+\|>/g)?.at(-1) ?? '';
}

const linesIn = (text: string) => text.trimEnd().split('\n').length;

const cases = textAndNext(codeLine, { text: textOf(awkward).map((text) => text.replaceAll('\r', '')) }).chain((texts) =>
  fc.tuple(targetIn(texts.current), textOf(awkward)).map(([target, earlier]) => ({
    next: texts.next,
    conversation: {
      path: 'a.py',
      languageId: 'python',
      history: [earlier],
      current: texts.current,
      ...(target ? { target } : {}),
    } satisfies Conversation,
  })),
);

describe.each(rewriting)('%s', (name) => {
  test('what a perfect model writes gives the new text, though texts hold the marks', () => {
    fc.assert(
      fc.property(cases, ({ conversation, next }) => {
        // A region that is empty is told from silence by nothing.
        fc.pre(next.trim() !== '' && conversation.current.trim() !== '');
        // Lines that are missing at its end have not been reached by a general model.
        fc.pre(name !== 'windowInstruct' || linesIn(next) >= linesIn(conversation.current));
        const { target: _, ...rest } = conversation;
        const answer = perfectAnswer(name, rest, next, {}) + (name === 'zeta21' ? lastMarker(rest, {}) : '');
        const { edits, problem } = formats[name].parse(answer, rest, { complete: true });
        // A line of the text's own can look like a note for code that is left out.
        fc.pre(!(problem === 'the answer leaves out code with a note' && next.split('\n').includes('...')));
        expect(problem).toBeUndefined();
        expect(applyEdits(conversation.current, edits).trimEnd()).toBe(Snippet.of(next).normalized.trimEnd());
      }),
      { numRuns: runs },
    );
  });
});

describe.each(names)('%s', (name) => {
  const own = spelled[name] ?? [];
  const piece = fc.oneof(
    fc.constantFrom(...own, ...own, '\n', '\n', '\n```\n', '\u0000', '😀'),
    codeLine,
    fc.string({ maxLength: 6 }),
  );
  /** A perfect answer, cut, doubled, and with pieces put in. */
  const mutated = cases.chain((one) => {
    const good = rewriting.includes(name) ? perfectAnswer(name, one.conversation, one.next, {}) : one.next;
    const at = fc.nat(good.length);
    return fc.array(fc.tuple(at, at, piece), { maxLength: 5 }).map((mutations) => ({
      ...one,
      answer: mutations.reduce(
        (text, [from, to, put]) => text.slice(0, from) + put + text.slice(Math.min(Math.max(from, to), from + 20)),
        good,
      ),
    }));
  });

  test('no mutated answer leads out of the window, brings a mark into the code, or breaks anything', () => {
    fc.assert(
      fc.property(mutated, fc.nat(30), fc.nat(30), fc.boolean(), ({ conversation, answer }, a, b, complete) => {
        const snippet = Snippet.of(conversation.current);
        const editable = {
          first: Math.min(a, b, snippet.lineCount),
          last: Math.min(Math.max(a, b) + 1, snippet.lineCount),
        };
        const isShown = name.startsWith('fillIn') || name === 'nep' || name === 'patch';
        const view = isShown ? { excerpt: editable } : { editable };
        const { edits, state, problem } = formats[name].parse(answer, conversation, { ...view, complete });
        if (complete) expect(state).toBe('complete');
        else if (problem !== undefined) {
          // So that nothing more need be written.
          const whole = formats[name].parse(`${answer}\nmore\n`, conversation, { ...view, complete: true });
          expect(whole.problem).toBeDefined();
        }
        const made = applyEdits(conversation.current, edits);
        // The line end before lines that go at the text's end goes with them.
        const before = editable.last === snippet.lineCount ? Math.max(0, editable.first - 1) : editable.first;
        const start = snippet.lineStart(before) + (before < editable.first ? (snippet.lines[before]?.length ?? 0) : 0);
        for (const edit of edits) {
          expect(edit.start).toBeGreaterThanOrEqual(start);
          expect(edit.end).toBeLessThanOrEqual(snippet.lineStart(editable.last));
        }
        // A mark of the user's own may be written once more, by its stand-in, but none comes out of nowhere.
        for (const mark of own)
          if (!JSON.stringify(conversation).includes(JSON.stringify(mark).slice(1, -1)))
            expect(made).not.toContain(mark);
      }),
      { numRuns: runs },
    );
  });

  test('the text’s own marks are none in the prompt', () => {
    fc.assert(
      fc.property(cases, ({ conversation }) => {
        // Each mark another word: lines that differ have to go on differing, or there are other changes to show.
        const clean = (text: string) => own.reduce((rest, mark, i) => rest.replaceAll(mark, `plain${i}`), text);
        const shown = (one: Conversation) => {
          const { prompt, messages = [] } = formats[name].render(one);
          return marksIn(
            name,
            prompt ? promptText(prompt) : messages.map(({ content }) => promptText(content)).join('\n'),
          );
        };
        const { target: _, ...rest } = conversation;
        const quiet = { ...rest, history: rest.history.map(clean), current: clean(rest.current) };
        fc.pre(quiet.current.trim() !== '');
        expect(shown(rest)).toBe(shown(quiet));
      }),
      { numRuns: runs },
    );
  });
});

describe('an answer that goes on below the region', () => {
  const current = 'one()\ntwo()\nthree()\nfour()\nfive()\nsix()\n';
  const read = (answer: string) => {
    const conversation = { path: 'a', languageId: '', history: [], current };
    const { edits } = formats.zeta2.parse(answer, conversation, { editable: { first: 1, last: 3 }, complete: true });
    return applyEdits(current, edits);
  };

  test.each([
    ['two()\n3()\nfour()\nfive()\nsix()\n', current.replace('three', '3')],
    ['two()\nthree()\nfour()\nfive()\n', current],
    ['two()\nthree()\nfour()\n', current],
    // A line like the one below that goes on otherwise is a new one.
    ['two()\nfour()\nthree()\n', current.replace('three', 'four()\nthree')],
  ])('%j', (answer, made) => expect(read(answer)).toBe(made));
});

test.each([
  [['sweepai/sweep-next-edit-1.5B'], [], false, 'sweep'],
  [['sweep-next-edit-0.5B-Q8_0.gguf'], [], true, 'sweep'],
  [['zed-industries/zeta'], [], true, 'zeta'],
  [['zed-industries/zeta-2'], ['<[fim-middle]>'], true, 'zeta2'],
  [['zeta-2.1'], ['<[fim-middle]>'], true, 'zeta21'],
  [['continuedev/instinct'], [], true, 'instinct'],
  [['lurf21/Qwen2.5-Coder-3B-NEP'], [], true, 'nep'],
  [['Qwen2.5-Coder-1.5B'], ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'], false, 'fillInQwen'],
  [['deepseek-coder-1.3b-base'], ['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'], false, 'fillInDeepSeek'],
  [['Qwen2.5-Coder-1.5B-Instruct'], ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'], true, 'fewShotInstruct'],
  [['some-zetable-model'], [], false, 'fewShotBase'],
])('%s is spoken to as it was made to be', (models, tokens, hasChatTemplate, name) => {
  expect(formatFor({ names: models, controlTokens: new Set(tokens), hasChatTemplate })).toBe(name);
});
