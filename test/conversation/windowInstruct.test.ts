import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import type { View } from '../../shared/conversation/format.ts';
import { windowInstruct } from '../../shared/conversation/formats/windowInstruct.ts';
import { promptText } from '../../shared/conversation/prompt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { codeLine } from './arbitraries.ts';

/** The conversation after a change to `current` with the cursor at `offset`. */
function changed(before: string, current: string, offset: number): Conversation {
  const target = { kind: 'cursor', offset } as const;
  return { path: 'a.py', languageId: 'python', history: [before], current, target };
}

/** The prompt for the preferred view, and how an answer to it is read. */
function ask(conversation: Conversation) {
  const snippet = Snippet.of(conversation.current);
  const [view = {}] = windowInstruct.views(snippet, conversation.target, conversation);
  const { messages, answerPrefix, expected } = windowInstruct.render(conversation, view);
  const prompt = promptText(messages.at(-1)?.content ?? []);
  const read = (answer: string) => windowInstruct.parse(answer, conversation, { ...(view as View), complete: true });
  const resume = (answer: string) => windowInstruct.resume(answer, conversation, view as View);
  return { view, prompt, answerPrefix, expected: promptText(expected), read, resume };
}

const before = 'import os\n\ndef area(width, height):\n    print(width)\n    return width * height\n';
const renamed = before.replace('(width,', '(w,');

describe('the edit that the cursor is in', () => {
  const typing = changed(before, renamed, renamed.indexOf('(w') + 2);

  test('is shown last, behind the code as it was before it; the answer is begun with the lines at the cursor', () => {
    const { prompt, answerPrefix, expected } = ask(typing);
    expect(prompt).toBe(
      [
        'Code of a.py:',
        '',
        '```python',
        'import os',
        '',
        'def area(width, height):',
        '    print(width)',
        '    return width * height',
        '```',
        '',
        'Then the programmer made this edit:',
        '',
        '```diff',
        '@@ -1,4 +1,4 @@',
        ' import os',
        ' ',
        '-def area(width, height):',
        '+def area(w, height):',
        '     print(width)',
        '```',
      ].join('\n'),
    );
    expect(answerPrefix).toBe('```python\nimport os\n\ndef area(w, height):\n');
    expect(expected).toBe('    print(w)\n    return w * height\n```');
  });

  test.each([
    ['up to a word at the cursor, which may become longer', 'print(area.wid', 'print(area'],
    ['up to a word alone', 'ret', ''],
    ['up to a word that the cursor is inside', 'imf|rom os', ''],
    ['without a line that may go on behind a mark', 'print(area(width),', ''],
    ['without a line that a bracket may go on', 'print(area(width)', ''],
    ['without the line behind white space', 'x = ', ''],
    ['with a line that is closed', 'print(area);', 'print(area);\n'],
    ['with a line behind its last bracket', 'print(area)', 'print(area)\n'],
    ['with a line that goes on behind the cursor', 'print(area|(width))', 'print(area(width))\n'],
  ])('begins the answer %s', (_, typed, given) => {
    const line = typed.replace('|', '');
    const longer = before.replace('    print(width)', `    ${line}`);
    const column = typed.includes('|') ? typed.indexOf('|') : typed.length;
    const { answerPrefix } = ask(changed(before, longer, longer.indexOf(line) + column));
    expect(answerPrefix.slice(answerPrefix.indexOf(':\n') + 2).trimStart()).toBe(given);
  });

  test('is among the others where the cursor has left it', () => {
    const { prompt, answerPrefix } = ask({ ...typing, target: { kind: 'cursor', offset: renamed.length - 2 } });
    expect(prompt).toMatch(/^Last edits:\n\na\.py\n```diff\n@@/);
    expect(prompt).toMatch(/def area\(w, height\):[^@]*\n\nThe cursor is in the line: return width \* height$/);
    expect(answerPrefix).toBe('```python\n');
  });

  test('may be several lines, of which those far above the cursor are not written again', () => {
    const added = Array.from({ length: 8 }, (_, i) => `    step_${i}()\n`).join('');
    const longer = before.replace('    print', `${added}    print`);
    const { prompt, answerPrefix } = ask(changed(before, longer, longer.indexOf('step_7()') + 8));
    expect(prompt).toContain('def area(width, height):\n    print(width)\n');
    expect(prompt).toContain('+    step_0()\n');
    expect(answerPrefix).toBe('```python\n    step_6()\n    step_7()\n');
  });

  test.each([
    ['short', 10, 6],
    ['long', 90, 1],
    ['very long', 300, 0],
  ])('goes on with fewer lines below the cursor where they are %s', (_, length, count) => {
    const line = (i: number) => `value_${i} = ${'x'.repeat(length)}`;
    const below = Array.from({ length: 20 }, (_, i) => line(i));
    const after = [renamed.trimEnd(), ...below, ''].join('\n');
    const { expected } = ask(changed(after.replace('(w,', '(width,'), after, after.indexOf('height')));
    // Behind the two lines of the function.
    expect(expected.split('\n').filter((one) => one.startsWith('value_'))).toHaveLength(count);
  });

  test.each([
    ['begins too far above the cursor', 20],
    ['is too long to be shown', 400],
  ])('is no such edit where it %s', (_, count) => {
    const added = Array.from({ length: count }, (_, i) => `    step_${i}()\n`).join('');
    const longer = before.replace('    print', `${added}    print`);
    const { prompt } = ask(changed(before, longer, longer.indexOf(`step_${count - 1}()`)));
    expect(prompt).not.toContain('Then the programmer');
    expect(prompt).toContain(`    step_${count - 1}()\n`);
  });

  test('leaves the prompt as it is up to its line while someone types on', () => {
    const lines = fc.array(codeLine, { minLength: 3, maxLength: 30 });
    fc.assert(
      fc.property(lines, fc.nat(), fc.string({ minLength: 2, maxLength: 8 }), (texts, at, typed) => {
        const clean = typed.replace(/[\s`]/g, 'a');
        const line = at % texts.length;
        const typedSoFar = (count: number) => {
          const now = texts.with(line, `${texts[line]}${clean.slice(0, count)}`).join('\n');
          return changed(texts.join('\n'), now, Snippet.of(now).lineStart(line) + (texts[line] ?? '').length + count);
        };
        const [one, two] = [ask(typedSoFar(1)).prompt, ask(typedSoFar(2)).prompt];
        const last = one.lastIndexOf('\n+');
        expect(last).toBeGreaterThan(0);
        expect(two.slice(0, last)).toBe(one.slice(0, last));
      }),
    );
  });
});

describe('the answer', () => {
  const lines = fc.array(codeLine, { minLength: 1, maxLength: 30 });

  test('that is expected changes nothing but the word that the edit replaced', () => {
    fc.assert(
      fc.property(lines, fc.nat(), codeLine, fc.nat(), (texts, at, line, column) => {
        const row = at % texts.length;
        const now = texts.with(row, line).join('\n');
        const offset = Snippet.of(now).lineStart(row) + (column % (line.length + 1));
        const { answerPrefix, expected, read } = ask(changed(texts.join('\n'), now, offset));
        const { state, edits } = read(answerPrefix + expected);
        expect(state).toBe('complete');
        const words = (text: string) => new Set(text.match(/[\p{L}\p{N}_$]+/gu) ?? []);
        const come = [...words(line)].filter((word) => !words(texts[row] ?? '').has(word));
        if (come.length !== 1) expect(edits).toEqual([]);
        for (const { newText } of edits) expect(come[0]).toContain(newText);
      }),
    );
  });

  const atName = renamed.indexOf('(w,') + 2;

  test('that ends early takes nothing out, and goes on where the next line begins', () => {
    const { answerPrefix, read, resume } = ask(changed(before, renamed, atName));
    const early = `${answerPrefix}    print(w)\n`;
    expect(applyEdits(renamed, read(`${early}\`\`\``).edits)).toBe(renamed.replace('print(width)', 'print(w)'));
    const resumed = resume(`${early}\`\`\``);
    expect(resumed?.answer).toBe(`${early}   `);
    expect(promptText(resumed?.expected ?? [])).toBe(' return w * height\n```');
    expect(resume(`${early}    return w * height\n\`\`\``)).toBeUndefined();
  });

  test('loses the space before its lines that a diff has', () => {
    const { answerPrefix, read } = ask(changed(before, renamed, atName));
    const { edits } = read(`${answerPrefix}     print(width)\n     return w * height\n\`\`\``);
    expect(applyEdits(renamed, edits)).toBe(renamed.replace('return width', 'return w'));
    // Nothing says that this one has too many.
    const once = read(`${answerPrefix}     print(w)\n    return width * height\n\`\`\``);
    expect(applyEdits(renamed, once.edits)).toBe(renamed.replace('    print(width)', '     print(w)'));
  });

  test('goes on behind blank lines with a first word, unless the edit took it out', () => {
    const code = 'one = 1\n\n\nprint(one)\none += 1\n';
    const edited = code.replace('one', 'uno');
    const { resume } = ask(changed(code, edited, 0));
    expect(resume('```python\nuno = 1\n```')?.answer).toBe('```python\nuno = 1\n\n\nprint');
    expect(resume('```python\nuno = 1\n\n\nprint(uno)\n```')?.answer).toBe('```python\nuno = 1\n\n\nprint(uno)\n');
  });

  test('does not go on where it has become a diff, or the text has fences, or nothing is left', () => {
    const { answerPrefix, expected, resume } = ask(changed(before, renamed, atName));
    expect(resume(`${answerPrefix}-    print(width)\n\`\`\``)).toBeUndefined();
    expect(resume(answerPrefix + expected)).toBeUndefined();
    const fenced = ask(changed('# a\n```\nb\n```\n', '# c\n```\nb\n```\n', 3));
    expect(fenced.resume('```python\n# c\n```')).toBeUndefined();
  });

  test('that a server begins again, since it cannot go on with one, counts from there on', () => {
    const { answerPrefix, read } = ask(changed(before, renamed, renamed.indexOf('(w') + 2));
    const { edits } = read(`${answerPrefix}\`\`\`python\n${renamed.replace('print(width)', 'print(w)')}\`\`\``);
    expect(applyEdits(renamed, edits)).toBe(renamed.replace('print(width)', 'print(w)'));
  });

  test('that becomes a diff says nothing, unless the text has such lines', () => {
    const current = before.replace('print(width)', 'print(w);');
    const { answerPrefix, expected, read } = ask(changed(before, current, current.indexOf('(w);') + 4));
    expect(read(`${answerPrefix}-    print(width)\n+    print(w);\n${expected}`)).toMatchObject({
      edits: [],
      problem: expect.stringContaining('a diff'),
    });
    const list = ask(changed('- one\n- two\n', '- one\n- two\n- thr', 18));
    expect(list.read(`${list.answerPrefix}- three\n- four\n\`\`\``).edits).not.toEqual([]);
  });

  test('with another line below the cursor changes this line', () => {
    const { answerPrefix, expected, read } = ask(changed(before, renamed, renamed.indexOf('(w') + 2));
    const { edits } = read(answerPrefix + expected.replace('return w ', 'return width '));
    expect(applyEdits(renamed, edits)).toBe(renamed.replace('print(width)', 'print(w)'));
  });
});
