import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractAsPaper } from '../../../server/eval/apeval/asPaper.ts';
import { formats } from '../../../shared/conversation/formats.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { idealAnswer } from '../../conversation/idealAnswers.ts';

const current = 'a\nb\nc\nd';
const fence = (text: string) => `\`\`\`python\n${text}\n\`\`\``;

describe("the authors' extraction", () => {
  it.each([
    ['the first fenced block', `<|next_start|>${fence('x\ny')}<|next_end|>`, 'x\ny'],
    ['the first of two', `${fence('x')}\n${fence('y')}`, 'x'],
    ['what stands behind the last start', `${fence('x')}<|next_start|>${fence('y')}`, 'y'],
    ['nothing behind the end', `No.<|next_end|>${fence('x')}`, current],
    ['nothing of a block that is open', '```python\nx\ny', current],
    ['a block cut by a fence inside', fence('"""\n```\nx\n```\n"""'), '"""'],
  ])('of whole snippets takes %s', (_, answer, code) => {
    for (const format of ['wholeFile', 'fewShotBase', 'fewShotInstruct'] as const) {
      expect(extractAsPaper(format, current, answer)).toBe(code);
    }
  });

  it.each([
    ['each block, from the last', `1,2\n${fence('B')}\n3,3\n${fence('+')}<|next_end|>`, 'a\nB\nc\n+\nd'],
    ['lines that there are not', `9,12\n${fence('x')}`, 'a\nb\nc\nd\nx'],
    ['nothing without numbers', fence('x'), current],
  ])('of locations takes %s', (_, answer, code) => {
    expect(extractAsPaper('locationAndChange', current, answer)).toBe(code);
  });

  it.each([
    ['what stands there', fence('b\n<|search_and_replace|>\nB\nBB'), 'a\nB\nBB\nc\nd'],
    ['nothing where a block has no replacement', fence('b'), current],
    ['nothing where the search text stands nowhere', fence('x\n<|search_and_replace|>\ny'), current],
  ])('of search and replace takes %s', (_, answer, code) => {
    expect(extractAsPaper('searchAndReplace', current, answer)).toBe(code);
  });

  const line = fc.constantFrom('x = 1', 'y = 2', '    return x', 'if y:', '# end', 'z');
  const text = fc.uniqueArray(line, { minLength: 1, maxLength: 6 }).map((lines) => lines.join('\n'));
  it.each(['wholeFile', 'locationAndChange', 'searchAndReplace'] as const)(
    'agrees with our parser on right answers of %s',
    (format) => {
      fc.assert(
        fc.property(text, text, (before, next) => {
          const prompt = idealAnswer(format, { current: before, next, chat: '', language: 'python' });
          const answer = prompt.map((part) => (part.kind === 'text' ? part.text : part.token)).join('');
          const conversation = { path: 'a.py', languageId: 'python', history: [], current: before };
          const { edits, problem } = formats[format].parse(answer, conversation, { complete: true });
          if (problem === undefined) {
            // Where lines are only taken out, theirs leaves an empty one.
            const filled = (code: string) => code.split('\n').filter((line) => line !== '');
            expect(filled(extractAsPaper(format, before, answer))).toEqual(filled(applyEdits(before, edits)));
          }
        }),
      );
    },
  );
});
