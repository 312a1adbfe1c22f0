import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { ClientCapabilities, InitializeResult } from 'vscode-languageserver-protocol';
import { applyEdits } from '../../shared/edits/apply.ts';
import type { PositionEncoding } from '../../shared/positions/encoding.ts';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import type { NextEdit, ProtocolRange } from '../../shared/protocol.ts';
import { built } from '../built.ts';

/** What is tested: another server where CURSORCORE_SERVER names one. */
const server = process.env.CURSORCORE_SERVER ?? built('main.js');

export interface Shown {
  readonly type: number;
  readonly message: string;
}

/** A client that can do all that the server can make use of. */
export const fullCapabilities: ClientCapabilities = {
  textDocument: { codeAction: { dataSupport: true, resolveSupport: { properties: ['edit', 'command'] } } },
  workspace: { applyEdit: true, workspaceEdit: { documentChanges: true } },
  experimental: { cursorcore: { chat: true } },
};

/** The server as a child process, and the client's end of its standard input and output. */
export class ServerProcess {
  readonly child: ChildProcess;
  readonly connection: MessageConnection;
  readonly shown: Shown[] = [];
  readonly logged: Shown[] = [];

  /**
   * `main` is the program of another build, `env` what it gets besides this process's environment, and `under` what starts
   * it, such as a tracer. Without a `cache` folder no model is installed, whatever this machine's user has.
   */
  constructor(
    args: readonly string[] = ['--stdio'],
    cache = path.join(tmpdir(), 'cursorcore-nothing-installed'),
    {
      main = server,
      env = {},
      under = [],
    }: { readonly main?: string; readonly env?: NodeJS.ProcessEnv; readonly under?: readonly string[] } = {},
  ) {
    const [command = '', ...before] = [...under, process.execPath];
    const child = spawn(command, [...before, main, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, CURSORCORE_CACHE: cache, ...env },
    });
    this.child = child;
    this.connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    this.connection.onError(() => {});
    this.connection.onNotification('window/showMessage', (message: Shown) => void this.shown.push(message));
    this.connection.onNotification('window/logMessage', (message: Shown) => void this.logged.push(message));
    this.connection.listen();
    // Whoever waits for an answer then hears that there will be none.
    child.once('exit', () => this.connection.dispose());
  }

  async initialize(
    options: {
      readonly encodings?: readonly string[];
      readonly capabilities?: ClientCapabilities;
      readonly settings?: unknown;
    } = {},
  ): Promise<InitializeResult> {
    const { encodings, capabilities = fullCapabilities, settings } = options;
    const result: InitializeResult = await this.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: encodings ? { ...capabilities, general: { positionEncodings: encodings } } : capabilities,
      ...(settings === undefined ? {} : { initializationOptions: settings }),
    });
    this.notify('initialized', {});
    return result;
  }

  request<T>(method: string, params?: object): Promise<T> {
    return params ? this.connection.sendRequest(method, params) : this.connection.sendRequest(method);
  }

  notify(method: string, params?: object): void {
    const { connection } = this;
    const sent = params ? connection.sendNotification(method, params) : connection.sendNotification(method);
    // A server that is gone shows in what the test waits for.
    sent.catch(() => {});
  }

  /** Bytes as they are, past the connection. */
  writeRaw(bytes: string | Buffer): void {
    this.child.stdin?.write(bytes);
  }

  /** A message that is framed as it should be, whatever it holds. */
  writeBody(body: string): void {
    this.writeRaw(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  /** The exit code; null when a signal ended it. */
  async exited(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async stop(): Promise<number | null> {
    await this.request('shutdown');
    this.notify('exit');
    return this.exited();
  }

  kill(): void {
    this.connection.dispose();
    this.child.kill('SIGKILL');
  }
}

/** A document as an editor holds it: sends each change, and applies edits only to the version they name. */
export class EditorDocument {
  readonly #server: ServerProcess;
  readonly #encoding: PositionEncoding;
  readonly uri: string;
  version = 1;
  text: string;

  constructor(
    server: ServerProcess,
    uri: string,
    text: string,
    encoding: PositionEncoding = 'utf-16',
    languageId = 'typescript',
  ) {
    this.#server = server;
    this.#encoding = encoding;
    this.uri = uri;
    this.text = text;
    server.notify('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
  }

  get identifier() {
    return { uri: this.uri, version: this.version };
  }

  position(offset: number) {
    return new LineIndex(this.text).positionAt(offset, this.#encoding);
  }

  /** Replaces the `occurrence`-th `search`, as one change. Returns where the new text ends. */
  replace(search: string, replacement: string, occurrence = 0): number {
    let start = -1;
    for (let i = 0; i <= occurrence; i++) start = this.text.indexOf(search, start + 1);
    if (start < 0) throw new Error('no such text');
    this.change({ start: this.position(start), end: this.position(start + search.length) }, replacement);
    return start + replacement.length;
  }

  /** Types text at an offset, one change for each character. Returns where it ends. */
  type(offset: number, text: string): number {
    let at = offset;
    for (const character of text) {
      this.change({ start: this.position(at), end: this.position(at) }, character);
      at += character.length;
    }
    return at;
  }

  change(range: ProtocolRange, text: string): void {
    const index = new LineIndex(this.text);
    const edit = { start: index.offsetAt(range.start, this.#encoding), end: index.offsetAt(range.end, this.#encoding) };
    this.text = applyEdits(this.text, [{ ...edit, newText: text }]);
    this.version++;
    this.#server.notify('textDocument/didChange', {
      textDocument: this.identifier,
      contentChanges: [{ range, text }],
    });
  }

  /** Applies edits that were made for `version` and tells the server. Throws when that is not the document's version. */
  apply(version: number | null, edits: readonly { readonly range: ProtocolRange; readonly newText: string }[]): void {
    if (version !== null && version !== this.version)
      throw new Error(`edit of ${version}, document at ${this.version}`);
    for (const { range, newText } of [...edits].reverse()) this.change(range, newText);
  }

  async nextEdit(cursor: number): Promise<NextEdit | undefined> {
    const { edits } = await this.#server.request<{ edits: NextEdit[] }>('textDocument/copilotInlineEdit', {
      textDocument: this.identifier,
      position: this.position(cursor),
    });
    return edits[0];
  }

  /** Applies a next edit and runs its command, as next-edit clients do. */
  async accept({ textDocument, range, text, command }: NextEdit): Promise<void> {
    this.apply(textDocument.version, [{ range, newText: text }]);
    await this.#server.request('workspace/executeCommand', { command: command.command, arguments: command.arguments });
  }
}
