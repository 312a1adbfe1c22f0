import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NextEdit } from '../../shared/protocol.ts';
import { EditorDocument, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

let server: ServerProcess;
let document: EditorDocument;
let uri: string;
let tests = 0;

beforeAll(async () => {
  server = new ServerProcess();
  await server.initialize({ settings: eager });
});
beforeEach(() => {
  uri = `file:///work/${tests++}/users.ts`;
  document = new EditorDocument(server, uri, source);
});
// A document elsewhere that uses the name would be offered edits, too.
afterEach(() => {
  for (const opened of [uri, `${uri}.new.ts`])
    server.notify('textDocument/didClose', { textDocument: { uri: opened } });
});
afterAll(() => server.kill());

/** Accepts what is offered until there is no more. */
async function acceptAll(cursor = 0): Promise<void> {
  for (let next = await document.nextEdit(cursor); next; next = await document.nextEdit(cursor))
    await document.accept(next);
}

/** All that is offered, one hunk after the other, each rejected so that the next one is shown. */
async function offered(from = document): Promise<string[]> {
  const lines: string[] = [];
  for (let next = await from.nextEdit(0); next; next = await from.nextEdit(0)) {
    lines.push(from.text.split('\n')[next.range.start.line]?.trim() ?? '');
    const [argument] = next.command.arguments ?? [];
    await server.request('workspace/executeCommand', { command: 'cursorcore.reject', arguments: [argument] });
  }
  return lines.sort();
}

async function accepted(): Promise<NextEdit> {
  const next = await document.nextEdit(document.replace('loadUser', 'fetchUser'));
  if (!next) throw new Error('nothing is offered');
  await document.accept(next);
  return next;
}

describe('an accepted edit that is undone', () => {
  const others = ['const user = loadUser(3);', "return ['é😀', loadUser(5), loadUser(6)];"];

  it('by undo stays away, and the others are still offered', async () => {
    const { range } = await accepted();
    const line = range.start.line;
    expect(document.text.split('\n')[line]).toBe('  return fetchUser(1) + 2;');
    document.replace('return fetchUser', 'return loadUser');
    expect(await offered()).toEqual(others);
  });

  it('by hand stays away, and the others are still offered', async () => {
    await accepted();
    let at = document.text.indexOf('fetchUser(1)');
    for (let end = at + 'fetchUser'.length; end > at; end--)
      document.change({ start: document.position(end - 1), end: document.position(end) }, '');
    at = document.type(at, 'loadUser');
    expect(await offered()).toEqual(others);
  });

  /** Sends the whole text, as clients do that know nothing smaller. */
  function replaceAll(text: string): void {
    document.version++;
    document.text = text;
    server.notify('textDocument/didChange', { textDocument: document.identifier, contentChanges: [{ text }] });
  }

  it('by replacing the whole text stays away, and the others are still offered', async () => {
    await accepted();
    replaceAll(document.text.replace('return fetchUser', 'return loadUser'));
    expect(await offered()).toEqual(others);
  });

  it('together with all others stays away like those, also once another line has changed', async () => {
    const before = source.replace('loadUser', 'fetchUser');
    await acceptAll(document.replace('loadUser', 'fetchUser'));
    expect(document.text).not.toContain('loadUser');
    replaceAll(before);
    expect(await offered()).toEqual([]);
    document.replace('// 😀 emoji', '// 😀 emoji, and more');
    expect(await offered()).toEqual([]);
  });
});

it('typing elsewhere in the line of an offered edit moves it along', async () => {
  expect(await document.nextEdit(document.replace('loadUser', 'fetchUser'))).toMatchObject({
    range: { start: { line: 9 } },
  });
  const end = document.text.indexOf(' + 2;') + ' + 2'.length;
  document.type(end, '5 + 100');
  expect(await document.nextEdit(end)).toMatchObject({ range: { start: { line: 9 } } });
  await acceptAll(end);
  expect(document.text).toContain('return fetchUser(1) + 25 + 100;');
  expect(document.text).not.toContain('loadUser');
});

describe('a renamed file', () => {
  it('keeps its history, and what was refused in it', async () => {
    await accepted();
    document.replace('return fetchUser', 'return loadUser');
    server.notify('textDocument/didClose', { textDocument: { uri } });
    const renamed = new EditorDocument(server, `${uri}.new.ts`, document.text);
    // After an undo the engine waits for the next change.
    renamed.replace('// 😀 emoji', '// 😀 emoji, and more');
    expect(await offered(renamed)).toEqual(['const user = loadUser(3);', "return ['é😀', loadUser(5), loadUser(6)];"]);
  });

  it('is another file where its text is another, and a closed file has no history', async () => {
    document.replace('loadUser', 'fetchUser');
    server.notify('textDocument/didClose', { textDocument: { uri } });
    const other = new EditorDocument(server, `${uri}.new.ts`, `${document.text}\n`);
    expect(await offered(other)).toEqual([]);
    const again = new EditorDocument(server, uri, document.text);
    expect(await offered(again)).toEqual([]);
  });

  it('that gets the name of a secret is forgotten', async () => {
    document.replace('loadUser', 'fetchUser');
    server.notify('textDocument/didClose', { textDocument: { uri } });
    const secret = new EditorDocument(server, 'file:///work/.env', document.text);
    server.notify('textDocument/didClose', { textDocument: { uri: secret.uri } });
    const back = new EditorDocument(server, `${uri}.new.ts`, document.text);
    expect(await offered(back)).toEqual([]);
  });
});
