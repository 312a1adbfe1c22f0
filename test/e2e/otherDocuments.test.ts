import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CodeAction, TextDocumentEdit } from 'vscode-languageserver-protocol';
import type { NextEdit } from '../../shared/protocol.ts';
import { EditorDocument, fullCapabilities, ServerProcess } from './client.ts';

const api = `export async function fetchUser(id: string): Promise<User> {
  const res = await fetch('/users/' + id);
  return res.json();
}

export const me = () => fetchUser('me');

export async function names(ids: string[]) {
  return Promise.all(ids.map(async (id) => (await fetchUser(id)).name));
}
`;
const page = `import { fetchUser } from './api';

export async function show(id: string) {
  const user = await fetchUser(id);
  console.log(user.email);
}

export const reload = () => fetchUser('me');
`;
const unrelated = 'export const answer = 42;\n';
const renamed = (text: string) => text.replaceAll('fetchUser', 'loadUser');

let server: ServerProcess;
beforeEach(() => {
  server = new ServerProcess();
});
afterEach(() => server.kill());

const settings = { engine: 'pattern', debounceMs: 0 };

/** Asks as sidekick.nvim does, which says why it asks. */
async function nextEdit(document: EditorDocument, cursor: number, context: object | undefined = { triggerKind: 2 }) {
  const { edits } = await server.request<{ edits: NextEdit[] }>('textDocument/copilotInlineEdit', {
    textDocument: document.identifier,
    position: document.position(cursor),
    ...(context ? { context } : {}),
  });
  return edits[0];
}

function codeActions(document: EditorDocument, cursor: number): Promise<CodeAction[]> {
  const range = { start: document.position(cursor), end: document.position(cursor) };
  const context = { diagnostics: [], triggerKind: 1 };
  return server.request('textDocument/codeAction', { textDocument: { uri: document.uri }, range, context });
}

/** Opens both documents, renames the function in its own and accepts what is offered there. */
async function renamedHere(other = page, otherUri = 'file:///work/page.ts') {
  const there = new EditorDocument(server, otherUri, other);
  const here = new EditorDocument(server, 'file:///work/api.ts', api);
  let cursor = here.replace('fetchUser', 'loadUser');
  for (let edit = await nextEdit(here, cursor); edit?.textDocument.uri === here.uri; ) {
    await here.accept(edit);
    cursor = here.text.lastIndexOf('loadUser');
    edit = await nextEdit(here, cursor);
  }
  expect(here.text).toBe(renamed(api));
  return { here, there, cursor };
}

describe('uses in other open documents', () => {
  it('are next edits once nothing is left in this one, and carry their own document', async () => {
    await server.initialize({ settings });
    const { here, there, cursor } = await renamedHere();
    for (let edit = await nextEdit(here, cursor); edit; edit = await nextEdit(here, cursor)) {
      expect(edit.textDocument).toEqual(there.identifier);
      await there.accept(edit);
    }
    expect(there.text).toBe(renamed(page));
    const status = await server.request<{ accepted: number }>('workspace/executeCommand', {
      command: 'cursorcore.status',
      arguments: [],
    });
    expect(status.accepted).toBe(5);
  });

  it('are offered in their own document where the user goes on there', async () => {
    await server.initialize({ settings });
    const { here, there, cursor } = await renamedHere();
    const first = await nextEdit(here, cursor);
    expect(first?.textDocument).toEqual(there.identifier);
    expect(await nextEdit(there, 0)).toEqual(first);
  });

  it('are code actions with a versioned edit', async () => {
    await server.initialize({ settings });
    const { here, there, cursor } = await renamedHere();
    const [action, ...more] = await codeActions(here, cursor);
    expect(more).toEqual([]);
    expect(action?.title).toBe('Apply predicted edit in page.ts: rename `fetchUser` to `loadUser` (line 1)');
    const resolved = await server.request<CodeAction>('codeAction/resolve', action);
    const change = resolved.edit?.documentChanges?.[0] as TextDocumentEdit;
    expect(change.textDocument).toEqual(there.identifier);
    there.apply(change.textDocument.version, change.edits as { range: never; newText: string }[]);
    expect(there.text).toBe(page.replace('fetchUser', 'loadUser'));
    expect(resolved.command?.command).toBe('cursorcore.accept');
  });

  it('are not next edits for a client that would take them for the current document', async () => {
    await server.initialize({ settings });
    const { here, cursor } = await renamedHere();
    expect(await here.nextEdit(cursor)).toBeUndefined();
    expect(await nextEdit(here, cursor)).toBeDefined();
  });

  it.each([
    [true, undefined, 1],
    [false, { triggerKind: 2 }, 0],
  ])('are next edits where the client says so: %s', async (otherDocuments, context, count) => {
    const capabilities = { ...fullCapabilities, experimental: { cursorcore: { otherDocuments } } };
    await server.initialize({ settings, capabilities });
    const { here, cursor } = await renamedHere();
    expect([await nextEdit(here, cursor, context)].filter((edit) => edit)).toHaveLength(count);
  });

  it('are turned down for good', async () => {
    await server.initialize({ settings });
    const { here, there, cursor } = await renamedHere();
    const seen: string[] = [];
    for (let edit = await nextEdit(here, cursor); edit; edit = await nextEdit(here, cursor)) {
      seen.push(JSON.stringify(edit.range));
      await server.request('workspace/executeCommand', {
        command: 'cursorcore.reject',
        arguments: edit.command.arguments,
      });
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(0);
    expect(there.text).toBe(page);
  });

  it('are no more once the change is taken back', async () => {
    await server.initialize({ settings });
    const { here, there, cursor } = await renamedHere();
    expect(await nextEdit(here, cursor)).toBeDefined();
    here.replace(here.text, api);
    expect(await nextEdit(here, 0)).toBeUndefined();
    expect(await nextEdit(there, 0)).toBeUndefined();
  });

  it.each([
    ['does not have the name', unrelated, 'file:///work/page.ts'],
    [
      'declares the name itself',
      page.replace(/^import.*/, 'const fetchUser = (id: string) => id;'),
      'file:///work/page.ts',
    ],
    ['is kept out', page, 'file:///work/.env'],
  ])('are not looked for in a document that %s', async (_, other, uri) => {
    await server.initialize({ settings });
    const { here, there, cursor } = await renamedHere(other, uri);
    expect(await nextEdit(here, cursor)).toBeUndefined();
    expect(await codeActions(here, cursor)).toEqual([]);
    expect(there.text).toBe(other);
  });

  it('are not looked for while this document has the name: then it is another one elsewhere, too', async () => {
    await server.initialize({ settings });
    const there = new EditorDocument(server, 'file:///work/page.ts', page);
    const here = new EditorDocument(
      server,
      'file:///work/api.ts',
      `${api}\n// fetchUser is what it was called before.\n`,
    );
    const cursor = here.replace('fetchUser', 'loadUser');
    for (let edit = await nextEdit(here, cursor); edit; edit = await nextEdit(here, cursor)) {
      expect(edit.textDocument.uri).toBe(here.uri);
      await server.request('workspace/executeCommand', {
        command: 'cursorcore.reject',
        arguments: edit.command.arguments,
      });
    }
    expect(there.text).toBe(page);
  });
});
