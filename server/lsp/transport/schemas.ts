import * as v from 'valibot';
import { explainMethod, NextEditMethod } from '../../../shared/protocol.ts';

/** What we need in requests and notifications; other fields are removed. */

const uinteger = v.pipe(v.number(), v.integer(), v.minValue(0));
const position = v.object({ line: uinteger, character: uinteger });
const range = v.object({ start: position, end: position });
const documentId = v.object({ uri: v.string() });
const versionedDocumentId = v.object({ uri: v.string(), version: v.nullish(v.pipe(v.number(), v.integer())) });

/** A folder's name is only for display; some clients send none. */
const folder = v.looseObject({ uri: v.string(), name: v.nullish(v.string()) });

const initializeParams = v.looseObject({
  processId: v.nullish(v.number()),
  rootUri: v.nullish(v.string()),
  workspaceFolders: v.nullish(v.array(folder)),
  capabilities: v.looseObject({
    general: v.nullish(v.looseObject({ positionEncodings: v.nullish(v.array(v.string())) })),
  }),
  initializationOptions: v.optional(v.unknown()),
  trace: v.nullish(v.string()),
});

const didOpenParams = v.object({
  textDocument: v.object({ uri: v.string(), languageId: v.string(), version: v.number(), text: v.string() }),
});
const contentChange = v.object({ range: v.nullish(range), text: v.string() });
const didChangeParams = v.object({ textDocument: versionedDocumentId, contentChanges: v.array(contentChange) });
const documentParams = v.object({ textDocument: documentId });

const selectedCompletion = v.object({ range, text: v.string() });
const inlineCompletionParams = v.object({
  textDocument: documentId,
  position,
  context: v.nullish(v.object({ selectedCompletionInfo: v.nullish(selectedCompletion) })),
});
const nextEditParams = v.object({ textDocument: versionedDocumentId, position, context: v.optional(v.unknown()) });
/** `item.command` is the command of the shown edit; some clients send nothing. */
const shownEditParams = v.object({ item: v.nullish(v.object({ command: v.optional(v.unknown()) })) });
const codeActionParams = v.object({
  textDocument: documentId,
  range,
  context: v.object({
    only: v.nullish(v.array(v.string())),
    triggerKind: v.nullish(v.number()),
    // Diagnostics of other servers, which may contain anything; unreadable ones get no action.
    diagnostics: v.nullish(v.array(v.unknown())),
  }),
});
const executeCommandParams = v.object({ command: v.string(), arguments: v.nullish(v.array(v.unknown())) });

/** LSP 3.18 has messages in Markdown too. */
const message = v.union([v.string(), v.looseObject({ kind: v.string(), value: v.string() })]);
export const diagnosticSchema = v.looseObject({ range, message });

export const offerArguments = v.object({ uri: v.string(), offer: v.string() });
/** `all`: the offer together with everything else that is predicted in the file. */
const actionData = v.object({ ...offerArguments.entries, all: v.optional(v.boolean()) });
export const positionArguments = v.object({ textDocument: documentId, position });
export const instructionArguments = v.object({ textDocument: documentId, range, instruction: v.string() });

/** By method. Methods not listed here take no parameters, or none that can be wrong. */
export const paramsSchemas: Readonly<Record<string, v.GenericSchema>> = {
  initialize: initializeParams,
  '$/setTrace': v.object({ value: v.string() }),
  'window/workDoneProgress/cancel': v.object({ token: v.union([v.string(), v.number()]) }),
  'workspace/didChangeWorkspaceFolders': v.object({
    event: v.object({ added: v.array(folder), removed: v.array(folder) }),
  }),
  'workspace/didChangeConfiguration': v.object({ settings: v.optional(v.unknown()) }),
  'workspace/executeCommand': executeCommandParams,
  'textDocument/didOpen': didOpenParams,
  'textDocument/didChange': didChangeParams,
  'textDocument/didClose': documentParams,
  'textDocument/didSave': documentParams,
  'textDocument/inlineCompletion': inlineCompletionParams,
  'textDocument/codeAction': codeActionParams,
  'codeAction/resolve': v.looseObject({ title: v.string(), data: v.optional(actionData) }),
  [NextEditMethod.request]: nextEditParams,
  [NextEditMethod.didShow]: shownEditParams,
  [NextEditMethod.didFocus]: documentParams,
  [explainMethod]: positionArguments,
};

export type ContentChange = v.InferOutput<typeof contentChange>;
export type DidChangeParams = v.InferOutput<typeof didChangeParams>;
export type SelectedCompletion = v.InferOutput<typeof selectedCompletion>;
export type DocumentParams = v.InferOutput<typeof documentParams>;
export type ShownEditParams = v.InferOutput<typeof shownEditParams>;
export type NextEditParams = v.InferOutput<typeof nextEditParams>;
export type ActionData = v.InferOutput<typeof actionData>;

/** Where a value was wrong and what was expected there. Does not quote the value, which may be user text. */
export function describeIssue(issue: v.BaseIssue<unknown>, whole = 'params'): string {
  const where = v.getDotPath(issue) ?? whole;
  return `${where} must be ${issue.expected ?? 'another value'}`;
}
