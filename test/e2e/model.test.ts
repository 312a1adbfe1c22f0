import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  ApplyWorkspaceEditParams,
  CodeAction,
  InlineCompletionList,
  TextDocumentEdit,
  TextEdit,
} from 'vscode-languageserver-protocol';
import type { InstructionResult, Status } from '../../shared/protocol.ts';
import { built } from '../built.ts';
import { type TinyCase, tinyCases, tinyCursorCore } from '../fixtures/tinyCursorCore.ts';
import { EditorDocument, fullCapabilities, ServerProcess } from './client.ts';
import { source } from './sample.ts';

/** The tiny CursorCore goes all the way: safetensors, import, ONNX Runtime, native template, parsed edit, editor. */
const cache = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-model-'));
const cases = tinyCases();
/** Cases that an editing session leads to: one earlier snapshot, and a cursor. */
const edits = cases.filter(
  ({ conversation: { history, target, instruction, current }, expected }) =>
    history.length === 1 && target && instruction === undefined && expected !== current,
);
/** What is predicted from the text alone. */
const begun = cases.filter(
  ({ conversation: { history, target, instruction, current }, expected }) =>
    history.length === 0 && target && instruction === undefined && expected !== current,
);
/** An editor always has a cursor, which the model is shown. */
const instructions = cases.filter(
  ({ conversation: { instruction, target } }) => instruction !== undefined && target !== undefined,
);

let server: ServerProcess;
let opened = 0;

beforeAll(() => {
  const args = [built('main.js'), 'model', 'import', tinyCursorCore, '--name', 'tiny', '--precision', 'fp32'];
  execFileSync(process.execPath, args, { env: { ...process.env, CURSORCORE_CACHE: cache }, stdio: 'pipe' });
});

afterAll(() => rmSync(cache, { recursive: true, force: true }));

/** One server for all tests of a group, since loading a model takes its time. */
function serve(engine: 'auto' | 'cursorcore', extensions: object = {}): void {
  beforeAll(async () => {
    server = new ServerProcess(['--stdio'], cache);
    const capabilities = { ...fullCapabilities, experimental: { cursorcore: extensions } };
    const model = { name: 'tiny', minConfidence: 0, debounceMs: 0, threads: 1 };
    await server.initialize({ settings: { engine, debounceMs: 0, model }, capabilities });
    server.notify('$/setTrace', { value: 'verbose' });
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });
}

/** Opens the document as it was, and edits it to what it is now. */
function open({ conversation: { path: name, languageId, history, current } }: TinyCase): EditorDocument {
  const document = new EditorDocument(
    server,
    `file:///work/${opened++}/${name}`,
    history[0] ?? current,
    'utf-16',
    languageId,
  );
  if (document.text !== current) {
    document.change({ start: document.position(0), end: document.position(document.text.length) }, current);
  }
  return document;
}

const cursorOf = ({ conversation: { target } }: TinyCase): number => (target?.kind === 'cursor' ? target.offset : 0);

function first<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error('the fixture has no such case');
  return one;
}

const status = () => server.request<Status>('workspace/executeCommand', { command: 'cursorcore.status' });

/** What the case inserts at the cursor, where it does nothing else. */
function insertionOf(one: TinyCase): string | undefined {
  const { current } = one.conversation;
  const cursor = cursorOf(one);
  const [before, after] = [current.slice(0, cursor), current.slice(cursor)];
  const inserts = one.expected.startsWith(before) && one.expected.endsWith(after);
  return inserts && one.expected.length > current.length
    ? one.expected.slice(cursor, one.expected.length - after.length)
    : undefined;
}

/** Applies what the server asks to be applied. */
function applying(document: EditorDocument): void {
  server.connection.onRequest('workspace/applyEdit', ({ edit }: ApplyWorkspaceEditParams) => {
    const [change] = edit.documentChanges as TextDocumentEdit[];
    document.apply(change?.textDocument.version ?? null, (change?.edits ?? []) as TextEdit[]);
    return { applied: true };
  });
}

describe('next edits of the model', () => {
  // Who shows the status itself is not told it in a message.
  serve('cursorcore', { chat: true });

  it.each(edits.map((one) => [one.name, one] as const))('lead where the model leads: %s', async (_, one) => {
    const document = open(one);
    const expected = one.expected;
    for (let taken = 0; taken < 10 && document.text !== expected; taken++) {
      const next = await document.nextEdit(cursorOf(one));
      if (!next) break;
      await document.accept(next);
    }
    expect(document.text).toBe(expected);
    expect(server.shown).toEqual([]);
    expect(await status()).toMatchObject({ engine: 'model', model: { name: 'tiny', device: 'cpu' } });
  });

  it('come as one code action for all of them, the rest being written only then', async () => {
    const one = first(edits);
    const document = open(one);
    const position = document.position(cursorOf(one));
    await document.nextEdit(cursorOf(one));
    const actions = await server.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: document.identifier,
      range: { start: position, end: position },
      context: { diagnostics: [], triggerKind: 2 },
    });
    const action = actions.at(-1);
    const resolved = await server.request<CodeAction>('codeAction/resolve', action);
    const [change] = (resolved.edit?.documentChanges ?? []) as TextDocumentEdit[];
    document.apply(change?.textDocument.version ?? null, (change?.edits ?? []) as TextEdit[]);
    expect(document.text).toBe(one.expected);
  });

  it('are ghost text where they go on from the cursor', async () => {
    const one = first(edits.filter((one) => insertionOf(one) !== undefined));
    const document = open(one);
    const list = await server.request<InlineCompletionList>('textDocument/inlineCompletion', {
      textDocument: document.identifier,
      position: document.position(cursorOf(one)),
      context: { triggerKind: 1 },
    });
    const [item] = list.items;
    expect(insertionOf(one)?.startsWith(`${item?.insertText}`)).toBe(true);
  });
});

describe('auto', () => {
  serve('auto');

  it('has the embedded engine go first', async () => {
    const document = new EditorDocument(server, 'file:///work/users.ts', source);
    expect(await document.nextEdit(document.replace('loadUser', 'fetchUser'))).toBeDefined();
    expect(server.logged.map(({ message }) => message).filter((message) => message.includes('predicted by'))).toEqual([
      expect.stringContaining('predicted by pattern'),
    ]);
    expect(await status()).toMatchObject({ engine: 'pattern, model', model: { name: 'tiny' } });
  });

  it('asks the model where that is silent, as without any history', async () => {
    const one = first(begun);
    const document = open(one);
    for (let taken = 0; taken < 10 && document.text !== one.expected; taken++) {
      const next = await document.nextEdit(cursorOf(one));
      if (!next) break;
      await document.accept(next);
    }
    expect(document.text).toBe(one.expected);
  });

  it('has the model mend what a diagnostic says, and shows its reply', async () => {
    const one = first(instructions.filter(({ chat }) => chat !== null));
    const document = open(one);
    applying(document);
    const at = document.position(cursorOf(one));
    const range = { start: at, end: at };
    const [fix] = await server.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: document.identifier,
      range,
      context: { diagnostics: [{ range, message: one.conversation.instruction ?? '' }], triggerKind: 2 },
    });
    expect(fix).toMatchObject({ title: expect.stringMatching(/^Fix: /), kind: 'quickfix' });
    await server.request('workspace/executeCommand', fix?.command);
    expect(document.text).toBe(one.expected);
    expect(server.shown.at(-1)?.message).toBe(one.chat);
  });
});

describe('instructions', () => {
  serve('auto', { chat: true });

  it.each(instructions.map((one) => [one.name, one] as const))('are carried out: %s', async (_, one) => {
    const document = open(one);
    applying(document);
    const at = document.position(cursorOf(one));
    const { instruction } = one.conversation;
    const argument = { textDocument: { uri: document.uri }, range: { start: at, end: at }, instruction };
    const result = await server.request<InstructionResult>('workspace/executeCommand', {
      command: 'cursorcore.instruct',
      arguments: [argument],
    });
    expect(document.text).toBe(one.expected);
    expect(result).toEqual({ applied: true, ...(one.chat === null ? {} : { chat: one.chat }) });
  });
});
