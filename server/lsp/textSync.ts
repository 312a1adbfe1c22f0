import type { PositionEncoding } from '../../shared/positions/encoding.ts';
import type { ProtocolPosition } from '../../shared/protocol.ts';
import type { RecordedEdit } from '../history/incoming.ts';
import type { TextChange } from '../prediction/documentPrediction.ts';
import type { OpenDocument } from './openDocument.ts';
import type { ContentChange } from './transport/schemas.ts';

/** A change that is impossible in the text we hold: the client has another text. */
export class OutOfSync extends Error {
  override readonly name = 'OutOfSync';
}

/** A change with the text it removed, so that the history need not read it from the old text. */
export interface DocumentChange extends TextChange {
  readonly edit: RecordedEdit;
}

/**
 * Applies `contentChanges` (LSP 3.18, `DidChangeTextDocumentParams`) to `document`, each to the text after the changes
 * before it, and returns them in offsets. Throws `OutOfSync` for a version that is not newer and for a range that is
 * reversed, begins after the text, or has an end inside a UTF-8 sequence; the document must not be used afterwards. As
 * the protocol requires, a character after the line's end means the line's end, and a line after the last one the
 * text's end.
 *
 * A change without range replaces the whole text, so that neither the changes before it nor the version matter.
 */
export function applyContentChanges(
  document: OpenDocument,
  version: number,
  changes: readonly ContentChange[],
  encoding: PositionEncoding,
): DocumentChange[] {
  const known = fromWholeText(changes);
  if (version <= document.version && !isWhole(known[0])) {
    throw new OutOfSync(`version ${version} came after version ${document.version}`);
  }
  // Also for a notification that changes only the version.
  document.version = version;
  const { buffer } = document;
  return known.map(({ range, text: newText }) => {
    if (range && range.start.line > buffer.lineCount) {
      throw new OutOfSync(`line ${range.start.line} is not in a text of ${buffer.lineCount} lines`);
    }
    const start = range ? locate(document, range.start, encoding) : 0;
    const end = range ? locate(document, range.end, encoding) : buffer.length;
    if (start > end) throw new OutOfSync('a range ends before it starts');
    const removed = buffer.slice(start, end);
    buffer.edit({ start, end, newText });
    return { edit: { start, end, newText, removed }, text: buffer.getText() };
  });
}

/** The changes from the last one that replaces the whole text; all if none does. */
function fromWholeText(changes: readonly ContentChange[]): readonly ContentChange[] {
  return changes.slice(Math.max(0, changes.findLastIndex(isWhole)));
}

/** Whether a change replaces the whole text. */
export function isWhole(change: ContentChange | undefined): boolean {
  return change !== undefined && !change.range;
}

function locate({ buffer }: OpenDocument, position: ProtocolPosition, encoding: PositionEncoding): number {
  const offset = buffer.exactOffsetAt(position, encoding);
  if (offset === undefined) throw new OutOfSync(`line ${position.line} has a position inside a character`);
  return offset;
}

/** The UTF-16 offset of an LSP position, clamped to the document. */
export function offsetAt({ buffer }: OpenDocument, position: ProtocolPosition, encoding: PositionEncoding): number {
  return buffer.offsetAt(position, encoding);
}

/** The same position clamped to the document, for sending back: inside the line, and between characters. */
export function clamped({ buffer }: OpenDocument, position: ProtocolPosition, encoding: PositionEncoding) {
  return buffer.positionAt(buffer.offsetAt(position, encoding), encoding);
}
