import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { patch } from '../../shared/conversation/formats/patch.ts';
import { promptText } from '../../shared/conversation/prompt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { codeLine, textAndNext, textOf } from './arbitraries.ts';

const { render, parse, write } = patch;
const before = 'def area(width, height):\n    print(width)\n    return width * height\n';
const current = before.replace('(width,', '(w,');
const cursor = { kind: 'cursor', offset: current.indexOf('w,') + 1 } as const;
const conversation: Conversation = {
  path: 'src/area.py',
  languageId: 'python',
  history: [before],
  current,
  target: cursor,
};
const shown = (one: Conversation, excerpt?: { first: number; last: number }) =>
  promptText(render(one, excerpt ? { excerpt } : {}).prompt ?? []);
const read = (answer: string, one = conversation, complete = true) => parse(answer, one, { complete });
const made = (answer: string) => applyEdits(current, read(answer).edits);

describe('the prompt', () => {
  test('has the lines as they were, the edits, and the line of the cursor', () => {
    expect(shown(conversation)).toBe(
      [
        '<|file_sep|>src/area.py',
        'def area(width, height):',
        '    print(width)',
        '    return width * height',
        '',
        '<|file_sep|>edits',
        '@@',
        '-def area(width, height):',
        '+def area(w, height):',
        '     print(width)',
        '<|file_sep|>cursor',
        'def area(w<|fim_middle|>, height):',
        '<|file_sep|>next',
        '',
      ].join('\n'),
    );
  });

  test('names the document of edits made elsewhere, before its own', () => {
    const related = [{ path: 'b.py', languageId: 'python', before: 'x = area\n', after: 'x = surface\n' }];
    expect(shown({ ...conversation, related })).toContain(
      '<|file_sep|>edits\n@@ b.py\n-x = area\n+x = surface\n@@\n-def area(width',
    );
  });

  test('leaves out the oldest edits where they are many, and shows their outcome instead', () => {
    const texts = Array.from({ length: 12 }, (_, i) => `${'new\n\n'.repeat(i)}${'old\n\n'.repeat(12 - i)}`);
    const prompt = shown({ ...conversation, history: texts.slice(0, -1), current: texts.at(-1) ?? '' });
    expect(prompt.match(/^@@$/gm)).toHaveLength(8);
    expect(prompt.split('<|file_sep|>edits')[0]?.match(/new/g)).toHaveLength(3);
  });

  test('a large change is shown by its outcome alone', () => {
    const pasted = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join('');
    const one = { ...conversation, history: [before], current: before + pasted };
    expect(shown(one, { first: 0, last: 20 })).toContain('line 10\n');
    expect(shown(one)).not.toContain('@@');
  });

  test('stays as it is up to the changed place while someone types on in a line', () => {
    const lines = fc.array(codeLine, { minLength: 3, maxLength: 30 });
    fc.assert(
      fc.property(lines, fc.nat(), fc.string({ minLength: 2, maxLength: 8 }), (texts, at, typed) => {
        const clean = typed.replace(/[\s<|]/g, 'a');
        const line = at % texts.length;
        const typing = (count: number): Conversation => {
          const now = texts.with(line, `${texts[line]}${clean.slice(0, count)}`).join('\n');
          const offset =
            texts.slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + (texts[line] ?? '').length + count;
          const target = { kind: 'cursor', offset } as const;
          return { ...conversation, history: [texts.join('\n')], current: now, target };
        };
        const [one, two] = [shown(typing(1)), shown(typing(2))];
        const last = one.lastIndexOf('\n+');
        expect(last).toBeGreaterThan(0);
        expect(two.slice(0, last)).toBe(one.slice(0, last));
      }),
    );
  });
});

describe('the answer', () => {
  test('is nothing, or old lines that tell the place and new ones', () => {
    expect(read('<|endoftext|>')).toMatchObject({ state: 'complete', edits: [] });
    expect(made('@@\n-    print(width)\n+    print(w)\n<|endoftext|>')).toBe(current.replace('(width)', '(w)'));
    expect(made('@@\n     print(width)\n+    print(height)\n<|endoftext|>')).toContain('(width)\n    print(height)\n');
  });

  test('gives a hunk as soon as the next one begins, and not before', () => {
    const first = '@@\n-    print(width)\n+    print(w)\n';
    expect(read(first, conversation, false)).toMatchObject({ state: 'unchanged so far', edits: [] });
    expect(read(`${first}@@\n-    ret`, conversation, false)).toMatchObject({ state: 'first hunk complete' });
  });

  test.each([
    ['@@\n-    print(nothing)\n+    print(w)\n', 'nowhere'],
    ['@@\n+    print(w)\n', 'no place'],
    ['Sure! Here it is:\n@@\n-    print(width)\n+    print(w)\n', 'does not begin with a block'],
    ['@@\n-    print(width)\nprint(w)\n', 'neither old nor new'],
    ['@@\n-    print(width)\n+    a\n@@\n-    print(width)\n+    b\n', 'overlap'],
  ])('%j is refused from there on', (answer, why) => {
    expect(read(`${answer}<|endoftext|>`).problem).toContain(why);
  });

  test('is refused where its old lines stand in several places', () => {
    const twice = { ...conversation, current: 'f()\ng()\nf()\n' };
    expect(read('@@\n-f()\n+h()\n<|endoftext|>', twice).problem).toContain('several places');
    expect(read('@@\n g()\n-f()\n+h()\n<|endoftext|>', twice).edits).toHaveLength(1);
  });

  test('is written with the nearest change below the cursor first, each with as many old lines as tell its place', () => {
    const text = 'a(x)\nuse\nb(x)\nc(x)\nuse\nd(x)\n';
    const next = text.replaceAll('use', 'used').replace('a(x)', 'a(y)');
    const target = { kind: 'cursor', offset: text.indexOf('c(x)') } as const;
    const answer = promptText(write({ ...conversation, current: text, target }, next));
    expect(answer).toBe('@@\n c(x)\n-use\n+used\n@@\n-a(x)\n-use\n+a(y)\n+used\n<|endoftext|>');
  });

  test('that is written is read as just these changes, at every excerpt that holds them', () => {
    fc.assert(
      fc.property(
        textAndNext(codeLine, { text: textOf(codeLine).map((text) => text.replaceAll('\r', '')) }),
        fc.nat(60),
        ({ current: text, next }, offset) => {
          fc.pre(text.trim() !== '' && next.trim() !== '');
          const target = { kind: 'cursor', offset: Math.min(offset, text.length) } as const;
          const one = { ...conversation, history: [], current: text, target };
          const { edits, problem } = read(promptText(write(one, next)), one);
          expect(problem).toBeUndefined();
          // Whether the last line ends is not the model's to say.
          expect(applyEdits(text, edits).replace(/\n$/, '')).toBe(Snippet.of(next).normalized.replace(/\n$/, ''));
        },
      ),
      { numRuns: 300 },
    );
  });
});
