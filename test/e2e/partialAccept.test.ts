import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InlineCompletionList } from 'vscode-languageserver-protocol';
import { block } from '../../server/commands/demo/sessions/block.ts';
import { EditorDocument, ServerProcess } from './client.ts';

const locked = '\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()';

let server: ServerProcess;
beforeEach(() => {
  server = new ServerProcess();
});
afterEach(() => server.kill());

async function inlineCompletion(document: EditorDocument, cursor: number) {
  const { items } = await server.request<InlineCompletionList>('textDocument/inlineCompletion', {
    textDocument: { uri: document.uri },
    position: document.position(cursor),
    context: { triggerKind: 2 },
  });
  return items[0];
}

/** How often an engine was asked. */
async function asked(): Promise<number> {
  // Whatever was logged before the answer has arrived with it.
  await server.request('workspace/executeCommand', { command: 'cursorcore.status', arguments: [] });
  return server.logged.filter(({ message }) => message.includes('predicted by pattern')).length;
}

/** Two methods have got the lines; the cursor is on a line that was opened for them in a third one. */
async function atTheThird(eol: string) {
  await server.initialize({ settings: { engine: 'pattern', debounceMs: 0 } });
  server.notify('$/setTrace', { value: 'verbose' });
  const text = block.text.replaceAll('\n', eol);
  const document = new EditorDocument(server, 'file:///work/store.go', text, 'utf-16', 'go');
  for (const head of ['Add(name string, n int) {', 'Get(name string) int {']) {
    document.replace(head, head + locked.replaceAll('\n', eol));
  }
  const head = document.text.indexOf('Reset(name string) {') + 'Reset(name string) {'.length;
  return { document, cursor: document.type(head, eol) };
}

describe('a client that takes ghost text piece by piece', () => {
  it.each([
    ['word by word', ['\ts.', 'mu.', 'Lock()', '\n\tdefer', ' s.mu', '.Unlock()'], '\n'],
    ['line by line', ['\ts.mu.Lock()', '\n\tdefer s.mu.Unlock()'], '\n'],
    ['line by line, each with its end', ['\ts.mu.Lock()\n', '\tdefer s.mu.Unlock()'], '\n'],
    ['line by line, in a file of \\r\\n', ['\ts.mu.Lock()\r\n', '\tdefer s.mu.Unlock()'], '\r\n'],
  ])('is shown the rest under the same id, without a question to the engine: %s', async (_, pieces, eol) => {
    const { document, cursor } = await atTheThird(eol);
    const first = await inlineCompletion(document, cursor);
    let left = locked.slice(1);
    expect(first?.insertText).toBe(left);
    const calls = await asked();
    expect(calls).toBeGreaterThan(0);
    let at = cursor;
    for (const piece of pieces.slice(0, -1)) {
      document.change({ start: document.position(at), end: document.position(at) }, piece);
      at += piece.length;
      left = left.slice(piece.replaceAll('\r', '').length);
      const rest = await inlineCompletion(document, at);
      expect(rest).toEqual({
        insertText: left,
        range: { start: document.position(at), end: document.position(at) },
        command: first?.command,
      });
    }
    expect(await asked()).toBe(calls);
    document.change({ start: document.position(at), end: document.position(at) }, pieces.at(-1) ?? '');
    const line = block.text.indexOf('Reset(name string) {');
    expect(document.text.replaceAll('\r', '')).toContain(
      `${block.text.slice(line, block.text.indexOf('\n', line))}${locked}`,
    );
  });
});
