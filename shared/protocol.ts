/** Methods and commands that are ours or that LSP does not define. Positions and ranges are LSP's, in the negotiated encoding. */

export interface ProtocolPosition {
  readonly line: number;
  readonly character: number;
}

export interface ProtocolRange {
  readonly start: ProtocolPosition;
  readonly end: ProtocolPosition;
}

export interface ProtocolCommand {
  readonly title: string;
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

export interface VersionedDocument {
  readonly uri: string;
  readonly version: number;
}

/** The next-edit protocol spoken by existing next-edit clients. */
export const NextEditMethod = {
  request: 'textDocument/copilotInlineEdit',
  didShow: 'textDocument/didShowInlineEdit',
  didFocus: 'textDocument/didFocus',
} as const;

export interface NextEditParams {
  readonly textDocument: VersionedDocument;
  readonly position: ProtocolPosition;
}

export interface NextEdit {
  readonly textDocument: VersionedDocument;
  readonly range: ProtocolRange;
  /** Replaces `range`. */
  readonly text: string;
  /** To be run by the client once it has applied the edit: tells the server that it was accepted. */
  readonly command: ProtocolCommand;
}

export interface NextEditResult {
  readonly edits: readonly NextEdit[];
}

/** `workspace/executeCommand` commands. */
export const Command = {
  /** `[AcceptArguments]`: an offered edit has been applied. */
  accept: 'cursorcore.accept',
  /** `[AcceptArguments]`: an offered edit is not wanted; it is not offered again until the text changes there. */
  reject: 'cursorcore.reject',
  /** `[InstructionArguments]`: predict edits for an instruction and apply them through `workspace/applyEdit`. */
  instruct: 'cursorcore.instruct',
  /** `[]`: the server's state, as `Status`. */
  status: 'cursorcore.status',
} as const;

export interface AcceptArguments {
  readonly uri: string;
  /** Identifies the offered hunk; made by the server. */
  readonly offer: string;
}

export interface InstructionArguments {
  readonly textDocument: { readonly uri: string };
  readonly range: ProtocolRange;
  readonly instruction: string;
}

/** What `cursorcore.instruct` answers; `message` says why nothing was applied, and was shown to the user. */
export interface InstructionResult {
  readonly applied: boolean;
  readonly message?: string;
}

export interface Status {
  readonly version: string;
  readonly engine: string;
  readonly enabled: boolean;
  readonly openDocuments: number;
  /** Open documents that are kept out of history and predictions, and why. */
  readonly excluded: readonly { readonly uri: string; readonly reason: string }[];
  readonly offered: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Why the last prediction failed, if it did. */
  readonly lastError?: string;
}
