import { HubApiError } from '@huggingface/hub';
import { withoutPasswords } from '../../../shared/printable.ts';
import { StoreError } from '../store/storeError.ts';

/** An answer of the hub that reports a failure. */
export class HubStatusError extends Error {
  readonly status: number;
  /** Milliseconds that the hub asks to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(response: Response) {
    super(`status ${response.status}`);
    this.status = response.status;
    const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
    this.retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  }
}

/** The address and subject of the request, for messages. */
export interface HubRequest {
  readonly endpoint: string;
  readonly repo: string;
  readonly revision: string;
  readonly hasToken: boolean;
}

export function statusOf(error: unknown): number | undefined {
  if (error instanceof HubStatusError) return error.status;
  return error instanceof HubApiError ? error.statusCode : undefined;
}

/** Whether a retry may help: a network problem, or an overloaded hub. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return status === 408 || status === 429 || status >= 500;
  return networkCode(error) !== undefined;
}

/** A failure to talk to the hub as a StoreError that says what to do; any other error as it is. */
export function hubFailure(error: unknown, { endpoint, repo, revision, hasToken }: HubRequest): unknown {
  const status = statusOf(error);
  if (status === 401 || status === 403) {
    const what = hasToken
      ? 'HF_TOKEN was refused, or its account has no access'
      : 'it is private or gated, or does not exist';
    return new StoreError(
      `${endpoint} refuses ${repo} (status ${status}): ${what}; check the name, accept the model's terms on its page, and set HF_TOKEN to a token that may read it`,
    );
  }
  if (status === 404) {
    return new StoreError(
      `${endpoint} has no model ${repo} with a revision ${revision} (status 404); check the name and --revision`,
    );
  }
  if (status === 429) {
    return new StoreError(
      `${endpoint} asks for fewer requests (status 429); wait a while and run the command again, it goes on where it stopped`,
    );
  }
  if (status !== undefined) {
    return new StoreError(
      `${endpoint} answered with status ${status}; run the command again later, it goes on where it stopped`,
    );
  }
  const code = networkCode(error);
  if (code === undefined) return error;
  return new StoreError(
    `${endpoint} cannot be reached or broke off (${withoutPasswords(code)}); check the network, set HTTPS_PROXY or HF_ENDPOINT if you need one, and run the command again, it goes on where it stopped`,
  );
}

/** A code or a few words for a failure of the network, as `fetch` gives it; undefined for other errors. */
function networkCode(error: unknown): string | undefined {
  if (error instanceof StalledError) return error.message;
  if (!(error instanceof TypeError)) return undefined;
  // What `fetch` throws: "fetch failed", or "terminated" where the connection broke off within a body.
  if (!/fetch failed|terminated|network/i.test(error.message)) return undefined;
  let cause: unknown = error.cause;
  if (cause instanceof AggregateError) [cause] = cause.errors;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return error.message;
}

/** A connection that received nothing for too long. */
export class StalledError extends Error {}
