import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as v from 'valibot';
import { readPrompt } from '../../shared/completions/completionPrompt.ts';
import type { ServedPrompt } from '../../shared/completions/servedPrompt.ts';
import { EngineError, errorText } from '../../shared/errors.ts';
import { counted } from '../../shared/plural.ts';
import type { Engine } from '../engines/engine.ts';
import type { Exclusion } from '../history/exclusion.ts';
import type { Settings } from '../settings/settings.ts';
import { bracketed, type ListenAddress } from './address.ts';
import { checkRequest, completionPath, RateLimit, Refusal } from './guard.ts';
import { predictRegion } from './predictRegion.ts';
import { type CompletionRequest, completionRequest } from './requestSchema.ts';

/** A prompt of Zed's holds some 12 kB. */
const maxBody = 256 * 1024;
/** Editors ask with every key; these are more than anyone types. */
const [burst, perSecond] = [60, 30];
const maxAtOnce = 8;

export interface EndpointOptions {
  readonly address: ListenAddress;
  /** What a client has to send as `Authorization: Bearer TOKEN`. */
  readonly token: string;
  readonly engines: () => Promise<readonly Engine[]>;
  readonly settings: () => Settings;
  /** Why nothing is to be predicted in a file, by its path and the text that the prompt shows; undefined where it may. */
  readonly keptOut: (path: string, text: string) => string | undefined;
  /** For the log: names, counts and times, never text. */
  readonly log: (message: string) => void;
}

/** Files are kept out by the same rules as in an editor; their content is checked with every prompt. */
export function keptOutBy(exclusion: Exclusion): EndpointOptions['keptOut'] {
  return (path, text) => exclusion.reason(`file:///${encodeURI(path)}`, text, Number.POSITIVE_INFINITY);
}

/**
 * Completions as OpenAI's API has them, for editors that send the prompts of next-edit models: each prompt is read back into
 * a conversation, the engines are asked as for any other client, and the answer is what such a model would write. On a loopback
 * address alone, with a token, for no browser.
 */
export class CompletionEndpoint {
  readonly #options: EndpointOptions;
  readonly #server: Server;
  readonly #rate = new RateLimit(burst, perSecond, () => performance.now());
  /** What is being predicted, by path: a newer request for the same file ends an older one. */
  readonly #running = new Map<string, AbortController>();
  #atOnce = 0;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8192 },
      (request, response) => {
        void this.#serve(request, response);
      },
    );
    this.#server.maxConnections = 64;
  }

  /** Rejects where the address cannot be had, e.g. with EADDRINUSE. Gives the URL that clients send requests to. */
  async listen(): Promise<string> {
    const { host, port } = this.#options.address;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, resolve);
    });
    return `http://${bracketed(host)}:${this.#port}${completionPath}`;
  }

  async close(): Promise<void> {
    for (const controller of this.#running.values()) controller.abort();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  get #port(): number {
    const bound = this.#server.address();
    return typeof bound === 'object' && bound ? bound.port : this.#options.address.port;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#atOnce++;
    try {
      checkRequest(request, this.#options.token, { host: this.#options.address.host, port: this.#port });
      if (this.#atOnce > maxAtOnce || !this.#rate.pass()) throw new Refusal(429, 'too many requests');
      const asked = readRequest(await bodyOf(request));
      const prompt = readPrompt(asked.prompt);
      if (!prompt) {
        throw new Refusal(
          400,
          'the prompt is in none of the formats zeta, zeta2 and zeta2.1; in Zed, set "model": "zeta2" and "prompt_format": "infer"',
        );
      }
      send(response, asked, prompt.answer(await this.#predict(prompt, response)));
    } catch (error) {
      this.#refuse(response, error);
    } finally {
      this.#atOnce--;
    }
  }

  /** What the region becomes; as it is where that takes so long that the client asks again, or has gone. */
  async #predict(prompt: ServedPrompt, response: ServerResponse): Promise<string> {
    const { engines, settings, keptOut, log } = this.#options;
    const { path, region } = prompt;
    this.#running.get(path)?.abort();
    const controller = new AbortController();
    this.#running.set(path, controller);
    response.once('close', () => {
      if (!response.writableFinished) controller.abort();
    });
    const start = performance.now();
    try {
      const reason = settings().enable ? keptOut(path, prompt.before + region + prompt.after) : 'predictions are off';
      if (reason !== undefined) {
        log(`completion: none, ${reason}`);
        return region;
      }
      const predicted = await predictRegion(await engines(), prompt, settings(), controller.signal);
      const took = (performance.now() - start).toFixed(1);
      log(`completion: ${prompt.format}, ${counted(predicted.edits, 'edit')} by ${predicted.engine} in ${took} ms`);
      return predicted.region;
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      return region;
    } finally {
      if (this.#running.get(path) === controller) this.#running.delete(path);
    }
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const known = error instanceof Refusal || error instanceof EngineError;
    const message = known ? error.message : 'the engine failed';
    const status = error instanceof Refusal ? error.status : 503;
    this.#options.log(`completion: ${status}, ${known ? message : errorText(error)}`);
    if (response.headersSent || response.destroyed) return;
    const type = status < 500 ? 'invalid_request_error' : 'server_error';
    // The rest of a body that is not wanted is not read.
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify({ error: { message, type } }));
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > maxBody) throw new Refusal(413, `a request may have ${maxBody} bytes at most`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function readRequest(body: string): CompletionRequest {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Refusal(400, 'the body is no JSON');
  }
  const read = v.safeParse(completionRequest, value);
  if (!read.success) throw new Refusal(400, 'the body must be an object with a string `prompt`');
  return read.output;
}

/** One completion, whole; to a client that wants a stream, as a stream of one piece. */
function send(response: ServerResponse, { model, stream }: CompletionRequest, text: string): void {
  const completion = {
    id: `cmpl-${randomUUID()}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [{ index: 0, text, logprobs: null, finish_reason: 'stop' }],
    // Nothing here counts tokens.
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  };
  response.writeHead(200, {
    'content-type': stream ? 'text/event-stream' : 'application/json',
    'cache-control': 'no-store',
  });
  response.end(stream ? `data: ${JSON.stringify(completion)}\n\ndata: [DONE]\n\n` : JSON.stringify(completion));
}
