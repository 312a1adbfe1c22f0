import { TextBuffer } from '../../shared/positions/textBuffer.ts';

/** A document that the client has open (LSP 3.18, `TextDocumentItem`), with its current text and version. */
export class OpenDocument {
  readonly uri: string;
  /** LSP language identifier. */
  readonly languageId: string;
  readonly buffer: TextBuffer;
  version: number;

  constructor(uri: string, languageId: string, version: number, text: string) {
    this.uri = uri;
    this.languageId = languageId;
    this.version = version;
    this.buffer = new TextBuffer(text);
  }

  getText(): string {
    return this.buffer.getText();
  }
}
