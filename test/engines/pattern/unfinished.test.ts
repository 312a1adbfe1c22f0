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

  it('does not wait behind a whole call', () => {
    expect(typing('const x = [f];\n', 'f(a)')).toBe(false);
  });
});
