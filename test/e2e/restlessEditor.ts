import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CodeAction, InlineCompletionList, TextDocumentEdit } from 'vscode-languageserver-protocol';
import { applyEdits } from '../../shared/edits/apply.ts';
import type { PositionEncoding } from '../../shared/positions/encoding.ts';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import type { ProtocolRange } from '../../shared/protocol.ts';
import { EditorDocument, type ServerProcess } from './client.ts';

/** What an editor does next; `at` is a place as a share of the text. */
export type Step =
  | { readonly kind: 'next' | 'ghost' | 'action' | 'all' | 'reject' | 'undo'; readonly at: number }
  | { readonly kind: 'edit'; readonly at: number; readonly length: number; readonly text: string }
  | { readonly kind: 'many'; readonly at: readonly number[]; readonly text: string; readonly order: 1 | -1 }
  | { readonly kind: 'rename'; readonly at: number };

const offset = fc.double({ min: 0, max: 1, noNaN: true });
const typed = fc.constantFrom('x', '', '\n', '\t', '😀', 'é', 'loadUser', 'fetchUser', '(', ' ', '\r\n', '漢字();\n');
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('next'), at: offset }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('ghost', 'action', 'all', 'reject', 'undo'), at: offset }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rename'), at: offset }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('edit'), at: offset, length: fc.nat(6), text: typed }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('many'),
      at: fc.array(offset, { maxLength: 5 }),
      text: typed,
      order: fc.constantFrom(1, -1),
    }),
  },
) as fc.Arbitrary<Step>;

/**
 * An editor that keeps its text by itself, from what it was told to apply and nothing else. Throws an AssertionError when
 * an offer is not one that it could apply.
 */
export class RestlessEditor {
  readonly #undo: string[] = [];
  readonly #server: ServerProcess;
  readonly #encoding: PositionEncoding;
  readonly document: EditorDocument;
  applied = 0;

  constructor(server: ServerProcess, uri: string, text: string, encoding: PositionEncoding) {
    this.#server = server;
    this.#encoding = encoding;
    this.document = new EditorDocument(server, uri, text, encoding);
  }

  get #at(): { textDocument: { uri: string; version: number } } {
    return { textDocument: this.document.identifier };
  }

  async take(step: Step): Promise<void> {
    const { document } = this;
    const before = document.text;
    const at = 'at' in step && typeof step.at === 'number' ? this.#offset(step.at) : 0;
    const position = document.position(at);
    const range = { start: position, end: position };
    switch (step.kind) {
      case 'edit':
        document.change({ start: position, end: document.position(this.#clamp(at + step.length)) }, step.text);
        break;
      case 'many':
        this.#many(
          step.at.map((place) => this.#offset(place)).sort((a, b) => step.order * (a - b)),
          step.text,
        );
        break;
      case 'rename': {
        const places = [...document.text.matchAll(/loadUser|first|user\b/g)];
        const place = places[Math.floor(step.at * places.length)];
        if (place) document.replace(place[0], `${place[0]}2`, 0);
        break;
      }
      case 'undo': {
        const earlier = this.#undo.at(-2);
        if (earlier !== undefined) this.#whole(earlier);
        break;
      }
      case 'next': {
        const next = await document.nextEdit(at);
        if (!next) break;
        this.#check([{ range: next.range, newText: next.text }]);
        await document.accept(next);
        this.applied++;
        break;
      }
      case 'reject': {
        const next = await document.nextEdit(at);
        if (!next) break;
        const reject = { command: 'cursorcore.reject', arguments: next.command.arguments };
        await this.#server.request('workspace/executeCommand', reject);
        await this.#server.request('workspace/executeCommand', reject);
        assert.notDeepEqual(await document.nextEdit(at), next);
        break;
      }
      case 'ghost': {
        const { items } = await this.#server.request<InlineCompletionList>('textDocument/inlineCompletion', {
          ...this.#at,
          position,
          context: { triggerKind: 1 },
        });
        for (const { insertText, range: where, command } of items.slice(0, 1)) {
          assert.deepEqual(where, range);
          assert.notEqual(insertText, '');
          document.change(range, insertText as string);
          await this.#server.request('workspace/executeCommand', command);
          this.applied++;
        }
        break;
      }
      case 'action':
      case 'all': {
        const params = { ...this.#at, range, context: { diagnostics: [], triggerKind: 1 } };
        const actions = await this.#server.request<CodeAction[]>('textDocument/codeAction', params);
        const action = actions.at(step.kind === 'all' ? -1 : 0);
        if (!action) break;
        const { edit, command } = await this.#server.request<CodeAction>('codeAction/resolve', action);
        const change = edit?.documentChanges?.[0] as TextDocumentEdit | undefined;
        // Where the engines need longer than a menu waits, the action is a command that goes on waiting.
        if (!change) break;
        const edits = change.edits as { range: ProtocolRange; newText: string }[];
        this.#check(edits);
        document.apply(change.textDocument.version, edits);
        await this.#server.request('workspace/executeCommand', command);
        this.applied++;
        break;
      }
    }
    if (document.text !== before) this.#undo.push(document.text);
  }

  /** Ranges lie in the text, on whole characters, apart; and each edit changes something. */
  #check(edits: readonly { readonly range: ProtocolRange; readonly newText: string }[]): void {
    const { text } = this.document;
    const index = new LineIndex(text);
    const offsets = edits.map(({ range, newText }) => {
      const [start, end] = [range.start, range.end].map((at) => index.offsetAt(at, this.#encoding)) as [number, number];
      const [first, last] = [start, end].map((offset) => index.positionAt(offset, this.#encoding));
      assert.deepEqual({ start: first, end: last }, range);
      return { start, end, newText };
    });
    assert.notEqual(applyEdits(text, offsets), text);
  }

  #many(places: readonly number[], newText: string): void {
    const { document } = this;
    const contentChanges = places.map((place) => {
      const index = new LineIndex(document.text);
      const position = index.positionAt(Math.min(place, document.text.length), this.#encoding);
      const start = index.offsetAt(position, this.#encoding);
      document.text = applyEdits(document.text, [{ start, end: start, newText }]);
      return { range: { start: position, end: position }, text: newText };
    });
    document.version++;
    this.#server.notify('textDocument/didChange', { textDocument: document.identifier, contentChanges });
  }

  #whole(text: string): void {
    this.document.text = text;
    this.document.version++;
    const contentChanges = [{ text }];
    this.#server.notify('textDocument/didChange', { textDocument: this.document.identifier, contentChanges });
  }

  #offset(part: number): number {
    return Math.floor(part * this.document.text.length);
  }

  #clamp(at: number): number {
    return Math.min(at, this.document.text.length);
  }
}
