import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CodeAction, InlineCompletionList, TextDocumentEdit } from 'vscode-languageserver-protocol';
import type { PositionEncoding } from '../../shared/positions/encoding.ts';
import type { Status } from '../../shared/protocol.ts';
import { EditorDocument, fullCapabilities, ServerProcess } from './client.ts';
import { eager, renamed, source } from './sample.ts';

const uri = 'file:///work/users.ts';

let server: ServerProcess;

beforeEach(() => {
  server = new ServerProcess();
});

afterEach(async () => {
  expect(await server.stop()).toBe(0);
});

const encodings: readonly PositionEncoding[] = ['utf-16', 'utf-8'];
const eols = ['\n', '\r\n'];

describe.each(encodings)('in %s', (encoding) => {
  async function open(text: string, capabilities = fullCapabilities): Promise<EditorDocument> {
    const { capabilities: able } = await server.initialize({ encodings: [encoding], settings: eager, capabilities });
    expect(able.positionEncoding).toBe(encoding);
    return new EditorDocument(server, uri, text, encoding);
  }

  it.each(eols)('offers the uses of a renamed function as next edits, one after the other (%j)', async (eol) => {
    const document = await open(source.replaceAll('\n', eol));
    const cursor = document.replace('loadUser', 'fetchUser');
    let taken = 0;
    for (let next = await document.nextEdit(cursor); next; next = await document.nextEdit(cursor)) {
      server.notify('textDocument/didShowInlineEdit', { item: { command: next.command } });
      await document.accept(next);
      taken++;
      if (taken > 10) break;
    }
    expect(document.text).toBe(renamed.replaceAll('\n', eol));
    expect(taken).toBe(3);
    expect(await status()).toMatchObject({ accepted: 3, rejected: 0, openDocuments: 1, engine: 'pattern' });
  });

  it.each(eols)('inserts at the cursor what an inline completion shows (%j)', async (eol) => {
    const document = await open(source.replaceAll('\n', eol));
    await document.nextEdit(document.replace('loadUser', 'fetchUser'));
    // The user goes to the next use and begins to rename it by hand.
    const at = document.replace('loadUser', 'f');
    const item = await inlineCompletion(document, at);
    expect(item).toMatchObject({
      insertText: 'etchUser',
      range: { start: document.position(at), end: document.position(at) },
    });
    const end = document.type(at, 'et');
    expect((await inlineCompletion(document, end))?.insertText).toBe('chUser');
  });

  it('applies all predicted edits as one code action', async () => {
    const document = await open(source);
    const cursor = document.replace('loadUser', 'fetchUser');
    const [next, all] = await codeActions(document, cursor);
    expect(next).toMatchObject({
      kind: 'quickfix',
      title: expect.stringMatching(/^Apply predicted edit: .+ \(line \d+\)$/),
    });
    expect(all).toMatchObject({ kind: 'refactor.rewrite', title: 'Apply all 3 predicted edits in this file' });
    expect(all?.edit).toBeUndefined();
    const resolved = await server.request<CodeAction>('codeAction/resolve', all);
    const change = resolved.edit?.documentChanges?.[0] as TextDocumentEdit;
    document.apply(change.textDocument.version, change.edits as { range: never; newText: string }[]);
    await server.request('workspace/executeCommand', resolved.command);
    expect(document.text).toBe(renamed);
    expect((await status()).accepted).toBe(1);
  });
});

describe('positions', () => {
  it.each([
    [['utf-8', 'utf-16'], 'utf-8'],
    [['utf-32', 'utf-16', 'utf-8'], 'utf-16'],
    [['utf-32'], 'utf-16'],
    [undefined, 'utf-16'],
  ])('of a client that offers %j are in %s', async (offered, expected) => {
    const { capabilities } = await server.initialize(offered ? { encodings: offered } : {});
    expect(capabilities.positionEncoding).toBe(expected);
  });
});

describe('next edit', () => {
  it('has nothing to say about a version that is not the current one', async () => {
    const document = await openRenamed();
    const answer = await server.request('textDocument/copilotInlineEdit', {
      textDocument: { uri, version: document.version - 1 },
      position: { line: 2, character: 16 },
    });
    expect(answer).toEqual({ edits: [] });
    expect(await document.nextEdit(0)).toBeDefined();
  });

  it('answers a client that sends no version', async () => {
    await openRenamed();
    const params = { textDocument: { uri }, position: { line: 2, character: 16 } };
    expect(await server.request('textDocument/copilotInlineEdit', params)).toMatchObject({
      edits: [{ textDocument: { version: 2 } }],
    });
  });

  it('does not offer a rejected edit again', async () => {
    const document = await openRenamed();
    const seen = new Set<number>();
    for (let next = await document.nextEdit(0); next; next = await document.nextEdit(0)) {
      expect(seen.has(next.range.start.line)).toBe(false);
      seen.add(next.range.start.line);
      const [accept] = next.command.arguments ?? [];
      await server.request('workspace/executeCommand', { command: 'cursorcore.reject', arguments: [accept] });
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([9, 13, 18]);
    expect(await status()).toMatchObject({ rejected: 3, accepted: 0 });
  });
});

describe('code actions', () => {
  it('carry their edit from the start where the client cannot resolve, without versions where it has none', async () => {
    const document = await openRenamed({});
    const [next] = await codeActions(document, 0);
    expect(next).toMatchObject({
      edit: { changes: { [uri]: [{ newText: expect.any(String) }] } },
      command: { command: 'cursorcore.accept' },
    });
  });

  it.each([
    [['source.organizeImports'], []],
    [['quickfix'], ['quickfix']],
    [['refactor'], ['refactor.rewrite']],
    [[''], ['quickfix', 'refactor.rewrite']],
  ])('are offered only where %j allows', async (only, kinds) => {
    const document = await openRenamed();
    const actions = await codeActions(document, 0, { only });
    expect(actions.map(({ kind }) => kind)).toEqual(kinds);
  });

  it('start nothing when the editor asks by itself', async () => {
    const document = await openRenamed();
    expect(await codeActions(document, 0, { triggerKind: 2 })).toEqual([]);
    await document.nextEdit(0);
    expect(await codeActions(document, 0, { triggerKind: 2 })).toHaveLength(2);
  });

  it('are refused once the text has changed', async () => {
    const document = await openRenamed();
    const [next] = await codeActions(document, 0);
    document.type(0, '/');
    await expect(server.request('codeAction/resolve', next)).rejects.toMatchObject({ code: -32801 });
  });
});

describe('commands', () => {
  it('say that the pattern engine takes no instructions', async () => {
    const document = await openRenamed();
    const range = { start: document.position(0), end: document.position(10) };
    const args = { textDocument: { uri }, range, instruction: 'make it async' };
    const answer = await server.request('workspace/executeCommand', {
      command: 'cursorcore.instruct',
      arguments: [args],
    });
    expect(answer).toMatchObject({
      applied: false,
      message: expect.stringContaining('`cursorcore-lsp model pull` lists some'),
    });
    expect(server.shown.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('Instructions want a model'),
    );
  });

  it('say why a document is kept out', async () => {
    await server.initialize({ settings: eager });
    const secret = new EditorDocument(server, 'file:///work/.env', 'TOKEN=abc\nTOKEN_2=abc\n');
    const cursor = secret.replace('abc', 'def');
    expect(await secret.nextEdit(cursor)).toBeUndefined();
    expect(await status()).toMatchObject({
      openDocuments: 1,
      excluded: [{ uri: secret.uri, reason: expect.stringContaining('secret') }],
    });
  });
});

async function openRenamed(capabilities = fullCapabilities): Promise<EditorDocument> {
  await server.initialize({ settings: eager, capabilities });
  const document = new EditorDocument(server, uri, source);
  document.replace('loadUser', 'fetchUser');
  return document;
}

async function inlineCompletion(document: EditorDocument, cursor: number) {
  const { items } = await server.request<InlineCompletionList>('textDocument/inlineCompletion', {
    textDocument: { uri },
    position: document.position(cursor),
    context: { triggerKind: 2 },
  });
  return items[0];
}

/** The list once it has the prediction: on a busy machine it is given without waiting any longer, and the prediction made meanwhile. */
async function codeActions(document: EditorDocument, cursor: number, context: object = {}): Promise<CodeAction[]> {
  const range = { start: document.position(cursor), end: document.position(cursor) };
  for (;;) {
    const actions = await server.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range,
      context: { diagnostics: [], ...context },
    });
    if (actions[0]?.title !== 'Predict the next edit and apply it') return actions;
  }
}

function status(): Promise<Status> {
  return server.request('workspace/executeCommand', { command: 'cursorcore.status' });
}
