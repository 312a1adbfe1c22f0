import type { PositionEncoding } from '../../shared/positions/encoding.ts';
import type { ProtocolPosition } from '../../shared/protocol.ts';
import type { RecordedEdit } from '../history/incoming.ts';
import type { TextChange } from '../prediction/documentPrediction.ts';
import type { OpenDocument } from './openDocument.ts';
import type { ContentChange } from './transport/schemas.ts';

/** A change that cannot have been made to the text we hold: the client has another one. */
export class OutOfSync extends Error {
  override readonly name = 'OutOfSync';
}

/** A change, with what it took away, so that the history need not look it up in a text that is gone. */
export interface DocumentChange extends TextChange {
  readonly edit: RecordedEdit;
}

/**
 * Applies `contentChanges` (LSP 3.18, `DidChangeTextDocumentParams`) to `document`, each to the text that those before it
 * have left, and returns them in offsets. Throws `OutOfSync` for a version that is not newer and for a range that is
 * reversed, begins after the text, or has an end inside a UTF-8 sequence; the document must not be used afterwards. A character
 * after the line's end means the line's end, as the protocol has it, and a line after the last the text's end.
 *
 * A change without range is the text whatever went before, so that neither the changes before it nor the version matter.
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
  // Also where a notification says that nothing changed but the version.
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

/** The changes from the last one on that brings the whole text; all where none does. */
function fromWholeText(changes: readonly ContentChange[]): readonly ContentChange[] {
  return changes.slice(Math.max(0, changes.findLastIndex(isWhole)));
}

/** Whether a change says what the text is, whatever it was. */
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

/** The same position where the document has it, for one that is sent back: inside the line, and between characters. */
export function clamped({ buffer }: OpenDocument, position: ProtocolPosition, encoding: PositionEncoding) {
  return buffer.positionAt(buffer.offsetAt(position, encoding), encoding);
}
