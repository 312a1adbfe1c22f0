import { afterEach, describe, expect, it } from 'vitest';
import type { ClientCapabilities, CodeAction } from 'vscode-languageserver-protocol';
import { EditorDocument, ServerProcess } from './client.ts';
import { eager, renamed, source } from './sample.ts';

/** What Zed 1.9 says of itself, as far as the server looks at it. */
const capabilities: ClientCapabilities = {
  general: { positionEncodings: ['utf-16'] },
  workspace: {
    applyEdit: true,
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: true },
    diagnostics: { refreshSupport: true },
    workspaceEdit: {
      documentChanges: true,
      resourceOperations: ['create', 'rename', 'delete'],
      snippetEditSupport: true,
    },
    workspaceFolders: true,
  },
  textDocument: {
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: ['refactor', 'quickfix', 'source'] } },
      dataSupport: true,
      resolveSupport: { properties: ['kind', 'diagnostics', 'isPreferred', 'disabled', 'edit', 'command'] },
    },
    diagnostic: { dynamicRegistration: true, relatedDocumentSupport: true },
  },
  window: { workDoneProgress: true },
  experimental: { serverStatusNotification: true, localDocs: true },
};
/** The kinds that Zed asks an extension's server for. */
const only = ['', 'quickfix', 'refactor', 'refactor.extract', 'source'];
let server: ServerProcess;
afterEach(async () => {
  expect(await server.stop()).toBe(0);
});

/** A server that was started as the extension does, with `settings` below `lsp.cursorcore-lsp` in Zed. */
async function started(settings: object): Promise<EditorDocument> {
  server = new ServerProcess();
  server.connection.onRequest('client/registerCapability', () => null);
  // Zed looks each section up in what the extension gives it.
  const given: Record<string, unknown> = { cursorcore: settings };
  server.connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) => given[section] ?? null),
  );
  await server.initialize({ capabilities, settings });
  server.notify('workspace/didChangeConfiguration', { settings: given });
  return new EditorDocument(server, 'file:///work/src/zed.ts', source);
}

const actions = (document: EditorDocument, at: number) => {
  const position = document.position(at);
  return server.request<CodeAction[]>('textDocument/codeAction', {
    textDocument: document.identifier,
    range: { start: position, end: position },
    context: { diagnostics: [], only },
  });
};

describe('a client as Zed is', () => {
  it('lists the next edit and all edits as code actions, and gets each when it resolves it', async () => {
    const document = await started(eager);
    const [next, all] = await actions(document, document.replace('loadUser', 'fetchUser'));
    expect(next?.title).toMatch(/^Apply predicted edit: rename `loadUser` to `fetchUser`/);
    expect(next).not.toHaveProperty('edit');
    if (!all) throw new Error('no action for all');
    const resolved = await server.request<CodeAction>('codeAction/resolve', all);
    const [change] = resolved.edit?.documentChanges ?? [];
    if (!change || !('edits' in change)) throw new Error('no edits of a document');
    document.apply(
      change.textDocument.version,
      change.edits.filter((edit) => 'newText' in edit),
    );
    expect(document.text).toBe(renamed);
  });

  it('has its settings read wherever it sends them', async () => {
    const document = await started({ codeAction: { enable: false } });
    expect(await actions(document, document.replace('loadUser', 'fetchUser'))).toEqual([]);
    expect(server.shown).toEqual([]);
  });

  it('pulls the next edit as a hint where the settings want it', async () => {
    const document = await started({ ...eager, hintDiagnostics: { enable: true } });
    document.replace('loadUser', 'fetchUser');
    const report = await server.request('textDocument/diagnostic', {
      textDocument: { uri: document.uri },
      identifier: 'cursorcore',
    });
    expect(report).toMatchObject({
      kind: 'full',
      items: [{ severity: 4, message: expect.stringContaining('fetchUser(1)') }],
    });
  });
});
