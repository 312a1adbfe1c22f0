import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formats } from '../../shared/conversation/formats.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { codeLine } from './arbitraries.ts';

const shownLines = (text: string, offset: number) => {
  const snippet = Snippet.of(text);
  const target = { kind: 'cursor', offset } as const;
  const conversation = { path: 'a.ts', languageId: 'typescript', history: [], current: text, target };
  const [view] = formats.windowInstruct.views(snippet, target, conversation);
  const { first, last } = snippet.shown(view?.excerpt);
  return { snippet, first, last, lines: snippet.lines.slice(first, last) };
};

describe('the small window', () => {
  test('begins with a line that says something, and ends before blank ones', () => {
    const text = 'a();\n}\n\n@tagged\nclass A {\n  b = 1;\n}\n\n\n';
    expect(shownLines(text, text.indexOf('class')).lines).toEqual(['@tagged', 'class A {', '  b = 1;', '}']);
  });

  test('has the line of the cursor though nothing is on it', () => {
    const text = 'a();\n}\n\n\n\n';
    expect(shownLines(text, text.indexOf('\n\n') + 1).lines).toEqual(['a();', '}', '']);
  });

  test('has the line of the cursor, a few beside it, and no idle ones at its edges', () => {
    const line = fc.oneof(codeLine, fc.constantFrom('', '  ', '}', '});'));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), fc.nat(), (lines, place) => {
        const at = place % lines.length;
        const text = lines.join('\n');
        const { snippet, first, last } = shownLines(text, Snippet.of(text).lineStart(at));
        expect(first).toBeLessThanOrEqual(at);
        expect(last).toBeGreaterThan(at);
        expect([at - first <= 3, last - 1 - at <= 8]).toEqual([true, true]);
        expect(first === at || /[\p{L}\p{N}]/u.test(snippet.lines[first] ?? '')).toBe(true);
        expect(last - 1 === at || snippet.lines[last - 1]?.trim() !== '').toBe(true);
      }),
    );
  });
});
