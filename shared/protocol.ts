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
  /** The document of the request, or another open one if that has nothing left to offer. */
  readonly textDocument: VersionedDocument;
  readonly range: ProtocolRange;
  /** Replaces `range`. */
  readonly text: string;
  /** The client runs it after it has applied the edit: tells the server that the edit was accepted. */
  readonly command: ProtocolCommand;
}

export interface NextEditResult {
  readonly edits: readonly NextEdit[];
}

/**
 * What a client of ours can do beyond LSP, in its capabilities as `experimental.cursorcore`. Clients without it get the
 * same by means of LSP: an answer when they ask again, a reply as `window/showMessage`.
 */
export interface ClientExtensions {
  /** It supports `cursorcore/refresh`. */
  readonly refresh?: boolean;
  /** It shows the reply in `InstructionResult.chat`, and the status, itself. */
  readonly chat?: boolean;
  /**
   * Whether it accepts next edits of documents other than the one it asks about. Without this field, clients that send
   * a `context` with the request do (sidekick.nvim); copilot-lsp, which does not, draws any edit into the current
   * buffer.
   */
  readonly otherDocuments?: boolean;
}

/**
 * Server to client, `RefreshParams`: a slower engine has answered about this version of the document. Earlier offers
 * are still valid; requesting inline completions again may bring one where there was none.
 */
export const refreshMethod = 'cursorcore/refresh';

export interface RefreshParams {
  readonly textDocument: VersionedDocument;
}

/**
 * Client to server, where the setting `explain.enable` is on: `ExplainParams`, answered with `ExplainResult`. How each
 * engine arrives at its prediction for a position, for tuning an engine or checking a prediction.
 */
export const explainMethod = 'cursorcore/explain';

export type ExplainParams = PositionArguments;

export interface ExplainResult {
  /** The version of the document; null where the document is excluded. */
  readonly version: number | null;
  /**
   * In the order in which engines are asked. The content of an explanation depends on the engine's kind, and changes
   * with it.
   */
  readonly engines: readonly { readonly engine: string; readonly explanation: object }[];
}

/**
 * `workspace/executeCommand` commands. Without arguments, as a user runs them by hand in editors that cannot add them
 * (Helix, `:lsp-workspace-command`), `applyNext`, `applyAll` and `reject` refer to the last edit of the document edited
 * last, `instruct` takes `InstructionByHand`, and all report in `window/showMessage` what they did.
 */
export const Command = {
  /** `[AcceptArguments]`: an offered edit has been applied. */
  accept: 'cursorcore.accept',
  /** `[AcceptArguments]`: the user refuses an offered edit; it is not offered again until the text there changes. */
  reject: 'cursorcore.reject',
  /** `[AcceptArguments]`: apply the offered edit and all others in the file through `workspace/applyEdit`. */
  applyAll: 'cursorcore.applyAll',
  /** `[PositionArguments]`: predict what comes next, and apply its first hunk through `workspace/applyEdit`. */
  applyNext: 'cursorcore.applyNext',
  /** `[InstructionArguments]`: predict edits for an instruction and apply them through `workspace/applyEdit`. */
  instruct: 'cursorcore.instruct',
  /**
   * `[]`: show the place of the next edit of the document edited last, through `window/showDocument`, and describe the
   * edit.
   */
  showNext: 'cursorcore.showNext',
  /**
   * `[]`: the server's state, as `Status`; shown in `window/showMessage` unless the client shows it itself
   * (`ClientExtensions.chat`).
   */
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
 * An instruction for the document edited last: for the line of the last edit, or for the given lines, counted from 1 as
 * editors show them.
 */
export type InstructionByHand = readonly [instruction: string, line?: number, lastLine?: number];

/**
 * The answer of `cursorcore.instruct`, `cursorcore.applyNext` and `cursorcore.applyAll`; `message` says why nothing was
 * applied, and was shown to the user. A reply in words only is no failure: then nothing is applied, and there is no
 * `message`.
 */
export interface InstructionResult {
  readonly applied: boolean;
  readonly message?: string;
  /** The model's reply in words. */
  readonly chat?: string;
}

export interface ModelStatus {
  readonly name: string;
  /** Where it runs, `cpu` or `cuda`; unknown before it is loaded. */
  readonly device?: string;
}

export interface Status {
  readonly version: string;
  /** The engines in the order in which they are asked, e.g. `pattern, cursorcore`. */
  readonly engine: string;
  readonly model?: ModelStatus;
  readonly enabled: boolean;
  readonly openDocuments: number;
  /** Open documents that are excluded from history and predictions, and why. */
  readonly excluded: readonly { readonly uri: string; readonly reason: string }[];
  readonly offered: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Why the last prediction failed, if it did. */
  readonly lastError?: string;
}
