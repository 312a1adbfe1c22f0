import * as v from 'valibot';

/** What requests and notifications must hold for us to understand them; whatever else they hold is left out. */

const uinteger = v.pipe(v.number(), v.integer(), v.minValue(0));

export const position = v.object({ line: uinteger, character: uinteger });
export const range = v.object({ start: position, end: position });
export const documentId = v.object({ uri: v.string() });
export const versionedDocumentId = v.object({
  uri: v.string(),
  version: v.nullish(v.pipe(v.number(), v.integer())),
});
export const progressToken = v.nullish(v.union([v.string(), v.number()]));

export const initializeParams = v.looseObject({
  processId: v.nullish(v.number()),
  rootUri: v.nullish(v.string()),
  workspaceFolders: v.nullish(v.array(v.looseObject({ uri: v.string(), name: v.string() }))),
  capabilities: v.looseObject({
    general: v.nullish(v.looseObject({ positionEncodings: v.nullish(v.array(v.string())) })),
  }),
  initializationOptions: v.optional(v.unknown()),
  trace: v.nullish(v.string()),
});

export const didOpenParams = v.object({
  textDocument: v.object({ uri: v.string(), languageId: v.string(), version: v.number(), text: v.string() }),
});
export const contentChange = v.object({ range: v.nullish(range), text: v.string() });
export const didChangeParams = v.object({
  textDocument: versionedDocumentId,
  contentChanges: v.array(contentChange),
});
export const documentParams = v.object({ textDocument: documentId });

export const positionParams = v.object({ textDocument: documentId, position });
export const nextEditParams = v.object({ textDocument: versionedDocumentId, position });
/** `item.command` is the one that the shown edit carried; some clients send nothing. */
export const shownEditParams = v.object({ item: v.nullish(v.object({ command: v.optional(v.unknown()) })) });
export const codeActionParams = v.object({
  textDocument: documentId,
  range,
  context: v.object({ only: v.nullish(v.array(v.string())), triggerKind: v.nullish(v.number()) }),
});
export const executeCommandParams = v.object({ command: v.string(), arguments: v.nullish(v.array(v.unknown())) });

export const offerArguments = v.object({ uri: v.string(), offer: v.string() });
export const instructionArguments = v.object({ textDocument: documentId, range, instruction: v.string() });

export type ContentChange = v.InferOutput<typeof contentChange>;
export type Range = v.InferOutput<typeof range>;

/** Where a value was wrong and what was expected there. Does not quote the value, which may be a user's text. */
export function describeIssue(issue: v.BaseIssue<unknown>, whole = 'params'): string {
  const where = v.getDotPath(issue) ?? whole;
  return `${where} must be ${issue.expected ?? 'another value'}`;
}
