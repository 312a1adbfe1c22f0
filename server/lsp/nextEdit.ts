import { type NextEdit, NextEditMethod, type NextEditResult } from '../../shared/protocol.ts';
import type { Offer } from '../prediction/offers.ts';
import { acceptCommand, asTextEdit } from './offers.ts';
import { documentParams, nextEditParams, shownEditParams } from './schemas.ts';
import { offsetAt } from './textSync.ts';
import type { Workspace } from './workspace.ts';

/**
 * Predictions anywhere in the file, in the protocol of existing next-edit clients: a request for the next edit, and
 * notifications that it was shown and that a document got the focus.
 */
export function registerNextEdit({ server, configuration, documents, predictions }: Workspace): void {
  const toNextEdit = (uri: string, offer: Offer): NextEdit => {
    const { range, newText } = asTextEdit(offer, server.client);
    return { textDocument: { uri, version: offer.version }, range, text: newText, command: acceptCommand(uri, offer) };
  };

  server.onRequest(
    NextEditMethod.request,
    nextEditParams,
    async ({ textDocument: { uri, version }, position }, signal): Promise<NextEditResult> => {
      const document = documents.require(uri);
      const { settings } = configuration;
      if (!document || !settings.enable || !settings['nextEdit.enable']) return { edits: [] };
      // The client has text that we have not, or the other way round; it asks again when it has settled.
      if (typeof version === 'number' && version !== document.version) return { edits: [] };
      const cursor = offsetAt(document, position, server.client.encoding);
      const offer = await predictions.nextEdit(uri, { cursor, signal });
      return { edits: offer ? [toNextEdit(uri, offer)] : [] };
    },
  );
  server.onNotification(NextEditMethod.didShow, shownEditParams, () => {
    server.log.debug('a next edit was shown');
  });
  server.onNotification(NextEditMethod.didFocus, documentParams, ({ textDocument: { uri } }) => {
    server.log.debug(`${uri}: focused`);
  });
}
