import fc from 'fast-check';
import type { ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

const uris = ['file:///work/a.ts', 'file:///work/b.py', 'untitled:1', 'file:///work/.env', 'not a uri', ''];
const texts = ['', 'x', source, 'a\r\nb\r\n', '😀\n\t漢字', 'a'.repeat(20_000), '\u0000\u0001', '\ud800'];

const uri = fc.constantFrom(...uris);
const text = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: 'grapheme', maxLength: 30 }));
const number = fc.oneof(fc.nat(6), fc.nat(30), fc.constantFrom(-1, 0.5, 2 ** 31, 1e300));
const position = fc.record({ line: number, character: number });
const range = fc.record({ start: position, end: position });
const textDocument = fc.record({ uri, version: number }, { requiredKeys: ['uri'] });
const offer = fc.record({ uri, offer: fc.constantFrom('1-1', '0-9', '', 'x') });

const params: Record<string, fc.Arbitrary<unknown>> = {
  'textDocument/didOpen': fc.record({
    textDocument: fc.record({ uri, languageId: fc.constantFrom('typescript', ''), version: number, text }),
  }),
  'textDocument/didChange': fc.record({
    textDocument: fc.record({ uri, version: number }),
    contentChanges: fc.array(fc.record({ range, text }, { requiredKeys: ['text'] }), { maxLength: 4 }),
  }),
  'textDocument/didClose': fc.record({ textDocument: fc.record({ uri }) }),
  'textDocument/didSave': fc.record({ textDocument: fc.record({ uri }) }),
  'textDocument/inlineCompletion': fc.record({ textDocument, position, context: fc.constant({ triggerKind: 1 }) }),
  'textDocument/copilotInlineEdit': fc.record({ textDocument, position }),
  'textDocument/didShowInlineEdit': fc.record({ item: fc.constant({}) }),
  'textDocument/didFocus': fc.record({ textDocument }),
  'textDocument/codeAction': fc.record({ textDocument, range, context: fc.constant({ diagnostics: [] }) }),
  'codeAction/resolve': fc.record({ title: text, data: offer }),
  'workspace/executeCommand': fc.record({
    command: fc.constantFrom('cursorcore.accept', 'cursorcore.reject', 'cursorcore.instruct', 'cursorcore.status', 'x'),
    arguments: fc.array(fc.oneof(offer, fc.record({ textDocument, range, instruction: text })), { maxLength: 2 }),
  }),
  'workspace/didChangeConfiguration': fc.record({
    settings: fc.oneof(
      fc.constantFrom({ cursorcore: eager }, { cursorcore: { enable: false } }, { enable: true }, null, []),
      fc.jsonValue(),
    ),
  }),
  '$/cancelRequest': fc.record({ id: fc.nat(2000) }),
  '$/setTrace': fc.record({ value: fc.constantFrom('off', 'messages', 'verbose') }),
  'window/workDoneProgress/cancel': fc.record({ token: fc.constantFrom('cursorcore-1', 5) }),
  initialize: fc.constant({ processId: null, capabilities: {} }),
  initialized: fc.constant({}),
};
const requests = /inlineCompletion|InlineEdit$|codeAction|executeCommand|^initialize$/;

/** A message that says what it should, or nearly: a parameter may be anything, and so may the whole. */
const wellFormed = fc.constantFrom(...Object.keys(params)).chain((method) =>
  fc.record({
    jsonrpc: fc.constant('2.0'),
    method: fc.constant(method),
    params: fc.oneof(
      { weight: 6, arbitrary: params[method] ?? fc.constant({}) },
      { weight: 1, arbitrary: fc.jsonValue() },
    ),
    isRequest: fc.constant(requests.test(method)),
  }),
);
const answer = fc.record({ jsonrpc: fc.constant('2.0'), id: fc.oneof(fc.nat(9), fc.string()), result: fc.jsonValue() });

/** What is written to the server: a message of the protocol or nearly, the body of one, or bytes. */
export type Input = { readonly kind: 'message' | 'body' | 'bytes'; readonly value: unknown };
const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 20, arbitrary: wellFormed.map((value) => ({ kind: 'message' as const, value })) },
  {
    weight: 2,
    arbitrary: fc
      .oneof(answer, fc.jsonValue())
      .map((value) => ({ kind: 'body' as const, value: JSON.stringify(value) })),
  },
  { weight: 1, arbitrary: fc.string().map((value) => ({ kind: 'body' as const, value })) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((value) => ({ kind: 'bytes' as const, value })) },
);

/** The same messages for the same seed. */
export function hostileInputs(seed: number, count: number): readonly Input[] {
  return fc.sample(input, { seed, numRuns: count });
}

/** Writes it, `id` being the id of a request. */
export function write(server: ServerProcess, { kind, value }: Input, id: number): void {
  if (kind === 'bytes') server.writeRaw(Buffer.from(value as Uint8Array));
  else if (kind === 'body') server.writeBody(value as string);
  else {
    const { isRequest, ...message } = value as { isRequest: boolean };
    server.writeBody(JSON.stringify(isRequest ? { ...message, id } : message));
  }
}
