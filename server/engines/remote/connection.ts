import { type Fetch, proxiedFetch } from '../../models/hub/hubFetch.ts';
import { EngineError } from '../engine.ts';
import { type KeySource, readKey } from './apiKey.ts';
import { connectionFailure, statusFailure } from './failures.ts';
import type { Patience } from './patience.ts';
import type { Endpoint } from './remoteAddress.ts';

/** Maximum size of lists of models and the like, in bytes. */
const maxJson = 8 * 1024 * 1024;

/**
 * Requests to one server. Node's own `fetch`, without a client library: it keeps connections alive, streams, closes the
 * connection when aborted, and takes no time to load. A library for OpenAI's API would add only types and retries;
 * retries here have to end with the keystroke that they serve, and the types do not cover how servers differ.
 *
 * Redirects are not followed: fetch would leave out the key, but send the code along.
 */
export class Connection {
  readonly endpoint: Endpoint;
  readonly #key: KeySource;
  #fetch: Promise<Fetch> | undefined;

  constructor(endpoint: Endpoint, key: KeySource) {
    this.endpoint = endpoint;
    this.#key = key;
  }

  /**
   * The answer to a GET, or a POST where there is a body, once its headers are there, with status 200. Its body must be
   * read with the same `patience`; `signal` may end it sooner. Rejects with an EngineError, or with the reason that `patience` was ended for.
   */
  async request(url: string, patience: Patience, body?: object, signal = patience.signal): Promise<Response> {
    const { host } = this.endpoint;
    const key = await readKey(this.#key);
    const headers = {
      accept: 'text/event-stream, application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
    const send = await this.#fetchOf();
    let response: Response;
    patience.asked();
    try {
      response = await send(url, {
        method: body ? 'POST' : 'GET',
        headers,
        ...(body ? { body: JSON.stringify(body) } : {}),
        redirect: 'manual',
        signal,
      });
    } catch (error) {
      patience.answered();
      throw connectionFailure(patience.signal.aborted ? patience.signal.reason : error, host, false);
    }
    patience.heard();
    if (response.status === 200) return response;
    // The unread rest of the answer is dropped with the connection, once nothing more is needed.
    throw await statusFailure(response, host, key !== undefined, () => this.text(response, patience));
  }

  /** The same for a method that answers with JSON, read to the end. */
  async json(url: string, patience: Patience, body?: object, signal = patience.signal): Promise<unknown> {
    const text = await this.text(await this.request(url, patience, body, signal), patience);
    try {
      return JSON.parse(text);
    } catch {
      throw this.notTheApi(/^\s*</.test(text) ? 'a web page' : 'something that is no JSON');
    }
  }

  /** A response's whole text. */
  async text(response: Response, patience: Patience): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of this.bytes(response, patience)) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > maxJson) throw this.notTheApi('more than any answer is long');
    }
    return text + decoder.decode();
  }

  /** A response's body as it comes. */
  async *bytes(response: Response, patience: Patience): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const bytes of response.body ?? []) {
        patience.heard();
        yield bytes;
      }
      patience.answered();
    } catch (error) {
      throw connectionFailure(patience.signal.aborted ? patience.signal.reason : error, this.endpoint.host, true);
    }
  }

  /** The other side is not the expected kind of server. */
  notTheApi(what: string): EngineError {
    return new EngineError(
      `the server at ${this.endpoint.host} answers with ${what}: see whether remote.url is the address of an OpenAI-compatible server`,
      { topic: 'remote: no such API' },
    );
  }

  /** Through the proxy that the environment names; never for this machine. */
  async #fetchOf(): Promise<Fetch> {
    if (this.endpoint.isLoopback) return fetch;
    try {
      this.#fetch ??= proxiedFetch(process.env);
      return await this.#fetch;
    } catch (error) {
      throw new EngineError(error instanceof Error ? error.message : String(error), { topic: 'remote: proxy' });
    }
  }
}
