import { describe, expect, it } from 'vitest';
import { EditHistory, type EditHistoryOptions } from '../../server/history/editHistory.ts';

const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`);
const text = `${lines.join('\n')}\n`;

function open(options: EditHistoryOptions = {}, ...names: string[]): EditHistory {
  const history = new EditHistory(options);
  for (const name of names) history.open({ uri: `file:///${name}`, path: name, languageId: 'plaintext', text });
  return history;
}

/** Replaces the first `from` of the original text. */
function replace(history: EditHistory, name: string, from: string, to: string, nowMs: number): void {
  const start = text.indexOf(from);
  history.change(`file:///${name}`, [{ start, end: start + from.length, newText: to }], nowMs);
}

describe('EditHistory', () => {
  it('keeps each document to itself', () => {
    const history = open({}, 'a', 'b');
    replace(history, 'a', 'line 3\n', 'row 3\n', 100);
    expect(history.snapshots('file:///a', 4)).toEqual([text]);
    expect(history.snapshots('file:///b', 4)).toEqual([]);
    expect(history.snapshots('file:///c', 4)).toEqual([]);
  });

  it('gives the changes of others as excerpts, newest last', () => {
    const history = open({}, 'a', 'b', 'c');
    replace(history, 'b', 'line 20\n', 'row 20\n', 200);
    replace(history, 'a', 'line 1\n', 'row 1\n', 100);
    replace(history, 'c', 'line 39\n', 'row 39\n', 300);
    const around = (from: number, to: number) => `${lines.slice(from, to).join('\n')}\n`;
    expect(history.related('file:///c', 9, 400)).toEqual([
      {
        path: 'a',
        languageId: 'plaintext',
        before: around(0, 5),
        after: around(0, 5).replace('line 1', 'row 1'),
      },
      {
        path: 'b',
        languageId: 'plaintext',
        before: around(17, 24),
        after: around(17, 24).replace('line 20', 'row 20'),
      },
    ]);
    expect(history.related('file:///a', 1, 400).map((change) => change.path)).toEqual(['c']);
    expect(history.related('file:///a', 0, 400)).toEqual([]);
  });

  it('gives a few places of a change that has many, and none that is long', () => {
    const history = open({}, 'a', 'b');
    const places = [...text.matchAll(/line (?=\d*5\n)/g)].reverse();
    history.change(
      'file:///a',
      places.map((m) => ({ start: m.index, end: m.index + 4, newText: 'row' })),
      100,
    );
    const related = history.related('file:///b', 9, 100);
    expect(related.map((change) => change.after.includes('row'))).toEqual([true, true]);
    history.change('file:///a', [{ start: 0, end: 0, newText: 'pasted\n'.repeat(1000) }], 40_000);
    expect(history.related('file:///b', 9, 100)).toEqual(related);
  });

  it('keeps what was changed in a closed document for a while, and in so many', () => {
    const names = Array.from({ length: 40 }, (_, i) => `file${i}`);
    const history = open({}, 'now', ...names);
    for (const [i, name] of names.entries()) {
      replace(history, name, 'line 3\n', 'row 3\n', i * 1000);
      history.close(`file:///${name}`);
      expect(history.current(`file:///${name}`)).toBeUndefined();
    }
    expect(history.snapshots('file:///file39', 4)).toEqual([]);
    expect(history.related('file:///now', 99, 50_000).map((change) => change.path)).toEqual(names.slice(24));
    expect(history.related('file:///now', 99, 30 * 60_000 + 38_500).map((change) => change.path)).toEqual(['file39']);
    expect(history.related('file:///now', 99, 86_400_000)).toEqual([]);
  });

  it('starts anew when a document is opened again', () => {
    const history = open({}, 'a', 'b');
    replace(history, 'a', 'line 3\n', 'row 3\n', 100);
    history.close('file:///a');
    history.open({ uri: 'file:///a', path: 'a', languageId: 'plaintext', text });
    expect(history.snapshots('file:///a', 4)).toEqual([]);
    expect(history.related('file:///b', 4, 200)).toEqual([]);
  });

  it('forgets a document, and never shows one that has become excluded', () => {
    const excluded = new Set<string>();
    const history = open({ isExcluded: (uri) => excluded.has(uri) }, 'a', 'b', 'c');
    replace(history, 'a', 'line 3\n', 'row 3\n', 100);
    replace(history, 'b', 'line 3\n', 'row 3\n', 200);
    history.close('file:///b');
    history.forget('file:///a');
    expect(history.related('file:///c', 4, 300).map((change) => change.path)).toEqual(['b']);
    excluded.add('file:///b');
    expect(history.related('file:///c', 4, 300)).toEqual([]);
  });

  it('judges and reads no more documents than the changes it gives come from', () => {
    const names = Array.from({ length: 300 }, (_, i) => `file${i}`);
    const judged: string[] = [];
    const isExcluded = (uri: string) => {
      judged.push(uri);
      return uri.endsWith('98');
    };
    const history = open({ isExcluded }, ...names, 'unchanged');
    for (const [i, name] of names.entries()) replace(history, name, 'line 3\n', 'row 3\n', 1000 + i);
    expect(history.related('file:///file299', 3, 2000).map((change) => change.path)).toEqual([
      'file295',
      'file296',
      'file297',
    ]);
    expect(judged.length).toBeLessThan(10);
  });

  it('keeps nothing of a closed buffer that had no name: it may be a secret by now', () => {
    const history = open({}, 'a');
    history.open({ uri: 'untitled:Untitled-1', path: 'Untitled-1', languageId: 'plaintext', text });
    history.change('untitled:Untitled-1', [{ start: 0, end: 4, newText: 'secret' }], 100);
    expect(history.related('file:///a', 4, 200)).toHaveLength(1);
    history.close('untitled:Untitled-1');
    expect(history.related('file:///a', 4, 200)).toEqual([]);
  });

  it('of a renamed document goes on, under its new name alone', () => {
    const history = open({}, 'a', 'other');
    replace(history, 'a', 'line 3\n', 'row 3\n', 100);
    const now = text.replace('line 3\n', 'row 3\n');
    history.close('file:///a');
    history.open({ uri: 'file:///b', path: 'b', languageId: 'typescript', text: now, formerly: 'file:///a' });
    expect(history.snapshots('file:///b', 4)).toEqual([text]);
    expect(history.edits('file:///b', 4)).toHaveLength(1);
    expect(history.related('file:///other', 4, 200)).toMatchObject([{ path: 'b', languageId: 'typescript' }]);
  });

  it.each([
    ['another text', text, false],
    ['its text, but long after', text.replace('line 3\n', 'row 3\n'), true],
  ])('does not go on with %s', (_, now, departed) => {
    const history = open({}, 'a');
    replace(history, 'a', 'line 3\n', 'row 3\n', 100);
    history.close('file:///a');
    if (departed) history.depart('file:///a');
    history.open({ uri: 'file:///b', path: 'b', languageId: '', text: now, formerly: 'file:///a' });
    expect(history.snapshots('file:///b', 4)).toEqual([]);
  });

  it('ignores changes of documents that are not open', () => {
    const history = open();
    history.change('file:///a', [{ start: 5, end: 9, newText: '' }], 0);
    history.close('file:///a');
    expect(history.related('file:///b', 4, 0)).toEqual([]);
  });
});
