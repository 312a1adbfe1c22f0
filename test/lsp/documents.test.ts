import { beforeEach, describe, expect, it } from 'vitest';
import { Exclusion } from '../../server/history/exclusion.ts';
import { Documents } from '../../server/lsp/documents.ts';
import { applyContentChanges } from '../../server/lsp/textSync.ts';
import { defaultSettings } from '../../server/settings/settings.ts';

const uri = 'file:///work/a.ts';
let exclusion: Exclusion;
let events: string[];
let documents: Documents;
let version: number;

beforeEach(() => {
  exclusion = new Exclusion({ ...defaultSettings, 'exclude.maxFileSize': 30_000 });
  events = [];
  version = 1;
  documents = new Documents({
    exclude: (of, text, inserted) => exclusion.keptOut(of, text, inserted),
    opened: (document) => events.push(`opened ${document.getText().length}`),
    changed: () => events.push('changed'),
    closed: () => events.push('closed'),
    departed: () => {},
    forgotten: () => events.push('forgotten'),
  });
});

const open = (text: string, of = uri) => documents.open(of, 'typescript', version, text);
/** Puts a text in at the very start, or takes as much away. */
const put = (text: string) => change({ line: 0, character: 0 }, { line: 0, character: 0 }, text);
const take = (lines: number, characters: number) =>
  change({ line: 0, character: 0 }, { line: lines, character: characters }, '');
const change = (start: { line: number; character: number }, end: typeof start, text: string) =>
  documents.change(uri, (document) =>
    applyContentChanges(document, ++version, [{ range: { start, end }, text }], 'utf-16'),
  );

describe('an exclusion by content', () => {
  it.each([
    ['a NUL, typed', '\0', 0, 1, 'binary content'],
    ['a long line', 'x'.repeat(20_000), 0, 20_000, 'looks minified: a line of more than 10000 characters'],
    ['a mark', '// @generated\n', 1, 0, 'looks generated: it says so at its top'],
    ['too much', 'const a;\n'.repeat(5000), 5000, 0, 'longer than 30000 characters (exclude.maxFileSize)'],
    ['a key', `-----BEGIN PRIVATE KEY-----\n${'A1'.repeat(50)}\n`, 2, 0, 'holds a private key'],
  ])('ends when its cause does: %s', (_, text, lines, characters, reason) => {
    open('const one = 1;\n');
    put(text);
    expect(documents.excluded.get(uri)).toBe(reason);
    expect(documents.get(uri)).toBeUndefined();
    take(lines, characters);
    expect(documents.excluded.size).toBe(0);
    expect(documents.get(uri)?.getText()).toBe('const one = 1;\n');
    expect(events).toEqual(['opened 15', 'changed', 'forgotten', 'opened 15']);
  });

  it('comes as soon as a mark is typed to its end, and goes with it', () => {
    open('\ncode\n');
    for (const [i, unit] of [...'// @generated'].entries()) {
      expect(documents.excluded.size).toBe(0);
      change({ line: 0, character: i }, { line: 0, character: i }, unit);
      if (i === 12) expect(documents.excluded.size).toBe(1);
    }
    take(0, 13);
    expect(documents.get(uri)?.getText()).toBe('\ncode\n');
  });

  it('ends where a document was opened with it', () => {
    open('a\0b');
    expect(events).toEqual([]);
    change({ line: 0, character: 1 }, { line: 0, character: 2 }, '');
    expect(events).toEqual(['opened 2']);
  });

  it('ends with the setting that was its cause', () => {
    open('code\n');
    exclusion.update({ ...defaultSettings, 'exclude.files': ['*.ts'] });
    documents.reconsider();
    expect(documents.excluded.size).toBe(1);
    put('more ');
    exclusion.update(defaultSettings);
    documents.reconsider();
    expect(documents.get(uri)?.getText()).toBe('more code\n');
  });
});

it('says so where an exclusion lasts, for so long a text is not held', () => {
  open('x\n'.repeat(5_000_000));
  expect(documents.excluded.get(uri)).toBe(
    'longer than 30000 characters (exclude.maxFileSize); until it is opened again',
  );
  put('y');
  expect(documents.excluded.size).toBe(1);
  documents.close(uri);
  open('y');
  expect(documents.excluded.size).toBe(0);
});

it('an excluded document that gets out of step is said to last, without a warning', () => {
  open('a\0b');
  expect(documents.lose(uri, 'a range ends before it starts')).toBe(false);
  expect(documents.excluded.get(uri)).toBe('binary content; until it is opened again');
});

it('holds no text of a secret', () => {
  const secret = 'file:///work/.env';
  open('A=1\n', secret);
  let applied = false;
  documents.change(secret, () => {
    applied = true;
    return [];
  });
  expect(applied).toBe(false);
  exclusion.update({ ...defaultSettings, 'exclude.files': ['!.env'] });
  documents.reconsider();
  expect(documents.excluded.size).toBe(1);
});
