import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  ApplyWorkspaceEditParams,
  ClientCapabilities,
  DocumentDiagnosticReport,
  ShowDocumentParams,
  TextDocumentEdit,
  TextEdit,
} from 'vscode-languageserver-protocol';
import type { InstructionResult } from '../../shared/protocol.ts';
import { EditorDocument, fullCapabilities, ServerProcess } from './client.ts';
import { eager, renamed, source } from './sample.ts';

const uri = 'file:///work/users.ts';
/** What Helix can do, as far as it matters here. */
const capabilities: ClientCapabilities = {
  ...fullCapabilities,
  window: { showDocument: { support: true } },
  experimental: undefined,
};

let server: ServerProcess;
let shownDocuments: ShowDocumentParams[];

beforeEach(() => {
  server = new ServerProcess();
  shownDocuments = [];
  server.connection.onRequest('window/showDocument', (params: ShowDocumentParams) => {
    shownDocuments.push(params);
    return { success: true };
  });
});

afterEach(async () => {
  expect(await server.stop()).toBe(0);
});

/** A command as Helix sends it, which has nothing to name a document with. */
const run = (command: string, ...args: unknown[]): Promise<InstructionResult> =>
  server.request('workspace/executeCommand', args.length > 0 ? { command, arguments: args } : { command });
const said = () => server.shown.at(-1)?.message;

async function openRenamed(settings: object = eager, able = capabilities): Promise<EditorDocument> {
  await server.initialize({ settings, capabilities: able });
  const document = new EditorDocument(server, uri, source);
  server.connection.onRequest('workspace/applyEdit', ({ edit }: ApplyWorkspaceEditParams) => {
    const [change] = edit.documentChanges as TextDocumentEdit[];
    if (change?.textDocument.uri !== uri) return { applied: false };
    document.apply(change.textDocument.version, change.edits as TextEdit[]);
    return { applied: true };
  });
  document.replace('loadUser', 'fetchUser');
  return document;
}

describe('commands without arguments', () => {
  it('apply one edit after another in the document edited last, say which, and go there', async () => {
    const document = await openRenamed();
    const other = new EditorDocument(server, 'file:///work/looked-at.ts', 'const x = 1;\n');
    const messages: (string | undefined)[] = [];
    for (let applied = true; applied; ) {
      ({ applied } = await run('cursorcore.applyNext'));
      messages.push(said());
    }
    expect(document.text).toBe(renamed);
    expect(other.text).toBe('const x = 1;\n');
    expect(messages).toEqual([
      'Applied: rename `loadUser` to `fetchUser` (users.ts, line 10); 2 more',
      'Applied: rename `loadUser` to `fetchUser` (users.ts, line 14); 1 more',
      'Applied: rename `loadUser` to `fetchUser` (users.ts, line 19)',
      'No edit is predicted here.',
    ]);
    expect(shownDocuments.map(({ uri: shown, selection }) => [shown, selection?.start.line])).toEqual([
      [uri, 9],
      [uri, 13],
      [uri, 18],
    ]);
    expect(await run('cursorcore.status')).toMatchObject({ accepted: 3 });
  });

  it('apply all of them', async () => {
    const document = await openRenamed();
    expect(await run('cursorcore.applyAll')).toEqual({ applied: true });
    expect(document.text).toBe(renamed);
    expect(said()).toBe('Applied 3 predicted edits in users.ts');
  });

  it('show the next edit without applying it', async () => {
    const document = await openRenamed();
    const before = document.text;
    await run('cursorcore.showNext');
    expect(said()).toBe('Predicted: rename `loadUser` to `fetchUser` (users.ts, line 10)');
    expect(shownDocuments).toMatchObject([{ uri, selection: { start: { line: 9, character: 9 } } }]);
    expect(document.text).toBe(before);
  });

  it('only say it where the client cannot show a document', async () => {
    await openRenamed(eager, fullCapabilities);
    expect(await run('cursorcore.applyNext')).toEqual({ applied: true });
    expect(said()).toContain('line 10');
    expect(shownDocuments).toEqual([]);
  });

  it('reject what is offered', async () => {
    await openRenamed();
    for (const line of [10, 14, 19]) {
      await run('cursorcore.reject');
      expect(said()).toContain(`Not offered again: rename \`loadUser\` to \`fetchUser\` (users.ts, line ${line})`);
    }
    expect(await run('cursorcore.reject')).toEqual({ applied: false, message: 'No edit is predicted here.' });
  });

  it('say in one line what the server does, except to clients that show it themselves', async () => {
    await openRenamed();
    await run('cursorcore.applyNext');
    await run('cursorcore.status');
    expect(said()).toMatch(
      /^cursorcore-lsp [\d.]+: engine pattern; 1 document open; \d offered, 1 accepted, 0 rejected$/,
    );
  });

  it('leave the status to clients that show it themselves', async () => {
    await openRenamed(eager, { ...capabilities, experimental: { cursorcore: { chat: true } } });
    expect(await run('cursorcore.status')).toMatchObject({ engine: 'pattern' });
    expect(server.shown).toEqual([]);
  });

  it.each([
    ['cursorcore.applyNext', 'No document is open'],
    ['cursorcore.applyAll', 'No document is open'],
    ['cursorcore.showNext', 'No document is open'],
    ['cursorcore.reject', 'No document is open'],
    ['cursorcore.instruct', 'in double quotes'],
  ])('say what is missing: %s', async (command, expected) => {
    await server.initialize({ settings: eager, capabilities });
    expect(await run(command)).toMatchObject({ applied: false, message: expect.stringContaining(expected) });
    expect(said()).toContain(expected);
  });

  it.each([
    [['make it async'], 'Instructions want a model'],
    [['make it async', 3], 'Instructions want a model'],
    [['make it async', 5, 3], 'Instructions want a model'],
    [['make it async', 3, 500], 'users.ts has no such line'],
    [['make it async', 0], 'in double quotes'],
    [['make it async', 'here'], 'in double quotes'],
    [[' '], 'in double quotes'],
  ])('take an instruction and lines: %j', async (args, expected) => {
    await openRenamed();
    expect(await run('cursorcore.instruct', ...args)).toMatchObject({
      applied: false,
      message: expect.stringContaining(expected),
    });
  });

  it('say that accepting is not for users', async () => {
    await server.initialize({ settings: eager, capabilities });
    await expect(run('cursorcore.accept')).rejects.toMatchObject({ code: -32602 });
    expect(said()).toContain('cursorcore.applyNext applies');
  });

  it('say that predictions are switched off', async () => {
    await openRenamed({ ...eager, enable: false });
    expect(await run('cursorcore.applyNext')).toMatchObject({ message: expect.stringContaining('switched off') });
  });
});

describe('hint diagnostics', () => {
  const pull = () =>
    server.request<DocumentDiagnosticReport>('textDocument/diagnostic', {
      textDocument: { uri },
      identifier: 'cursorcore',
    });
  const hints = { ...eager, hintDiagnostics: { enable: true } };

  it('show the next edit where it would go', async () => {
    const document = await openRenamed(hints);
    expect(await pull()).toEqual({
      kind: 'full',
      items: [
        {
          range: { start: { line: 9, character: 9 }, end: { line: 9, character: 13 } },
          severity: 4,
          source: 'cursorcore',
          message: 'predicted: return fetchUser(1) + 2;',
        },
      ],
    });
    await run('cursorcore.applyAll');
    expect(document.text).toBe(renamed);
    expect(await pull()).toEqual({ kind: 'full', items: [] });
  });

  it('go when what they show is rejected', async () => {
    let refreshed = 0;
    server.connection.onRequest('workspace/diagnostic/refresh', () => {
      refreshed++;
      return null;
    });
    await openRenamed(hints, {
      ...capabilities,
      workspace: { ...capabilities.workspace, diagnostics: { refreshSupport: true } },
    });
    await pull();
    await run('cursorcore.reject');
    expect(await pull()).toMatchObject({ items: [{ range: { start: { line: 13 } } }] });
    expect(refreshed).toBe(1);
  });

  it.each([
    [eager, undefined],
    [hints, { identifier: 'cursorcore', interFileDependencies: false, workspaceDiagnostics: false }],
  ])('are announced only where they are wanted', async (settings, provider) => {
    const { capabilities: able } = await server.initialize({ settings, capabilities });
    expect(able.diagnosticProvider).toEqual(provider);
  });
});
