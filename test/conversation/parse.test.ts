import { describe, expect, test } from 'vitest';
import type { RenderOptions } from '../../shared/conversation/format.ts';
import { formats, type PromptFormatName } from '../../shared/conversation/formats.ts';
import { applyEdits } from '../../shared/edits/apply.ts';

const code = ['import os', '', 'def first(a):', '    return a', '', 'def second(a):', '    return a', ''].join('\n');
const renamed = code.replace('second(a)', 'second(b)');

function read(
  format: PromptFormatName,
  answer: string,
  current = code,
  options: RenderOptions & { complete?: boolean } = {},
) {
  const conversation = { path: 'a.py', languageId: 'python', history: [], current };
  const parsed = formats[format].parse(answer, conversation, { complete: true, ...options });
  return { ...parsed, text: applyEdits(current, parsed.edits) };
}

describe('whole file', () => {
  const whole = (answer: string, current = code) => read('wholeFile', answer, current);

  test.each([
    ['as it should be', `<|next_start|>\`\`\`python\n${renamed}\n\`\`\`<|next_end|>`],
    ['without the final line end', `<|next_start|>\`\`\`python\n${renamed.trimEnd()}\n\`\`\`<|next_end|>`],
    ['without closing fence', `<|next_start|>\`\`\`python\n${renamed}<|next_end|>`],
    ['without end token', `<|next_start|>\`\`\`python\n${renamed}\n\`\`\``],
    ['without both', `<|next_start|>\`\`\`python\n${renamed}`],
    ['without start token', `\`\`\`python\n${renamed}\n\`\`\`<|next_end|>`],
    ['with no fences at all', `<|next_start|>${renamed}<|next_end|>`],
    ['in another language', `<|next_start|>\`\`\`Type Script\n${renamed}\n\`\`\`<|next_end|>`],
    ['in no language', `<|next_start|>\`\`\`\n${renamed}\n\`\`\`<|next_end|>`],
    ['after words', `Sure, here:\n<|next_start|>\n\n\`\`\`python\n${renamed}\n\`\`\`\n<|next_end|>`],
    ['with white space at its fences', `<|next_start|> \`\`\`python \n${renamed}\n\`\`\` \n<|next_end|>`],
    [
      'with the cursor in it',
      `<|next_start|>\`\`\`python\n${renamed.replace('(b)', '(b<|target|>)')}\n\`\`\`<|next_end|>`,
    ],
    ['with carriage returns', `<|next_start|>\`\`\`python\n${renamed}\n\`\`\`<|next_end|>`.replaceAll('\n', '\r\n')],
    ['with an end of sequence', `<|next_start|>\`\`\`python\n${renamed}\n\`\`\`<|next_end|><|im_end|>`],
  ])('%s', (_, answer) => {
    expect(whole(answer)).toMatchObject({ state: 'complete', text: renamed });
    expect(whole(answer).problem).toBeUndefined();
  });

  test('control tokens that are written over and over are no chat', () => {
    const answer = '<|next_start|>```python\na = 1\nb = a\n```<|next_end|>';
    expect(whole(`${answer}${'<|next_end|>'.repeat(40)}`).chat).toBeUndefined();
    expect(whole(`${answer}\nDone.<|next_start|>again`).chat).toBe('Done.');
  });

  test('what follows the end token is chat', () => {
    const answer = `<|next_start|>\`\`\`python\n${renamed}\n\`\`\`<|next_end|>\nRenamed.\nSee \`b\`.<|im_end|>`;
    expect(whole(answer).chat).toBe('Renamed.\nSee `b`.');
  });

  test('an answer that breaks off leaves what it did not reach', () => {
    for (let at = 0; at < renamed.length - 14; at++) {
      const answer = `<|next_start|>\`\`\`python\n${renamed.slice(0, at)}`;
      expect(whole(answer)).toMatchObject({ text: code, problem: expect.any(String) });
    }
  });

  test.each(['# ... existing code ...', '# rest of the code remains the same', '...', '    # ... (unchanged)'])(
    'code left out with a note is refused: %s',
    (note) => {
      const answer = `<|next_start|>\`\`\`python\nimport os\n\ndef first(b):\n    return b\n\n${note}\n\`\`\`<|next_end|>`;
      const { text, problem } = whole(answer);
      expect(problem).toMatch('leaves out code');
      expect(text).toContain('def second(a):\n    return a\n');
    },
  );

  test('an answer that would take out most of a file is refused', () => {
    const long = Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n');
    const { edits, problem } = whole(`<|next_start|>\`\`\`\n${long.slice(0, 40)}\n\`\`\`<|next_end|>`, long);
    expect(edits).toEqual([]);
    expect(problem).toMatch('most of the code');
  });

  test('fences in the file survive, with the end token and without', () => {
    const markdown = '# Title\n\n```js\na();\n```\n\nText\n\n```\nb\n```\n';
    const changed = markdown.replace('Text', 'More text');
    for (const end of ['\n```<|next_end|>', '\n```\n<|next_end|>\nDone', '\n```']) {
      expect(whole(`<|next_start|>\`\`\`markdown\n${changed}${end}`, markdown)).toMatchObject({ text: changed });
    }
  });

  test("a file that holds CursorCore's tokens keeps them", () => {
    const tokens = "start = '<|next_start|>'\nend = '<|next_end|>'\ntarget = '<|target|>'\nb = 1\n";
    const changed = tokens.replace('b = 1', 'b = 2');
    expect(whole(`<|next_start|>\`\`\`python\n${changed}\n\`\`\`<|next_end|>`, tokens).text).toBe(changed);
  });

  test('a carriage return inside a line is a character, not a line end', () => {
    const current = 'a = "x\ry"\nb = 1\n';
    const { text } = whole('<|next_start|>```\na = "x\ry"\nb = 2\n```<|next_end|>', current);
    expect(text).toBe('a = "x\ry"\nb = 2\n');
  });

  test('the first hunk is known a telling line behind it, and not before', () => {
    const current = ['a = 1', 'b = 2', '}', '', '}', 'c = 3', 'd = 4', 'e = 5'].join('\n');
    const answer = `<|next_start|>\`\`\`\n${current.replace('b = 2', 'b = 0')}\n\`\`\`<|next_end|>`;
    const state = (upTo: string) =>
      read('wholeFile', answer.slice(0, answer.indexOf(upTo) + upTo.length), current, { complete: false }).state;
    expect(state('}\n\n}\n')).toBe('unchanged so far');
    expect(state('c = 3')).toBe('unchanged so far');
    expect(state('c = 3\n')).toBe('first hunk complete');
    expect(state('<|next_end|>')).toBe('complete');
  });

  test('a first hunk that puts lines in wants two, since a new line may be like an old one further on', () => {
    const current = ['a = 1', 'b = 2', 'c = 3', 'd = 4', 'e = 5'].join('\n');
    const answer = `<|next_start|>\`\`\`\n${current.replace('b = 2', 'b = 2\nx = 0')}\n\`\`\`<|next_end|>`;
    const state = (upTo: string) =>
      read('wholeFile', answer.slice(0, answer.indexOf(upTo) + upTo.length), current, { complete: false }).state;
    expect(state('c = 3\n')).toBe('unchanged so far');
    expect(state('d = 4\n')).toBe('first hunk complete');
  });

  test('a first hunk that takes lines out wants more telling lines behind it', () => {
    const current = ['a = 1', 'b = 2', 'c = 3', 'd = 4', 'e = 5', 'f = 6', 'g = 7'].join('\n');
    const answer = `<|next_start|>\`\`\`\n${current.replace('b = 2\nc = 3\n', '')}\n\`\`\`<|next_end|>`;
    const state = (upTo: string) =>
      read('wholeFile', answer.slice(0, answer.indexOf(upTo) + upTo.length), current, { complete: false }).state;
    expect(state('e = 5\n')).toBe('unchanged so far');
    expect(state('f = 6\n')).toBe('first hunk complete');
  });

  test('talk alone, where the template leaves the choice', () => {
    const parsed = read('wholeFile', 'It returns `a`.\n```python\nfirst(1)\n```<|im_end|>', code, {
      template: 'default',
    });
    expect(parsed).toMatchObject({ edits: [], chat: 'It returns `a`.\n```python\nfirst(1)\n```' });
  });
});

describe('an excerpt', () => {
  const options = { excerpt: { first: 2, last: 4 } };
  const head = '<|next_start|>```python\n';
  const [above, below] = ['import os\n\n', '\n\ndef second(a):\n    return a\n'];

  test.each([
    '...\ndef first(b):\n    return b\n...\n```<|next_end|>',
    'def first(b):\n    return b\n```<|next_end|>',
    '...\ndef first(b):\n    return b<|next_end|>',
  ])('is put back where it was: %s', (answer) => {
    expect(read('wholeFile', head + answer, code, options).text).toBe(`${above}def first(b):\n    return b${below}`);
  });

  test('numbers lines from the top of the file', () => {
    const { prompt = [] } = formats.locationAndChange.render(
      { path: 'a', languageId: '', history: [], current: code },
      options,
    );
    expect(prompt.map((part) => (part.kind === 'text' ? part.text : '')).join('')).toContain(
      '```\n...\n3 def first(a):\n4     return a\n...\n```',
    );
    expect(read('locationAndChange', '<|next_start|>2,3\n```\ndef f(a):\n```<|next_end|>', code, options).text).toBe(
      code.replace('first', 'f'),
    );
    const outside = read('locationAndChange', '<|next_start|>5,6\n```\ndef f(a):\n```<|next_end|>', code, options);
    expect(outside).toMatchObject({ edits: [], problem: expect.stringContaining('not shown') });
  });

  test('is where a search looks', () => {
    const answer = '<|next_start|>```\n...\n    return a\n<|search_and_replace|>\n...\n    return b\n```<|next_end|>';
    expect(read('searchAndReplace', answer, code, options).text).toBe(code.replace('return a', 'return b'));
  });
});

describe('location and change', () => {
  const change = (answer: string, complete = true) =>
    read('locationAndChange', `<|next_start|>${answer}`, code, { complete });

  test('several blocks, an insertion and lines taken out', () => {
    const answer = '0,0\n```python\n# head\n```\n2,4\n```\n\n```\n5,6\n```python\ndef third(a):\n```<|next_end|>';
    expect(change(answer).text).toBe('# head\nimport os\n\n\ndef third(a):\n    return a\n');
  });

  test('is read without closing fence, end token or language, and with space around', () => {
    for (const answer of [
      '2,3\n```\ndef f(a):<|next_end|>',
      '2,3\n```\ndef f(a):\n```',
      ' 2, 3 \n\n```py\ndef f(a):\n```\n<|next_end|>',
    ])
      expect(change(answer).text).toBe(code.replace('first', 'f'));
  });

  test.each([
    ['6,9\n```\nx\n```<|next_end|>', 'not shown'],
    ['3,2\n```\nx\n```<|next_end|>', 'not shown'],
    ['99999999999999999999,99999999999999999999\n```\nx\n```<|next_end|>', 'not shown'],
    ['2,3\n```\nx', 'breaks off'],
    ['change line 2<|next_end|>', 'no change that can be read'],
  ])('is refused: %s', (answer, problem) => {
    expect(change(answer)).toMatchObject({ edits: [], problem: expect.stringContaining(problem) });
  });

  test('blocks that overlap or touch: the first stands', () => {
    for (const second of ['1,3', '3,3', '2,2']) {
      const { text, problem } = change(`2,3\n\`\`\`\ndef f(a):\n\`\`\`\n${second}\n\`\`\`\nx\n\`\`\`<|next_end|>`);
      expect(problem).toMatch('overlap or touch');
      expect(text).toBe(code.replace('first', 'f'));
    }
  });

  test('the first block is known once the next begins', () => {
    const first = '2,3\n```\ndef f(a):\n```\n';
    expect(change(first, false).state).toBe('unchanged so far');
    expect(change(`${first}5,6\n\`\`\`\n`, false)).toMatchObject({
      state: 'first hunk complete',
      text: code.replace('first', 'f'),
    });
    expect(change('2,3\n```\ndef f(a):\n```<|next_end|>', false).state).toBe('complete');
  });
});

describe('search and replace', () => {
  const block = (search: string, replacement: string) =>
    `\`\`\`\n${search}\n<|search_and_replace|>\n${replacement}\n\`\`\``;
  const replace = (answer: string) => read('searchAndReplace', `<|next_start|>${answer}<|next_end|>`);

  test('finds text off by white space, and indents what comes instead', () => {
    expect(replace(block('def first(a):  \n    return a', 'def f(a):\n    return a')).text).toBe(
      code.replace('first', 'f'),
    );
    const deeper = replace(block('def second(a):\n    return a', 'def second(b):\n    return b'));
    expect(deeper.text).toBe(code.replace('second(a):\n    return a', 'second(b):\n    return b'));
    const current = 'class A:\n    def a(self):\n        return 1\n';
    const answer = `<|next_start|>${block('def a(self):\n    return 1', 'def a(self):\n\n    return 2')}<|next_end|>`;
    expect(read('searchAndReplace', answer, current).text).toBe('class A:\n    def a(self):\n\n        return 2\n');
  });

  test.each([
    [block('    return a', '    return b'), 'several places'],
    [block('    return c', '    return b'), 'nowhere'],
    [block('', 'x'), 'searches for nothing'],
    ['```\ndef first(a):\n```', 'no search-and-replace token'],
    [block('def first(a):\n<|search_and_replace|>\nx', 'y'), 'several search-and-replace tokens'],
    [block('   def first(a):\n     return a', 'x'), 'nowhere'],
  ])('is refused: %s', (answer, problem) => {
    expect(replace(answer)).toMatchObject({ edits: [], problem: expect.stringContaining(problem) });
  });

  test('code is written where nothing but empty lines stands', () => {
    expect(read('searchAndReplace', `<|next_start|>${block('\n', 'a = 1\n')}<|next_end|>`, '\n\n\n').text).toBe(
      'a = 1\n\n\n',
    );
    expect(read('searchAndReplace', `<|next_start|>${block('', 'a = 1\n')}<|next_end|>`, '').text).toBe('a = 1\n');
  });

  test('blocks before one that is refused stand', () => {
    const { text, problem } = replace(`${block('import os', 'import sys')}\n${block('nothing like it', 'x')}`);
    expect(text).toBe(code.replace('os', 'sys'));
    expect(problem).toMatch('nowhere');
  });
});

describe('one-shot prompts', () => {
  const instruct = (answer: string, current = code) => read('fewShotInstruct', answer, current);

  test('a fenced block among words', () => {
    const answer = `Sure!\n\n\`\`\`python\n${renamed}\`\`\`\n\nI renamed it. Use it so:\n\n\`\`\`python\nsecond(1)\n\`\`\``;
    expect(instruct(answer)).toMatchObject({ text: renamed, chat: expect.stringContaining('I renamed it.') });
  });

  test('only the function that changes', () => {
    const long = Array.from({ length: 8 }, (_, i) => `def f${i}(a):\n    x = ${i}\n    return a * ${i}\n`).join('\n');
    const answer =
      '<|next_start|>```python\ndef f3(a):\n    x = 33\n    return a * 3\n\ndef f4(a):\n    x = 4\n    return a * 4\n```<|next_end|>';
    expect(instruct(answer, long).text).toBe(long.replace('x = 3\n', 'x = 33\n'));
  });

  test('the answer can be begun for the model, with the same bytes before', () => {
    const conversation = { path: 'a', languageId: 'python', history: [], current: code };
    const { messages, answerPrefix } = formats.fewShotInstruct.render(conversation, { beginAnswer: true });
    expect(messages).toEqual(formats.fewShotInstruct.render(conversation).messages);
    expect(answerPrefix).toBe('<|next_start|>```python\n');
    expect(instruct(`${answerPrefix}${renamed}\`\`\`<|next_end|>`).text).toBe(renamed);
  });
});
