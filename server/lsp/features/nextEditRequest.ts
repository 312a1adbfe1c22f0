import * as v from 'valibot';
import type { CancellationToken } from 'vscode-languageserver';
import { type NextEdit, NextEditMethod, type NextEditResult } from '../../../shared/protocol.ts';
import type { Offer } from '../../prediction/offers.ts';
import { offsetAt } from '../textSync.ts';
import {
  type DocumentParams,
  type NextEditParams,
  offerArguments,
  type ShownEditParams,
} from '../transport/schemas.ts';
import type { Workspace } from '../workspace.ts';
import { abortSignal } from './cancellation.ts';
import { acceptCommand, asTextEdit } from './offerItems.ts';

const shownCommand = v.object({ arguments: v.looseTuple([offerArguments]) });

/**
 * Predictions anywhere in the file, then in other open ones, in the protocol of existing next-edit clients: a request
 * for the next edit, and notifications that it was shown and that a document got the focus.
 */
export function registerNextEdit({ server, configuration, documents, predictions, recording }: Workspace): void {
  const toNextEdit = (uri: string, offer: Offer): NextEdit => {
    const { range, newText } = asTextEdit(offer, server.client);
    return { textDocument: { uri, version: offer.version }, range, text: newText, command: acceptCommand(uri, offer) };
  };

  server.connection.onRequest(
    NextEditMethod.request,
    async (
      { textDocument: { uri, version }, position, context }: NextEditParams,
      token: CancellationToken,
    ): Promise<NextEditResult> => {
      const document = documents.get(uri);
      const { settings } = configuration;
      if (!document || !settings.enable || !settings['nextEdit.enable']) return { edits: [] };
      // The client's text and ours differ at the moment; it asks again once they agree.
      if (typeof version === 'number' && version !== document.version) return { edits: [] };
      const cursor = offsetAt(document, position, server.client.encoding);
      const inquiry = { cursor, signal: abortSignal(token) };
      const offer = await predictions.nextEdit(uri, inquiry);
      if (offer) return { edits: [toNextEdit(uri, offer)] };
      const takesOthers = server.client.extensions.otherDocuments ?? context !== undefined;
      const elsewhere = takesOthers ? await predictions.nextElsewhere(uri, inquiry) : undefined;
      return { edits: elsewhere ? [toNextEdit(elsewhere.uri, elsewhere)] : [] };
    },
  );
  server.connection.onNotification(NextEditMethod.didShow, ({ item }: ShownEditParams) => {
    server.log.debug('a next edit was shown');
    const shown = v.safeParse(shownCommand, item?.command);
    if (shown.success) recording.recorder?.answered(shown.output.arguments[0].offer, 'shown');
  });
  server.connection.onNotification(NextEditMethod.didFocus, ({ textDocument: { uri } }: DocumentParams) => {
    server.log.debug(`${uri}: focused`);
  });
}
