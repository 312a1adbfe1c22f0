import { TextDocument } from 'vscode-languageserver-textdocument';
import { type PositionEncoding, toUtf16Character } from '../../shared/positions/encoding.ts';
import type { ProtocolPosition } from '../../shared/protocol.ts';
import type { TextChange } from '../prediction/documentPrediction.ts';
import type { ContentChange } from './schemas.ts';

/** A change that cannot have been made to the text we hold: the client has another one. */
export class OutOfSync extends Error {
  override readonly name = 'OutOfSync';
}

/**
 * Applies `contentChanges` (LSP 3.18, `DidChangeTextDocumentParams`) to `document`, each to the text that those before it
 * have left, and returns them in offsets. Throws `OutOfSync` for a version that is not newer and for a range that is
 * reversed or begins after the text; the document must not be used afterwards. A character after the line's end means
 * the line's end, as the protocol has it.
 */
export function applyContentChanges(
  document: TextDocument,
  version: number,
  changes: readonly ContentChange[],
  encoding: PositionEncoding,
): TextChange[] {
  if (version <= document.version) {
    throw new OutOfSync(`version ${version} came after version ${document.version}`);
  }
  // Also where a notification says that nothing changed but the version.
  TextDocument.update(document, [], version);
  return changes.map(({ range, text: newText }) => {
    const text = document.getText();
    if (!range) {
      TextDocument.update(document, [{ text: newText }], version);
      return { edit: { start: 0, end: text.length, newText }, text: newText };
    }
    const start = locate(document, text, range.start, encoding);
    const end = locate(document, text, range.end, encoding);
    if (start.offset > end.offset) throw new OutOfSync('a range ends before it starts');
    TextDocument.update(document, [{ range: { start: start.position, end: end.position }, text: newText }], version);
    return { edit: { start: start.offset, end: end.offset, newText }, text: document.getText() };
  });
}

function locate(
  document: TextDocument,
  text: string,
  { line, character }: ProtocolPosition,
  encoding: PositionEncoding,
) {
  if (line > document.lineCount) throw new OutOfSync(`line ${line} is not in a text of ${document.lineCount} lines`);
  const start = document.offsetAt({ line, character: 0 });
  const lineText = text.slice(start, document.offsetAt({ line, character: Number.MAX_SAFE_INTEGER }));
  const at = toUtf16Character(lineText, character, encoding);
  return { offset: start + at, position: { line, character: at } };
}

/** The UTF-16 offset of an LSP position, clamped to the document. */
export function offsetAt(document: TextDocument, position: ProtocolPosition, encoding: PositionEncoding): number {
  if (position.line >= document.lineCount) return document.getText().length;
  return locate(document, document.getText(), position, encoding).offset;
}
