import { describe, expect, test } from 'vitest';
import { conversationWith, editsBelow, namesGone, usesOneOf } from '../../server/prediction/elsewhere.ts';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { applyEdits } from '../../shared/edits/apply.ts';

const here: Conversation = {
  path: 'a.ts',
  languageId: 'typescript',
  history: ['old(1);\nkept(2);\n', 'total(1);\nkept(2);\n'],
  current: 'sum(1);\nkept(2);\n',
};

describe('the names that are gone', () => {
  test('are those that the newest edit put others in the place of, and that stand nowhere else', () => {
    expect(namesGone(here)).toEqual(['total']);
    expect(namesGone({ ...here, current: 'sum(1);\nkept(2, total);\n' })).toEqual([]);
    expect(namesGone({ ...here, history: ['ab(1);\nkept(2);\n'] })).toEqual([]);
    expect(namesGone({ ...here, history: [] })).toEqual([]);
    expect(namesGone({ ...here, current: 'kept(2);\n' })).toEqual([]);
  });
});

describe('a use elsewhere', () => {
  test.each([
    ['call(total);', true],
    ['import { total } from "a";', true],
    ['x.total == 1', true],
    ['subtotal(totals)', false],
    ['const total = 1;\nshow(total);', false],
    ['def total(x):\n  total(1)', false],
    ['total := 3', false],
    ['  total = 3', false],
    ['f(x, total=3)', true],
  ])('%j: %s', (text, expected) => {
    expect(usesOneOf(text, ['total'])).toBe(expected);
  });
});

describe('the edits of the other document', () => {
  const other = 'see(total);\r\nsee(total);\r\n';
  const joined = conversationWith(other, here);
  const edit = (nth: number, confidence: number, newText = 'sum', reason = 'rename') => {
    let start = -1;
    for (let i = 0; i <= nth; i++) start = joined?.current.indexOf('total', start + 1) ?? -1;
    return { start, end: start + 'total'.length, newText, confidence, reason };
  };

  test('are those below, in its own offsets and line ends', () => {
    expect(joined?.history).toEqual(here.history.map((text) => `${text}\n${other}`));
    const above = { start: 0, end: 3, newText: 'add', confidence: 0.9 };
    const edits = editsBelow(other, here, { edits: [above, edit(0, 0.9, 'sum,\n1')] }, ['total']);
    expect(applyEdits(other, edits)).toBe('see(sum,\r\n1);\r\nsee(total);\r\n');
  });

  test('are certain, or like one that is', () => {
    const kept = (...edits: ReturnType<typeof edit>[]) => editsBelow(other, here, { edits }, ['total']).length;
    expect(kept(edit(0, 0.49), edit(1, 0.45))).toBe(0);
    expect(kept(edit(0, 0.5), edit(1, 0.3))).toBe(2);
    expect(kept(edit(0, 0.5), edit(1, 0.29))).toBe(1);
    expect(kept(edit(0, 0.5), edit(1, 0.4, 'sum', 'another'))).toBe(1);
  });

  test('are about one of the names', () => {
    expect(editsBelow(other, here, { edits: [edit(0, 0.9)] }, ['amount'])).toEqual([]);
  });

  test('there are none for texts that are too long', () => {
    expect(conversationWith('x'.repeat(600_000), here)).toBeUndefined();
  });
});
