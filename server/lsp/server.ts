import * as v from 'valibot';
import {
  type CancellationToken,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ResponseError,
} from 'vscode-jsonrpc';
import { StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { InitializeParams, InitializeResult } from 'vscode-languageserver-protocol';
import { errorSite, errorText } from '../../shared/errors.ts';
import { type Client, readClient, unknownClient } from './client.ts';
import { invalidParams, requestCancelled } from './errors.ts';
import type { Log, LogLevel } from './log.ts';
import { type Malformed, ResilientMessageReader } from './messageReader.ts';
import { type ErrorReply, errorReply, ProtocolGate } from './protocolGate.ts';
import { describeIssue, initializeParams } from './schemas.ts';

/** How often the client's process is looked for, in milliseconds. */
const watchIntervalMs = 3000;

/** LSP 3.18, `MessageType`, by our names for levels. */
const messageType = { error: 1, warn: 2, info: 3, debug: 4 } as const;

export interface ServerOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly version: string;
  readonly log: Log;
}

type Initialized = (params: InitializeParams, result: InitializeResult) => void;

/**
 * The protocol's side of the server: the connection, the lifecycle, checked parameters, errors. What the server can do
 * is added by the features, each of which registers its capability and its handlers here.
 */
export class LanguageServer {
  readonly log: Log;
  readonly version: string;
  readonly #connection: MessageConnection;
  readonly #writer: StreamMessageWriter;
  readonly #gate = new ProtocolGate();
  readonly #shown = new Set<string>();
  readonly #initialize: Initialized[] = [];
  readonly #initialized: (() => void)[] = [];
  readonly #shutdown: (() => Promise<void> | void)[] = [];
  readonly #ended: Promise<number>;
  #end: (code: number) => void = () => {};
  #client: Client = unknownClient;
  #ready = false;
  #trace = 'off';

  constructor({ input, output, version, log }: ServerOptions) {
    this.log = log;
    this.version = version;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#writer = new StreamMessageWriter(output);
    const reader = new ResilientMessageReader(input, {
      admit: (message) => this.#admit(message),
      onMalformed: (malformed) => this.#malformed(malformed),
    });
    this.#connection = createMessageConnection(reader, this.#writer, {
      error: (message) => log.error(message),
      warn: (message) => log.warn(message),
      info: (message) => log.debug(message),
      log: (message) => log.debug(message),
    });
    // A write fails when the client is gone, which the end of its stream tells as well.
    this.#connection.onError(([error]) => log.debug(`connection: ${errorText(error)}`));
    this.#connection.onClose(() => this.#end(this.#gate.shutDown ? 0 : 1));
    log.addSink((level, message) => this.#logToClient(level, message));
    this.#registerLifecycle();
  }

  get client(): Client {
    return this.#client;
  }

  /** Serves until the client ends the connection or dies; gives the process's exit code (LSP 3.18, "Exit Notification"). */
  async listen(): Promise<number> {
    this.#connection.listen();
    const code = await this.#ended;
    this.#ready = false;
    await this.#runShutdown();
    this.#connection.dispose();
    return code;
  }

  /** Lets a feature read the client's parameters and add its capability to the result. */
  onInitialize(listener: Initialized): void {
    this.#initialize.push(listener);
  }

  onInitialized(listener: () => void): void {
    this.#initialized.push(listener);
  }

  onShutdown(listener: () => Promise<void> | void): void {
    this.#shutdown.push(listener);
  }

  /**
   * Answers `method`. Parameters that `schema` refuses are answered with InvalidParams, a cancelled request with
   * RequestCancelled, a ResponseError as it is, and anything else thrown with InternalError.
   */
  onRequest<S extends v.GenericSchema>(
    method: string,
    schema: S,
    handler: (params: v.InferOutput<S>, signal: AbortSignal) => unknown,
  ): void {
    this.#connection.onRequest(method, async (...args: unknown[]) => {
      const token = args.at(-1) as CancellationToken;
      const parsed = v.safeParse(schema, args.length > 1 ? (args[0] ?? {}) : {});
      if (!parsed.success) throw invalidParams(`${method}: ${describeIssue(parsed.issues[0])}`);
      const controller = new AbortController();
      if (token.isCancellationRequested) controller.abort();
      const cancellation = token.onCancellationRequested(() => controller.abort());
      try {
        return await handler(parsed.output, controller.signal);
      } catch (error) {
        if (controller.signal.aborted) throw requestCancelled(`${method} was cancelled`);
        if (error instanceof ResponseError) throw error;
        this.log.error(`${method} failed: ${errorSite(error)}`);
        throw new ResponseError(ErrorCodes.InternalError, `${method} failed`);
      } finally {
        cancellation.dispose();
      }
    });
  }

  /** Takes in `method`. Parameters that `schema` refuses are logged, and given to `onInvalid` as they are. */
  onNotification<S extends v.GenericSchema>(
    method: string,
    schema: S,
    handler: (params: v.InferOutput<S>) => void,
    onInvalid?: (params: unknown, problem: string) => void,
  ): void {
    this.#connection.onNotification(method, (params: unknown) => {
      const parsed = v.safeParse(schema, params ?? {});
      if (!parsed.success) {
        const problem = `${method}: ${describeIssue(parsed.issues[0])}`;
        this.log.warn(problem);
        onInvalid?.(params, problem);
        return;
      }
      try {
        handler(parsed.output);
      } catch (error) {
        this.log.error(`${method} failed: ${errorSite(error)}`);
        onInvalid?.(params, `${method} failed`);
      }
    });
  }

  /** Asks the client. Rejects when it answers with an error or goes away. */
  sendRequest(method: string, params: unknown): Promise<unknown> {
    return this.#connection.sendRequest(method, params);
  }

  notify(method: string, params: object): void {
    // Before `initialize` is answered a client takes no notifications.
    if (!this.#ready) return;
    this.#connection.sendNotification(method, params).catch(() => {
      // The client is gone; the end of its stream ends the server.
    });
  }

  showMessage(kind: keyof typeof messageType, message: string): void {
    this.notify('window/showMessage', { type: messageType[kind], message });
  }

  /** Shows a message unless the same one was shown before. */
  showOnce(kind: keyof typeof messageType, message: string): void {
    if (this.#shown.has(message)) return;
    this.#shown.add(message);
    this.showMessage(kind, message);
  }

  #registerLifecycle(): void {
    this.onRequest('initialize', initializeParams, (params) => {
      this.#client = readClient(params as InitializeParams);
      this.#trace = params.trace ?? 'off';
      if (typeof params.processId === 'number') this.#watchProcess(params.processId);
      const result: InitializeResult = {
        capabilities: { positionEncoding: this.#client.encoding },
        serverInfo: { name: 'cursorcore-lsp', version: this.version },
      };
      for (const listener of this.#initialize) listener(params as InitializeParams, result);
      return result;
    });
    this.onNotification('initialized', v.unknown(), () => {
      this.#ready = true;
      this.log.info(`cursorcore-lsp ${this.version} serves, positions in ${this.#client.encoding}`);
      for (const listener of this.#initialized) listener();
    });
    this.onNotification('$/setTrace', v.looseObject({ value: v.string() }), ({ value }) => {
      this.#trace = value;
    });
    this.onRequest('shutdown', v.unknown(), async () => {
      await this.#runShutdown();
      return null;
    });
    this.onNotification('exit', v.unknown(), () => this.#end(this.#gate.shutDown ? 0 : 1));
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

  #watchProcess(processId: number): void {
    const timer = setInterval(() => {
      try {
        process.kill(processId, 0);
      } catch (error) {
        // EPERM means that it lives but is somebody else's.
        if (error instanceof Error && 'code' in error && error.code === 'EPERM') return;
        clearInterval(timer);
        this.log.info('the client is gone');
        this.#end(1);
      }
    }, watchIntervalMs);
    timer.unref();
  }

  #malformed({ kind, detail }: Malformed): void {
    this.log.warn(`malformed message: ${detail}`);
    // JSON-RPC 2.0, section 5.1: what cannot be read is answered with id null. A bad header has no message to answer.
    if (kind === 'body') this.#write(errorReply(null, ErrorCodes.ParseError, detail));
  }

  #admit(message: unknown): boolean {
    const verdict = this.#gate.check(message);
    if (verdict.pass) return true;
    this.log.warn(`refused message: ${verdict.detail}`);
    if (verdict.reply) this.#write(verdict.reply);
    return false;
  }

  #write(message: ErrorReply): void {
    this.#writer.write(message).catch(() => {
      // As in `notify`.
    });
  }

  #logToClient(level: LogLevel, message: string): void {
    if (level === 'debug' && this.#trace !== 'verbose') return;
    this.notify('window/logMessage', { type: messageType[level], message });
  }
}
