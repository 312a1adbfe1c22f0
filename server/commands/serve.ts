import { createConnection, type Socket } from 'node:net';
import { errorSite, errorText, systemErrorWords } from '../../shared/errors.ts';
import type { CompletionOptions } from '../lsp/completionService.ts';
import { createServer } from '../lsp/create.ts';
import { Log } from '../lsp/log.ts';

/** How the editor talks to the server: it listens on the socket or pipe, and the server connects. */
export type Transport =
  | { readonly kind: 'stdio' }
  | { readonly kind: 'socket'; readonly port: number }
  | { readonly kind: 'pipe'; readonly name: string };

export interface ServeOptions {
  readonly transport: Transport;
  readonly version: string;
  /** Where to append what the server does; without text of documents. */
  readonly logFile?: string;
  /** Where to serve completions as well. */
  readonly completions?: CompletionOptions;
}

/**
 * Serves LSP until the client is gone, and gives the process's exit code. Rejects when there is nobody to connect to or
 * the log file cannot be written.
 */
export async function serve({ transport, version, logFile, completions }: ServeOptions): Promise<number> {
  const log = new Log();
  if (logFile !== undefined) openLog(log, logFile);
  process.on('unhandledRejection', (error) => log.error(`unhandled: ${errorSite(error)}`));
  process.on('uncaughtExceptionMonitor', (error) => log.error(`uncaught: ${errorSite(error)}`));
  const { input, output } = await open(transport);
  // A client that dies leaves a broken pipe; the end of the input is what ends the server.
  output.on('error', (error) => log.debug(`output: ${errorText(error)}`));
  const isLsp = watchForHeader(input);
  const code = await createServer({ input, output, version, log }, undefined, completions).listen();
  // Someone who has piped in something else learns why nothing came back.
  if (code !== 0 && !isLsp()) process.stderr.write('cursorcore-lsp: the input ended and had no LSP message in it\n');
  return code;
}

function openLog(log: Log, file: string): void {
  try {
    log.addFile(file);
  } catch (error) {
    throw new Error(`the log file ${file} cannot be written: ${systemErrorWords(error)}`);
  }
}

/** Whether a header has come in so far; every message begins with one (LSP 3.18, "Base Protocol"). */
function watchForHeader(input: NodeJS.ReadableStream): () => boolean {
  const header = /content-length:/i;
  let tail = '';
  let seen = false;
  const look = (data: Buffer | string) => {
    tail += data.toString('latin1');
    seen = header.test(tail);
    tail = tail.slice(-'content-length'.length);
    if (seen) input.off('data', look);
  };
  input.on('data', look);
  return () => seen;
}

async function open(
  transport: Transport,
): Promise<{ readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream }> {
  if (transport.kind === 'stdio') return { input: process.stdin, output: process.stdout };
  const socket = await connect(transport.kind === 'pipe' ? { path: transport.name } : { port: transport.port });
  return { input: socket, output: socket };
}

function connect(address: { path: string } | { port: number }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ ...address, ...('port' in address ? { host: '127.0.0.1' } : {}) });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}
