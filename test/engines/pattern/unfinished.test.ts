import { describe, expect, it } from 'vitest';
import { buildScene } from '../../../server/engines/pattern/scene.ts';
import { isUnfinished } from '../../../server/engines/pattern/unfinished.ts';

/** The text after `|` was typed in the place of what `[...]` holds in the text before. */
function typing(before: string, typed: string): boolean {
  const start = before.indexOf('[');
  const old = before.replace(/[[\]]/g, '');
  const current = before.replace(/\[.*?\]/, typed);
  const scene = buildScene({
    path: 'a.ts',
    languageId: 'typescript',
    history: [old],
    current,
    target: { kind: 'cursor', offset: start + typed.length },
  });
  if (!scene) throw new Error('nothing was changed');
  return isUnfinished(scene);
}

describe('isUnfinished', () => {
  it.each(['r', 're', 'respo', 'respons'])('takes %s for half of a word', (typed) => {
    expect(typing('const [res] = get();\nuse(res);\n', typed)).toBe(true);
  });

  it.each(['response', 'ctx', 'workdir', 'body'])('takes %s for whole', (typed) => {
    expect(typing('const [res] = get();\nuse(res);\n', typed)).toBe(false);
  });

  it('takes a name that stands elsewhere for whole', () => {
    expect(typing('const [res] = get();\nuse(res);\nrespo();\n', 'respo')).toBe(false);
  });

  it.each(['f(a, ', 'f(a', 'f(', 'g.', 'f("a'])('waits for what follows %s', (typed) => {
    expect(typing('const x = [f];\n', typed)).toBe(true);
  });

  it.each(['workdi', 'nullp'])('takes %s for two words, of which the second is half', (typed) => {
    expect(typing('const [res] = get();\nuse(res);\n', typed)).toBe(true);
  });

  it.each([
    ['[]def f(a):', '@login'],
    ['[]function f() {', 'exp'],
    ['    []    return b;', 'if (!a)'],
    ['  []call(a);', '/'],
  ])('waits for the blank or the line break behind what is put before a word: %s', (before, typed) => {
    expect(typing(`${before}\n`, typed)).toBe(true);
  });

  it.each([
    ['[]function f() {', 'export '],
    ['  return []total;', 'current_'],
    ['  return []valid;', 'in'],
    ['  x = []f(a);', 'await '],
  ])('does not wait where that may be all: %s', (before, typed) => {
    expect(typing(`${before}\n`, typed)).toBe(false);
  });

  it.each([
    'def f(a) -> [a.int]:',
    'let x = [12];',
    'f(a, [b.c])',
    'color: #[12];',
    'serde = "1.[2]"',
    '([list-all] (a) b)',
  ])('waits in the gap that something was taken out of: %s', (before) => {
    expect(typing(`${before}\n`, '')).toBe(true);
  });

  it.each(['f(a[, b])', 'f([a.b])', 'x[: int] = 3', 'call(a)[.unwrap()];', 'let [mut ]x = 1;'])(
    'takes what was taken out whole for done: %s',
    (before) => {
      expect(typing(`${before}\n`, '')).toBe(false);
    },
  );

  it.each(["import a from 'b", 'let s = `a'])('waits for the end of a text: %s', (typed) => {
    expect(typing('[const a = 1;]\n', typed)).toBe(true);
  });

  it('does not wait behind a whole call, nor on the last bracket of one without arguments', () => {
    expect(typing('const x = [f];\n', 'f(a)')).toBe(false);
    const [history, current] = ['a();\n', 'a();\n\tdefer s.mu.Unlock()\n'];
    const target = { kind: 'cursor' as const, offset: current.length - 2 };
    const scene = buildScene({ path: 'a.go', languageId: 'go', history: [history], current, target });
    expect(scene && isUnfinished(scene)).toBe(false);
  });
});
