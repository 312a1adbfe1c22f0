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

export interface NextEdit {
  /** The document that was asked about, or another open one where nothing is left to offer in that. */
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

/**
 * What a client of ours can do beyond LSP, in its capabilities as `experimental.cursorcore`. Clients that say nothing get
 * the same by what LSP has: an answer when they ask again, a reply as `window/showMessage`.
 */
export interface ClientExtensions {
  /** It takes `cursorcore/refresh`. */
  readonly refresh?: boolean;
  /** It shows the reply in `InstructionResult.chat`, and the status, itself. */
  readonly chat?: boolean;
  /**
   * Whether it takes next edits of other documents than the one it asks about. Of clients that say nothing those do that send a
   * `context` with the request (sidekick.nvim); copilot-lsp, which does not, draws any edit into the current buffer.
   */
  readonly otherDocuments?: boolean;
}

/**
 * Server to client, `RefreshParams`: an engine that takes longer has answered about this version of the document. What
 * was offered still is; asking for inline completions anew may bring one where there was none.
 */
export const refreshMethod = 'cursorcore/refresh';

export interface RefreshParams {
  readonly textDocument: VersionedDocument;
}

/**
 * Client to server, where the setting `explain.enable` is on: `ExplainParams`, answered with `ExplainResult`. How each
 * engine comes to what it predicts at a position, for whoever tunes an engine or doubts a prediction.
 */
export const explainMethod = 'cursorcore/explain';

export type ExplainParams = PositionArguments;

export interface ExplainResult {
  /** The version of the document that it is about; null where the document is not to be seen. */
  readonly version: number | null;
  /** In the order in which engines are asked. What an explanation holds depends on the engine's kind, and changes with it. */
  readonly engines: readonly { readonly engine: string; readonly explanation: object }[];
}

/**
 * `workspace/executeCommand` commands. Without arguments, as a user runs them by hand in editors that cannot fill them in
 * (Helix, `:lsp-workspace-command`), `applyNext`, `applyAll` and `reject` are about the document edited last, at its last
 * edit, `instruct` takes `InstructionByHand`, and all say in `window/showMessage` what they did.
 */
export const Command = {
  /** `[AcceptArguments]`: an offered edit has been applied. */
  accept: 'cursorcore.accept',
  /** `[AcceptArguments]`: an offered edit is not wanted; it is not offered again until the text changes there. */
  reject: 'cursorcore.reject',
  /** `[AcceptArguments]`: apply the offered edit and all others in the file through `workspace/applyEdit`. */
  applyAll: 'cursorcore.applyAll',
  /** `[PositionArguments]`: predict what comes next, and apply its first hunk through `workspace/applyEdit`. */
  applyNext: 'cursorcore.applyNext',
  /** `[InstructionArguments]`: predict edits for an instruction and apply them through `workspace/applyEdit`. */
  instruct: 'cursorcore.instruct',
  /** `[]`: show where the next edit of the document edited last would go, through `window/showDocument`, and say what it is. */
  showNext: 'cursorcore.showNext',
  /** `[]`: the server's state, as `Status`; said in `window/showMessage` unless the client shows it itself (`ClientExtensions.chat`). */
  status: 'cursorcore.status',
} as const;

export interface AcceptArguments {
  readonly uri: string;
  /** Identifies the offered hunk; made by the server. */
  readonly offer: string;
}

export interface PositionArguments {
  readonly textDocument: { readonly uri: string };
  readonly position: ProtocolPosition;
}

export interface InstructionArguments {
  readonly textDocument: { readonly uri: string };
  readonly range: ProtocolRange;
  readonly instruction: string;
}

/**
 * An instruction for the document edited last: for the line of the last edit, or for the lines named, counted from 1 as
 * editors show them.
 */
export type InstructionByHand = readonly [instruction: string, line?: number, lastLine?: number];

/**
 * What `cursorcore.instruct`, `cursorcore.applyNext` and `cursorcore.applyAll` answer; `message` says why nothing was applied, and was shown to
 * the user. A reply in words alone is no failure: then nothing is applied, and there is no `message`.
 */
export interface InstructionResult {
  readonly applied: boolean;
  readonly message?: string;
  /** The model's reply in words. */
  readonly chat?: string;
}

export interface ModelStatus {
  readonly name: string;
  /** Where it runs, `cpu` or `cuda`; not known before it is loaded. */
  readonly device?: string;
}

export interface Status {
  readonly version: string;
  /** The engines that are asked, the one that goes first first, e.g. `pattern, cursorcore`. */
  readonly engine: string;
  readonly model?: ModelStatus;
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
