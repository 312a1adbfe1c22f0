import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPrompt } from '../../shared/completions/completionPrompt.ts';
import { type FileChange, readPatches, takeBack } from '../../shared/completions/fileChanges.ts';
import { fixtures, formats, withoutLastLineEnd } from './fixtures.ts';

describe('what Zed writes is read back', () => {
  const cases = fixtures.flatMap((fixture) => formats.map((format) => ({ ...fixture, format })));

  test.each(cases)('$name, as $format', ({ format, prompts, path, region, excerpt, text, cursor, events }) => {
    const prompt = readPrompt(prompts[format]);
    expect(prompt).toMatchObject({ format, path });
    if (!prompt) return;
    const shown = prompt.before + prompt.region + prompt.after;
    expect(withoutLastLineEnd(shown)).toBe(withoutLastLineEnd(excerpt));
    expect(withoutLastLineEnd(prompt.region)).toBe(withoutLastLineEnd(region));
    expect(
      text.slice(0, cursor).endsWith((prompt.before + prompt.region).slice(0, prompt.before.length + prompt.cursor)),
    ).toBe(true);
    expect(prompt.changes.map((change) => change.path)).toEqual(events.map((event) => event.path));
  });

  test.each(cases)(
    '$name, as $format: each change is taken back',
    ({ format, prompts, path, events, text, excerpt }) => {
      const prompt = readPrompt(prompts[format]);
      const isWhole = withoutLastLineEnd(excerpt) === withoutLastLineEnd(text);
      let now = prompt ? prompt.before + prompt.region + prompt.after : '';
      for (const [i, event] of [...events.entries()].reverse()) {
        const change = prompt?.changes[i];
        if (!change || event.path !== path) continue;
        const before = takeBack(now, change, 0);
        if (isWhole) expect(withoutLastLineEnd(before ?? '')).toBe(withoutLastLineEnd(event.before));
        else expect(event.before).toContain(withoutLastLineEnd(before ?? 'not found'));
        now = before ?? now;
      }
    },
  );

  test.each(cases)('$name, as $format: the answer is what Zed reads as the new region', (one) => {
    const prompt = readPrompt(one.prompts[one.format]);
    expect(prompt?.answer(endedLike(prompt.region, one.newRegion))).toBe(one.answers[one.format]);
  });

  test.each(formats)('an answer that changes nothing, as %s', (format) => {
    const [{ prompts }] = fixtures as [(typeof fixtures)[number]];
    const prompt = readPrompt(prompts[format]);
    const silence = {
      zeta1: `<|editable_region_start|>\n${prompt?.region}`,
      zeta2: `${withoutLastLineEnd(prompt?.region ?? '')}\n`,
    };
    const expected = { ...silence, 'zeta2.1': '<|marker_1|><|marker_1|>' };
    expect(prompt?.answer(prompt.region)).toBe(expected[format]);
  });
});

describe('what others write', () => {
  test('cursortab.nvim: a quoted path, and hunks without lines around them', () => {
    const prompt = readPrompt(
      '### Instruction:\n…\n\n### User Edits:\n\nUser edited "a b.py":\n```diff\n@@ -1,1 +1,1 @@\n-    tags: str\n+    tags: list\n```\n\n### User Excerpt:\n\n```a b.py\n<|start_of_file|>\n<|editable_region_start|>\nclass A:\n    tags: list<|user_cursor_is_here|>\n<|editable_region_end|>\n```\n\n### Response:\n',
    );
    expect(prompt).toMatchObject({ path: 'a b.py', region: 'class A:\n    tags: list', after: '' });
    expect(prompt?.changes).toEqual([
      { path: 'a b.py', hunks: [{ oldLines: ['    tags: str'], newLines: ['    tags: list'], newStart: 0 }] },
    ]);
  });

  test.each([
    '',
    'complete this: ',
    '<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>',
    '### Instruction:\nand no more',
    '<[fim-suffix]>\n<[fim-prefix]><filename>a.ts\nno region\n<[fim-middle]>',
    '<[fim-suffix]>\n<[fim-prefix]><filename>a.ts\n<<<<<<< CURRENT\nno cursor\n=======\n<[fim-middle]>',
    '<[fim-suffix]>\n<[fim-prefix]><filename>a.ts\n<|marker_1|>a<|user_cursor|><|marker_3|>\n<[fim-middle]>',
  ])('%j is no prompt of these formats', (text) => {
    expect(readPrompt(text)).toBeUndefined();
  });

  test('nothing that is sent as a prompt makes the reader fail', () => {
    const parts = fc.constantFrom(
      ...'<[fim-suffix]>|<[fim-prefix]>|<[fim-middle]>|<filename>|edit_history|<<<<<<< CURRENT|=======|<|user_cursor|>|### Instruction:|### User Excerpt:|```a|<|editable_region_start|>|<|editable_region_end|>|### Response:|@@ -1,2 +1,2 @@|--- a/x|+++ b/x|+y|-z'
        .split(/\|(?=[<#`@\-+=e])/)
        .flatMap((part) => [part, `${part}\n`]),
      '<|marker_1|>',
      '<|marker_2|>',
      '\n',
      'code',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (chosen) => {
        const prompt = readPrompt(chosen.join(''));
        if (!prompt) return;
        expect(prompt.cursor).toBeLessThanOrEqual(prompt.region.length);
        expect(typeof prompt.answer('x')).toBe('string');
      }),
    );
  });
});

describe('a change is taken back', () => {
  const change = (oldLines: string[], newLines: string[]): FileChange => ({
    path: 'a',
    hunks: [{ oldLines, newLines, newStart: 0 }],
  });

  test('where lines around it lie outside the excerpt', () => {
    const text = 'let b = 2;\nlet c = 3;\n';
    expect(takeBack(text, change(['let a = 1;', 'let x = 2;'], ['let a = 1;', 'let b = 2;']), 0)).toBe(
      'let x = 2;\nlet c = 3;\n',
    );
  });

  test('of equal places, at the one nearest to the cursor', () => {
    expect(takeBack('f();\na\nf();\n', change(['g();'], ['f();']), 2)).toBe('f();\na\ng();\n');
  });

  test('not where it would be anywhere', () => {
    expect(takeBack('a\n\nb\n', change(['x', ''], ['']), 0)).toBeUndefined();
    expect(takeBack('a\n', change(['x'], ['y']), 0)).toBeUndefined();
  });

  test('one line that becomes another, anywhere in a text of different lines', () => {
    const lines = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.nat(), fc.nat(), (words, at, near) => {
        const [old = '', ...rest] = words;
        const after = rest.join('\n');
        const i = at % rest.length;
        const patch = `--- a/f\n+++ b/f\n@@ -${i + 1} +${i + 1} @@\n-${old}\n+${rest[i]}\n`;
        const [read] = readPatches(patch);
        expect(read && takeBack(after, read, near)).toBe(rest.with(i, old).join('\n'));
      }),
    );
  });
});

function endedLike(region: string, newRegion: string): string {
  return region.endsWith('\n') ? newRegion : withoutLastLineEnd(newRegion);
}
