import { createConnection, type Socket } from 'node:net';
import { errorSite, errorText } from '../../shared/errors.ts';
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
}

/**
 * Serves LSP until the client is gone, and gives the process's exit code. Rejects when there is nobody to connect to or
 * the log file cannot be written.
 */
export async function serve({ transport, version, logFile }: ServeOptions): Promise<number> {
  const log = new Log();
  if (logFile !== undefined) log.addFile(logFile);
  process.on('unhandledRejection', (error) => log.error(`unhandled: ${errorSite(error)}`));
  process.on('uncaughtExceptionMonitor', (error) => log.error(`uncaught: ${errorSite(error)}`));
  const { input, output } = await open(transport);
  // A client that dies leaves a broken pipe; the end of the input is what ends the server.
  output.on('error', (error) => log.debug(`output: ${errorText(error)}`));
  return createServer({ input, output, version, log }).listen();
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
