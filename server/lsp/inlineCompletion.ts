import { abortSignal } from './cancellation.ts';
import { acceptCommand } from './offers.ts';
import { offsetAt } from './textSync.ts';
import type { Workspace } from './workspace.ts';

/** Predictions at the cursor as ghost text (LSP 3.18, `textDocument/inlineCompletion`). */
export function registerInlineCompletion({ server, configuration, documents, predictions }: Workspace): void {
  server.capabilities.inlineCompletionProvider = {};
  server.connection.languages.inlineCompletion.on(async ({ textDocument: { uri }, position }, token) => {
    const document = documents.require(uri);
    const { settings } = configuration;
    if (!document || !settings.enable || !settings['inlineCompletion.enable']) return { items: [] };
    const cursor = offsetAt(document, position, server.client.encoding);
    const offer = await predictions.ghostText(uri, { cursor, signal: abortSignal(token) });
    if (!offer) return { items: [] };
    // Clients put the text into lines of their own and would keep a carriage return as a character.
    const insertText = offer.insert.replaceAll('\r\n', '\n');
    return { items: [{ insertText, range: { start: position, end: position }, command: acceptCommand(uri, offer) }] };
  });
}
