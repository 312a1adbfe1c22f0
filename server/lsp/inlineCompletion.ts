import type { InlineCompletionList } from 'vscode-languageserver-protocol';
import { acceptCommand } from './offers.ts';
import { positionParams } from './schemas.ts';
import { offsetAt } from './textSync.ts';
import type { Workspace } from './workspace.ts';

/** Predictions at the cursor as ghost text (LSP 3.18, `textDocument/inlineCompletion`). */
export function registerInlineCompletion({ server, configuration, documents, predictions }: Workspace): void {
  server.onInitialize((_, { capabilities }) => {
    capabilities.inlineCompletionProvider = {};
  });
  server.onRequest(
    'textDocument/inlineCompletion',
    positionParams,
    async ({ textDocument: { uri }, position }, signal): Promise<InlineCompletionList> => {
      const document = documents.require(uri);
      const { settings } = configuration;
      if (!document || !settings.enable || !settings['inlineCompletion.enable']) return { items: [] };
      const cursor = offsetAt(document, position, server.client.encoding);
      const offer = await predictions.ghostText(uri, { cursor, signal });
      if (!offer) return { items: [] };
      // Clients put the text into lines of their own and would keep a carriage return as a character.
      const insertText = offer.insert.replaceAll('\r\n', '\n');
      return { items: [{ insertText, range: { start: position, end: position }, command: acceptCommand(uri, offer) }] };
    },
  );
}
