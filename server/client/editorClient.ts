import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { CodeAction, Command, InlineCompletionList, TextEdit } from 'vscode-languageserver-protocol';
import { applyEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import { NextEditMethod, type NextEditResult, Command as OurCommand, type Status } from '../../shared/protocol.ts';
import type { Settings } from '../settings/settings.ts';

/** LSP 3.18, `InlineCompletionTriggerKind.Automatic` and `CodeActionTriggerKind.Invoked`. */
const automatic = 2;
const invoked = 1;

/** Something the server offers: edits to apply, and the command that then tells it so. */
export interface Offered {
  readonly edits: readonly OffsetEdit[];
  readonly title: string;
  readonly command?: Command;
  /** From the request to the answer, in milliseconds. */
  readonly latencyMs: number;
}

export interface EditorOptions {
  readonly uri: string;
  /** As `initializationOptions`. By default the same engine on every machine, whatever model is installed there. */
  readonly settings?: Partial<Settings>;
  /** Gets what the server shows the user. */
  readonly onMessage?: (message: string) => void;
}

/** An editor without a window: the real server as a child process, and one document open in it. */
export class EditorClient {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #uri: string;
  readonly #settings: Partial<Settings>;
  #text = '';
  #version = 0;

  /** Starts this very program, as an editor would. */
  constructor({ uri, settings = { engine: 'pattern' }, onMessage }: EditorOptions) {
    const main = process.argv[1] ?? '';
    this.#child = spawn(process.execPath, [...process.execArgv, main, '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdin, stdout } = this.#child;
    if (!stdin || !stdout) throw new Error('the server could not be started');
    this.#connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.#connection.onNotification('window/showMessage', (shown: { message: string }) => onMessage?.(shown.message));
    this.#connection.listen();
    // Whoever still waits for an answer learns that there will be none.
    this.#child.once('error', () => this.#connection.dispose());
    this.#child.once('exit', () => this.#connection.dispose());
    this.#uri = uri;
    this.#settings = settings;
  }

  get text(): string {
    return this.#text;
  }

  /** Shakes hands with the server and opens the document; gives the time to the answer of `initialize`. */
  async open(languageId: string, text: string): Promise<number> {
    const start = performance.now();
    await this.#connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {
        textDocument: { codeAction: { dataSupport: true, resolveSupport: { properties: ['edit', 'command'] } } },
        workspace: { workspaceEdit: { documentChanges: true } },
      },
      initializationOptions: this.#settings,
    });
    const latencyMs = performance.now() - start;
    await this.#connection.sendNotification('initialized', {});
    this.#text = text;
    const textDocument = { uri: this.#uri, languageId, version: this.#version, text };
    await this.#connection.sendNotification('textDocument/didOpen', { textDocument });
    return latencyMs;
  }

  /** Applies edits of the current text, all at once, and tells the server. */
  async change(edits: readonly OffsetEdit[]): Promise<void> {
    // From the end, so that no change moves those that are still to come.
    await this.changeInTurn(edits.toReversed());
  }

  /** Applies edits one after the other, each of the text that those before it left, and tells the server of all at once. */
  async changeInTurn(edits: readonly OffsetEdit[]): Promise<void> {
    const contentChanges = edits.map((edit) => {
      const range = toRange(new LineIndex(this.#text), edit.start, edit.end);
      this.#text = applyEdits(this.#text, [edit]);
      return { range, text: edit.newText };
    });
    await this.#didChange(contentChanges);
  }

  /** Puts another text in the place of the whole, as clients do that tell of no ranges. */
  async replaceAll(text: string): Promise<void> {
    this.#text = text;
    await this.#didChange([{ text }]);
  }

  async #didChange(contentChanges: readonly object[]): Promise<void> {
    this.#version++;
    const textDocument = { uri: this.#uri, version: this.#version };
    await this.#connection.sendNotification('textDocument/didChange', { textDocument, contentChanges });
  }

  /** The ghost text at the cursor. */
  async ghostText(cursor: number): Promise<Offered | undefined> {
    const params = { ...this.#at(cursor), context: { triggerKind: automatic } };
    const { result, latencyMs } = await this.#request<InlineCompletionList | null>(
      'textDocument/inlineCompletion',
      params,
    );
    const [item] = result?.items ?? [];
    if (!item || typeof item.insertText !== 'string') return undefined;
    const { range, insertText: newText, command } = item;
    const edits = range ? this.#toEdits([{ range, newText }]) : [{ start: cursor, end: cursor, newText }];
    return { edits, title: 'insert', latencyMs, ...(command ? { command } : {}) };
  }

  /** The next edit, anywhere in the document. */
  async nextEdit(cursor: number): Promise<Offered | undefined> {
    const params = this.#at(cursor);
    const { result, latencyMs } = await this.#request<NextEditResult>(NextEditMethod.request, {
      ...params,
      textDocument: { uri: this.#uri, version: this.#version },
    });
    const [edit] = result.edits;
    if (!edit) return undefined;
    await this.#connection.sendNotification(NextEditMethod.didShow, { item: { command: edit.command } });
    const command = { ...edit.command, arguments: [...(edit.command.arguments ?? [])] };
    return {
      edits: this.#toEdits([{ range: edit.range, newText: edit.text }]),
      title: edit.command.title,
      command,
      latencyMs,
    };
  }

  /** The predictions among the code actions at the cursor, the nearest first, resolved. */
  async codeActions(cursor: number): Promise<Offered[]> {
    const { result, latencyMs } = await this.#codeActions(cursor);
    const offers: Offered[] = [];
    for (const action of result ?? []) {
      const resolved = await this.#connection.sendRequest<CodeAction>('codeAction/resolve', action);
      const edits = (resolved.edit?.documentChanges ?? []).flatMap((change) => ('edits' in change ? change.edits : []));
      const { title, command } = resolved;
      offers.push({ edits: this.#toEdits(edits as TextEdit[]), title, latencyMs, ...(command ? { command } : {}) });
    }
    return offers;
  }

  async codeActionTitles(cursor: number): Promise<string[]> {
    const { result } = await this.#codeActions(cursor);
    return (result ?? []).map(({ title }) => title);
  }

  #codeActions(cursor: number) {
    return this.#request<CodeAction[] | null>('textDocument/codeAction', {
      textDocument: { uri: this.#uri },
      range: toRange(new LineIndex(this.#text), cursor, cursor),
      context: { diagnostics: [], triggerKind: invoked },
    });
  }

  /** Applies an offer and runs its command, as every client does. */
  async accept({ edits, command }: Offered): Promise<void> {
    await this.change(edits);
    if (command) await this.#execute(command.command, command.arguments);
  }

  /** Tells the server that an offer is not wanted. */
  async reject({ command }: Offered): Promise<void> {
    if (command) await this.#execute(OurCommand.reject, command.arguments);
  }

  async status(): Promise<Status> {
    return this.#execute<Status>(OurCommand.status, []);
  }

  /** Whether the server is gone. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Ends the server as the protocol has it; one that has ended already is left alone. */
  async close(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    await this.#connection.sendRequest('shutdown');
    await this.#connection.sendNotification('exit');
    await ended;
  }

  #execute<T>(command: string, args: readonly unknown[] | undefined): Promise<T> {
    return this.#connection.sendRequest('workspace/executeCommand', { command, arguments: args ?? [] });
  }

  #at(cursor: number) {
    return { textDocument: { uri: this.#uri }, position: new LineIndex(this.#text).positionAt(cursor) };
  }

  async #request<T>(method: string, params: object): Promise<{ result: T; latencyMs: number }> {
    const start = performance.now();
    const result = await this.#connection.sendRequest<T>(method, params);
    return { result, latencyMs: performance.now() - start };
  }

  #toEdits(edits: readonly TextEdit[]): OffsetEdit[] {
    const index = new LineIndex(this.#text);
    return edits.map(({ range, newText }) => ({
      start: index.offsetAt(range.start),
      end: index.offsetAt(range.end),
      newText,
    }));
  }
}

function toRange(index: LineIndex, start: number, end: number) {
  return { start: index.positionAt(start), end: index.positionAt(end) };
}
