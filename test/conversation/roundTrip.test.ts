import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParsedAnswer } from '../../shared/conversation/format.ts';
import { searchChanges } from '../../shared/conversation/formats/searchAndReplace.ts';
import { formats, type PromptFormatName, promptFormatNames } from '../../shared/conversation/formats.ts';
import { promptText } from '../../shared/conversation/prompt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { extractChanges } from '../../shared/conversation/trainingChanges.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { anyAnswer, awkwardLine, codeLine, textAndNext, textOf } from './arbitraries.ts';
import { idealAnswer } from './idealAnswers.ts';

const runs = 150;
const conversation = (current: string) => ({ path: 'a', languageId: 'python', history: [], current });
const wholeText = ['wholeFile', 'fewShotBase', 'fewShotInstruct'] satisfies PromptFormatName[];
const changesOnly = ['locationAndChange', 'searchAndReplace'] satisfies PromptFormatName[];
const mixed = fc.oneof({ weight: 4, arbitrary: codeLine }, { weight: 1, arbitrary: awkwardLine });

function ideal(format: PromptFormatName, current: string, next: string): string {
  return promptText(idealAnswer(format, { current, next, language: 'python', keepWhitespace: true }));
}

function parseAll(format: PromptFormatName, answer: string, current: string): ParsedAnswer {
  return formats[format].parse(answer, conversation(current), { complete: true });
}

/** The new text in the current one's line ends; whether it ends with one is not the model's to say. */
function expected(current: string, next: string): string {
  const snippet = new Snippet(current);
  const end = current.includes('\r\n') ? '\r\n' : current.includes('\r') ? '\r' : '\n';
  return snippet.withFinalLineEnd(0, snippet.lineCount, next.split('\n')).join(end);
}

function changesIn(format: PromptFormatName, current: string, next: string) {
  const options = format === 'searchAndReplace' ? searchChanges : {};
  return extractChanges(new Snippet(current).lines, next.split('\n'), { ...options, keepWhitespace: true });
}

describe.each(wholeText)('%s', (format) => {
  test('an ideal answer gives the new text, and lines keep their ends', () => {
    fc.assert(
      // More lines gone from an edge are taken for the rest that small models leave out.
      fc.property(textAndNext(mixed, { maxTaken: format === 'wholeFile' ? 2 : 1 }), ({ current, next }) => {
        const { edits, problem } = parseAll(format, ideal(format, current, next), current);
        expect(problem).toBeUndefined();
        expect(applyEdits(current, edits)).toBe(expected(current, next));
      }),
      { numRuns: runs },
    );
  });

  test('an answer that says what is there changes nothing', () => {
    fc.assert(
      fc.property(textOf(mixed), (current) => {
        const answer = ideal(format, current, new Snippet(current).normalized);
        expect(parseAll(format, answer, current)).toEqual({ state: 'complete', edits: [] });
      }),
      { numRuns: runs },
    );
  });

  test('an answer cut short takes out nothing that it did not reach', () => {
    const unique = fc.nat(1000).map((n) => `line ${n}`);
    const tail = '\nthe last\nthree lines\nof all';
    fc.assert(
      fc.property(
        textAndNext(unique, { text: textOf(unique, 20).map((text) => text.replaceAll('\r', '')) }),
        fc.nat(),
        (texts, at) => {
          const current = texts.current + tail;
          const answer = ideal(format, current, texts.next + tail);
          const cut = at % answer.indexOf('<|next_end|>');
          const { edits } = parseAll(format, answer.slice(0, cut), current);
          expect(applyEdits(current, edits).endsWith(tail)).toBe(true);
        },
      ),
      { numRuns: runs },
    );
  });
});

describe.each(changesOnly)('%s', (format) => {
  test('an ideal answer gives the new text, and lines keep their ends', () => {
    let asked = 0;
    let read = 0;
    fc.assert(
      fc.property(textAndNext(codeLine), ({ current, next }) => {
        const changes = changesIn(format, current, next);
        const { lines, lineCount } = new Snippet(current);
        // The format writes lines taken out as one empty line, so it cannot say that one comes instead of others.
        const news = changes.map(({ newStart, newEnd }) => next.split('\n').slice(newStart, newEnd));
        fc.pre(changes.every(({ start, end }, i) => start === end || news[i]?.length !== 1 || news[i]?.[0] !== ''));
        // Nor can a search say which of a text's empty lines it means; and widened changes may run into each other.
        const made = [...lines];
        for (const [i, { start, end }] of [...changes.entries()].toReversed())
          made.splice(start, end - start, ...(news[i] ?? []));
        fc.pre(format !== 'searchAndReplace' || (current.trim() !== '' && made.join('\n') === next));
        const { edits, problem } = parseAll(format, ideal(format, current, next), current);
        asked++;
        // Search text is not always to be found again, and lines gone at the end take a line end along.
        if (problem !== undefined && (format === 'searchAndReplace' || changes.at(-1)?.end === lineCount)) return;
        read++;
        expect(problem).toBeUndefined();
        const result = applyEdits(current, edits);
        // What is taken out at the end may leave an empty line as the last.
        expect(result.replace(/[\r\n]+$/, '')).toBe(expected(current, next).replace(/[\r\n]+$/, ''));
        if (/[\r\n]$/.test(current)) expect(result).toMatch(/[\r\n]$|^$/);
      }),
      { numRuns: runs },
    );
    expect(read).toBeGreaterThan(asked / 2);
  });
});

describe.each(promptFormatNames)('%s', (format) => {
  const answer = (current: string, next: string) =>
    fc.oneof(
      fc.constant(ideal(format, current, next)),
      fc.constant(`${ideal(format, current, next)}\nThat is all.`),
      // Sloppy ones: words before, no end token, no fences at the end.
      fc.constant(`Here it is:\n${ideal(format, current, next).replace('<|next_start|>', '')}`),
      fc.constant(ideal(format, current, next).replace('<|next_end|>', '\nDone.')),
      fc.constant(ideal(format, current, next).replace('\n```<|next_end|>', '')),
      anyAnswer,
    );
  const case_ = textAndNext(mixed).chain((texts) =>
    answer(texts.current, texts.next).chain((said) =>
      fc.tuple(fc.nat(said.length), fc.nat(said.length)).map((cuts) => ({ ...texts, said, cuts })),
    ),
  );

  test('a longer answer never contradicts a shorter one', () => {
    fc.assert(
      fc.property(case_, fc.option(fc.tuple(fc.nat(30), fc.nat(30)), { freq: 2 }), ({ current, said, cuts }, lines) => {
        const excerpt = lines ? { first: Math.min(...lines), last: Math.max(...lines) } : undefined;
        const parse = (upTo: number, complete: boolean) =>
          formats[format].parse(said.slice(0, upTo), conversation(current), {
            complete,
            ...(excerpt ? { excerpt } : {}),
          });
        const [first, second] = [Math.min(...cuts), Math.max(...cuts)];
        const [early, later, all] = [parse(first, false), parse(second, false), parse(said.length, true)];
        expectAmong(early.edits, later.edits);
        expectAmong(later.edits, all.edits);
        expectAmong(early.edits, parse(first, true).edits);
        const order = ['unchanged so far', 'first hunk complete', 'complete'];
        expect(order.indexOf(early.state)).toBeLessThanOrEqual(order.indexOf(later.state));
        expect(all.state).toBe('complete');
        // So that nothing more need be written.
        if (early.problem !== undefined) expect(all.problem).toBeDefined();
      }),
      { numRuns: runs * 3 },
    );
  });

  test('no answer throws, or reaches beyond the lines that were shown', () => {
    fc.assert(
      fc.property(case_, fc.nat(30), fc.nat(30), fc.boolean(), ({ current, said }, a, b, complete) => {
        const snippet = new Snippet(current);
        const excerpt = { first: Math.min(a, b, snippet.lineCount), last: Math.min(Math.max(a, b), snippet.lineCount) };
        const { edits } = formats[format].parse(said, conversation(current), { complete, excerpt });
        const end = snippet.lineStart(excerpt.last);
        // Lines taken out at the text's end take the line end before them along.
        const before = excerpt.last === snippet.lineCount ? Math.max(0, excerpt.first - 1) : excerpt.first;
        const start = snippet.lineStart(before) + (before < excerpt.first ? (snippet.lines[before]?.length ?? 0) : 0);
        let position = -1;
        for (const edit of edits) {
          expect(edit.start).toBeGreaterThanOrEqual(start);
          expect(edit.end).toBeLessThanOrEqual(end);
          expect(edit.start).toBeGreaterThan(position);
          expect(edit.end).toBeGreaterThanOrEqual(edit.start);
          expect(current.slice(edit.start, edit.end)).not.toBe(edit.newText);
          position = edit.end;
        }
      }),
      { numRuns: runs * 3 },
    );
  });
});

function expectAmong(some: readonly OffsetEdit[], all: readonly OffsetEdit[]): void {
  for (const edit of some) expect(all).toContainEqual(edit);
}
