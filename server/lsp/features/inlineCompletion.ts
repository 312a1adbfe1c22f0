import type { InlineCompletionItem } from 'vscode-languageserver';
import type { PositionEncoding } from '../../../shared/positions/encoding.ts';
import type { GhostTextOffer } from '../../prediction/offers.ts';
import type { OpenDocument } from '../openDocument.ts';
import { clamped, offsetAt } from '../textSync.ts';
import type { SelectedCompletion } from '../transport/schemas.ts';
import type { Workspace } from '../workspace.ts';
import { abortSignal } from './cancellation.ts';
import { acceptCommand } from './offerItems.ts';

/** Predictions at the cursor as ghost text (LSP 3.18, `textDocument/inlineCompletion`). */
export function registerInlineCompletion({ server, configuration, documents, predictions }: Workspace): void {
  server.capabilities.inlineCompletionProvider = {};
  server.connection.languages.inlineCompletion.on(async ({ textDocument: { uri }, position, context }, token) => {
    const document = documents.get(uri);
    const { settings } = configuration;
    if (!document || !settings.enable || !settings['inlineCompletion.enable']) return { items: [] };
    const { encoding } = server.client;
    const cursor = offsetAt(document, position, encoding);
    const offer = await predictions.ghostText(uri, { cursor, signal: abortSignal(token) });
    const selected: SelectedCompletion | null | undefined = context?.selectedCompletionInfo;
    const shown = offer && (selected ? extending(document, offer, cursor, selected, encoding) : offer.insert);
    if (!offer || shown === undefined) return { items: [] };
    const at = clamped(document, position, encoding);
    const range = selected
      ? {
          start: clamped(document, selected.range.start, encoding),
          end: clamped(document, selected.range.end, encoding),
        }
      : { start: at, end: at };
    // Clients split the text into lines themselves and would keep a carriage return as a character.
    const insertText = shown.replaceAll('\r\n', '\n');
    const item: InlineCompletionItem = { insertText, range, command: acceptCommand(uri, offer) };
    return { items: [item] };
  });
}

/**
 * The text that replaces the range of the completion selected in the client's menu, if it continues the completion's
 * text (LSP 3.18, `SelectedCompletionInfo`); otherwise nothing can be shown beside the menu.
 */
function extending(
  document: OpenDocument,
  { insert }: GhostTextOffer,
  cursor: number,
  { range, text }: SelectedCompletion,
  encoding: PositionEncoding,
): string | undefined {
  const [start, end] = [offsetAt(document, range.start, encoding), offsetAt(document, range.end, encoding)];
  if (start > cursor || cursor > end) return undefined;
  const made = document.buffer.slice(start, cursor) + insert + document.buffer.slice(cursor, end);
  return made.startsWith(text) ? made : undefined;
}
