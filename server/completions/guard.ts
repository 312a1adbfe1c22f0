import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { bracketed, type ListenAddress } from './address.ts';

/** A request that is not served: HTTP's status, and what to do about it. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const completionPath = '/v1/completions';

/**
 * Refuses whatever is no completion request by a program of the user's on this machine. A page in a browser can send requests to
 * the loopback address, too, and by a name that it has resolve to it (DNS rebinding); what a browser sends says so.
 */
export function checkRequest(request: IncomingMessage, token: string, { host, port }: ListenAddress): void {
  const { headers, method } = request;
  const names = [...new Set([bracketed(host), 'localhost'])].map((name) => `${name}:${port}`);
  if (!names.includes((headers.host ?? '').toLowerCase())) {
    throw new Refusal(403, `this serves ${names.join(' and ')} alone`);
  }
  // Node's own fetch sends others of these headers.
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined)
    throw new Refusal(403, 'this does not serve browsers');
  const [path] = (request.url ?? '').split('?');
  if (path !== completionPath) throw new Refusal(404, `this serves POST ${completionPath} alone`);
  if (method !== 'POST') throw new Refusal(405, `this serves POST ${completionPath} alone`);
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (given === undefined || !isSame(given.trim(), token)) {
    throw new Refusal(401, 'the token is missing or wrong: send `Authorization: Bearer TOKEN`');
  }
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    throw new Refusal(415, 'the content type must be application/json');
  }
}

/** Takes as long whatever differs. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Lets through so many requests at once, and then as many a second. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  #left: number;
  #atMs: number;

  /** `now` is in milliseconds. */
  constructor(burst: number, perSecond: number, now: () => number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#now = now;
    this.#left = burst;
    this.#atMs = now();
  }

  /** Whether one more may pass; if so, it counts. */
  pass(): boolean {
    const now = this.#now();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
