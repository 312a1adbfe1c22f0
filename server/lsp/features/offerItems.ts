import type { Command as LspCommand, WorkspaceEdit } from 'vscode-languageserver';
import { mergeEdits } from '../../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import { LineIndex } from '../../../shared/positions/lineIndex.ts';
import { Command, type ProtocolRange } from '../../../shared/protocol.ts';
import type { Offer } from '../../prediction/offers.ts';
import type { Client } from '../client.ts';

/** The command that a client runs after it has applied an offer. */
export function acceptCommand(uri: string, offer: Offer): LspCommand {
  return { title: 'Accept predicted edit', command: Command.accept, arguments: [{ uri, offer: offer.id }] };
}

/** An offer as one edit with an LSP range. */
export function asTextEdit(offer: Offer, client: Client): { range: ProtocolRange; newText: string } {
  return toTextEdit(new LineIndex(offer.text), mergeEdits(offer.text, offer.edits), client);
}

/**
 * Edits of `text`, the document at `version`, in the client's format: with the version, so that a client refuses edits
 * of another one, or without where it does not support `documentChanges`.
 */
export function asWorkspaceEdit(
  uri: string,
  version: number,
  text: string,
  edits: readonly OffsetEdit[],
  client: Client,
): WorkspaceEdit {
  const index = new LineIndex(text);
  const textEdits = edits.map((edit) => toTextEdit(index, edit, client));
  return client.capabilities.workspace?.workspaceEdit?.documentChanges === true
    ? { documentChanges: [{ textDocument: { uri, version }, edits: textEdits }] }
    : { changes: { [uri]: textEdits } };
}

function toTextEdit(index: LineIndex, { start, end, newText }: OffsetEdit, { encoding }: Client) {
  return { range: { start: index.positionAt(start, encoding), end: index.positionAt(end, encoding) }, newText };
}
