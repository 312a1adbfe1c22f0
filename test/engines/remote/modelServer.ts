import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ScriptedToken, tokensOf } from '../model/scriptedHost.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** As it came. */
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON was sent; a test looks at single fields.
  readonly body: any;
}

type Reply = (response: ServerResponse, received: Received) => void | Promise<void>;

/** A server of OpenAI's API over real connections, which says what the test has written down. */
export class ModelServer {
  readonly #server: Server;
  readonly received: Received[] = [];
  /** Connections made, and those of answers that were closed before their end. */
  connections = 0;
  closedEarly = 0;
  /** What the list of models calls its owner, as servers of a kind do. */
  owner = 'someone';
  models: readonly string[] = ['a-model'];
  /** What is said to a completion. */
  reply: Reply = (response, { path, body }) => stream(response, [['']], { path, body });
  /** What is said at other paths. */
  readonly at = new Map<string, Reply>();
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(port = 0): Promise<ModelServer> {
    const server = new ModelServer();
    server.#server.listen(port, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What was asked for in the way of completions. */
  get asked(): Received[] {
    return this.received.filter(({ path }) => path.endsWith('/completions'));
  }

  /** As if its process were killed. */
  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('close', () => {
      if (!response.writableFinished) this.closedEarly++;
    });
    response.on('error', () => {});
    let text = '';
    request.setEncoding('utf8');
    try {
      for await (const piece of request) text += piece;
    } catch {
      return;
    }
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, text, body: text === '' ? undefined : JSON.parse(text) };
    this.received.push(received);
    const other = this.at.get(path);
    if (other) await other(response, received);
    else if (path === '/v1/models') {
      json(response, {
        object: 'list',
        data: this.models.map((id) => ({ id, object: 'model', owned_by: this.owner })),
      });
    } else if (path.endsWith('/completions')) await this.reply(response, received);
    else json(response, { error: { message: 'nothing there' } }, 404);
  }
}

export function json(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

export function html(response: ServerResponse, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html' });
  response.end('<!doctype html>\n<title>Sign in</title><p>Please sign in.');
}

export interface Streamed {
  readonly path: string;
  /** What was asked, of which `max_tokens` and `stop` are kept, as honest servers do. */
  // biome-ignore lint/suspicious/noExplicitAny: see `Received`.
  readonly body?: any;
  readonly finish?: string | null;
  /** Whether the events tell of tokens: as OpenAI's chat has it, as its completions had it first, or not at all. */
  readonly logprobs?: 'content' | 'lists' | 'none';
}

/** One event of a streamed answer. */
export function event(
  token: ScriptedToken,
  { path, logprobs = 'content' }: Streamed,
  finish: string | null = null,
): string {
  const [text, probability = 1] = token;
  const log = Math.log(probability);
  const told =
    logprobs === 'content'
      ? { logprobs: { content: [{ token: text, logprob: log, bytes: null, top_logprobs: [] }] } }
      : logprobs === 'lists'
        ? { logprobs: { tokens: [text], token_logprobs: [log], top_logprobs: null, text_offset: [0] } }
        : {};
  const said = path.includes('/chat/') ? { delta: { content: text } } : { text };
  return `data: ${JSON.stringify({ choices: [{ index: 0, ...said, ...(text === '' ? {} : told), finish_reason: finish }] })}\n\n`;
}

/** Streams an answer as an honest server would, an event a token. */
export function stream(response: ServerResponse, answer: string | readonly ScriptedToken[], options: Streamed): void {
  const tokens = typeof answer === 'string' ? tokensOf(answer) : answer;
  const most = options.body?.max_tokens ?? tokens.length;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const token of tokens.slice(0, most)) response.write(event(token, options));
  const finish = options.finish === undefined ? (most < tokens.length ? 'length' : 'stop') : options.finish;
  response.write(event([''], options, finish));
  response.end('data: [DONE]\n\n');
}
