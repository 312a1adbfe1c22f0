import {
  type Connection,
  createConnection,
  DidChangeWorkspaceFoldersNotification,
  ErrorCodes,
  type InitializeParams,
  MessageType,
  type ServerCapabilities,
  SetTraceNotification,
  ShowMessageNotification,
  type WorkspaceFoldersChangeEvent,
} from 'vscode-languageserver';
import { createProtocolConnection, StreamMessageWriter } from 'vscode-languageserver-protocol/node';
import { errorText } from '../../shared/errors.ts';
import { type Client, readClient, unknownClient } from './client.ts';
import type { Log } from './log.ts';
import { checkedConnection } from './transport/checkedConnection.ts';
import { ResilientMessageReader } from './transport/messageReader.ts';
import { type ErrorReply, errorReply, ProtocolGate } from './transport/protocolGate.ts';
import { ClientWatchDog } from './transport/watchDog.ts';

export interface ServerOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly version: string;
  readonly log: Log;
}

/**
 * The protocol side of the server: the connection and its lifecycle. Features add everything else: each puts its
 * capability into `capabilities` and its handlers on `connection`.
 */
export class LanguageServer {
  readonly log: Log;
  readonly version: string;
  readonly connection: Connection;
  /** The answer to `initialize`. */
  readonly capabilities: ServerCapabilities = {
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  };
  readonly #watchDog: ClientWatchDog;
  readonly #shown = new Set<string>();
  readonly #initialize: ((params: InitializeParams) => void)[] = [];
  readonly #initialized: (() => void)[] = [];
  readonly #refused: ((params: unknown, problem: string) => void)[] = [];
  readonly #foldersChanged: (() => void)[] = [];
  readonly #shutdown: (() => Promise<void> | void)[] = [];
  #client: Client = unknownClient;
  /** Before the answer to `initialize`, a client accepts no notifications. */
  #ready = false;
  #trace = 'off';

  constructor({ input, output, version, log }: ServerOptions) {
    this.log = log;
    this.version = version;
    this.#watchDog = new ClientWatchDog(log);
    this.connection = createConnection(() => this.#connect(input, output), this.#watchDog);
    this.#registerLifecycle();
    log.addSink((level, message) => {
      if (!this.#ready || (level === 'debug' && this.#trace !== 'verbose')) return;
      this.connection.console[level === 'debug' ? 'log' : level](message);
    });
  }

  get client(): Client {
    return this.#client;
  }

  /**
   * Serves until the client ends the connection or dies; returns the process's exit code (LSP 3.18, "Exit
   * Notification").
   */
  async listen(): Promise<number> {
    this.connection.listen();
    const code = await this.#watchDog.exited;
    this.#ready = false;
    await this.#runShutdown();
    this.connection.dispose();
    return code;
  }

  /** Lets a feature read the client's parameters before `initialize` is answered. */
  onInitialize(listener: (params: InitializeParams) => void): void {
    this.#initialize.push(listener);
  }

  onInitialized(listener: () => void): void {
    this.#initialized.push(listener);
  }

  /** Reports that the client's `workspaceFolders` have changed. */
  onFoldersChanged(listener: () => void): void {
    this.#foldersChanged.push(listener);
  }

  onShutdown(listener: () => Promise<void> | void): void {
    this.#shutdown.push(listener);
  }

  /** Reports notifications that could not be handled: their parameters, unchecked, and the reason. */
  onRefused(listener: (params: unknown, problem: string) => void): void {
    this.#refused.push(listener);
  }

  /** Shows a message without waiting for an answer; the library's `window` sends requests. */
  showMessage(type: MessageType, message: string): void {
    if (!this.#ready) return;
    this.connection.sendNotification(ShowMessageNotification.type, { type, message }).catch(() => {
      // The client is gone; the end of its stream ends the server.
    });
  }

  /** Sends a notification of our own. */
  notify(method: string, params: object): void {
    if (!this.#ready) return;
    this.connection.sendNotification(method, params).catch(() => {
      // As in `showMessage`.
    });
  }

  /** Warns, unless the last warning had the same `topic`: by default the message itself. */
  warnOnce(message: string, topic = message): void {
    if (this.#shown.has(topic)) return;
    this.#shown.add(topic);
    this.showMessage(MessageType.Warning, message);
  }

  /** The connection, with a filter that keeps malformed messages from the library. */
  #connect(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    const { log } = this;
    const gate = new ProtocolGate();
    const writer = new StreamMessageWriter(output);
    const reply = (message: ErrorReply) => {
      writer.write(message).catch(() => {
        // As in `showMessage`.
      });
    };
    const reader = new ResilientMessageReader(input, {
      admit: (message) => {
        const verdict = gate.check(message);
        if (verdict.pass) return true;
        log.warn(`refused message: ${verdict.detail}`);
        if (verdict.reply) reply(verdict.reply);
        return false;
      },
      onMalformed: ({ kind, detail }) => {
        log.warn(`malformed message: ${detail}`);
        // JSON-RPC 2.0, section 5.1: an unreadable message is answered with id null. A bad header has no message to
        // answer.
        if (kind === 'body') reply(errorReply(null, ErrorCodes.ParseError, detail));
      },
    });
    const connection = createProtocolConnection(reader, writer, {
      error: (message) => log.error(message),
      warn: (message) => log.warn(message),
      info: (message) => log.debug(message),
      log: (message) => log.debug(message),
    });
    // A write fails when the client is gone; the end of its stream reports that as well.
    connection.onError(([error]) => log.debug(`connection: ${errorText(error)}`));
    connection.onClose(() => this.#watchDog.exit(gate.shutDown ? 0 : 1));
    return checkedConnection(connection, log, (params, problem) => {
      for (const listener of this.#refused) listener(params, problem);
    });
  }

  #registerLifecycle(): void {
    const { connection, version } = this;
    connection.onInitialize((params) => {
      this.#client = readClient(params);
      this.#trace = params.trace ?? 'off';
      for (const listener of this.#initialize) listener(params);
      const capabilities = { positionEncoding: this.#client.encoding, ...this.capabilities };
      return { capabilities, serverInfo: { name: 'cursorcore-lsp', version } };
    });
    connection.onInitialized(() => {
      this.#ready = true;
      this.log.info(`cursorcore-lsp ${version} serves, positions in ${this.#client.encoding}`);
      // Only now, because the library replaces an earlier handler with its own.
      connection.onNotification(DidChangeWorkspaceFoldersNotification.type, ({ event }) => this.#changeFolders(event));
      for (const listener of this.#initialized) listener();
    });
    // The library keeps the value private, for `$/logTrace`; we use it in `window/logMessage`.
    connection.onNotification(SetTraceNotification.type, ({ value }) => {
      this.#trace = value;
    });
    connection.onShutdown(() => this.#runShutdown());
  }

  #changeFolders({ added, removed }: WorkspaceFoldersChangeEvent): void {
    const nameOf = (uri: string) => uri.replace(/\/+$/, '');
    const gone = new Set([...removed, ...added].map(({ uri }) => nameOf(uri)));
    const others = this.#client.workspaceFolders.filter(({ uri }) => !gone.has(nameOf(uri)));
    this.#client = { ...this.#client, workspaceFolders: [...others, ...added] };
    for (const listener of this.#foldersChanged) listener();
  }

  async #runShutdown(): Promise<void> {
    for (const listener of this.#shutdown.splice(0)) {
      try {
        await listener();
      } catch (error) {
        this.log.error(`shutting down: ${errorText(error)}`);
      }
    }
  }
}
