import { printable } from '../../../shared/printable.ts';
import { HostDied } from '../../model-host/modelHost.ts';
import { EngineError } from '../engine.ts';

/** A server that goes down drops connections, then is unreachable, then busy on its return, then slow: one message. */
const noAnswer = 'remote: no answer';

/** The server asks for a pause, or is overloaded at the moment. */
export class ServerBusy extends EngineError {
  override readonly name = 'ServerBusy';
  /** In milliseconds; 0 if the server does not specify it. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super(message, { topic: noAnswer });
    this.retryAfterMs = retryAfterMs;
  }
}

/** The server rejects this form of the request; it may accept another. */
export class RequestRefused extends EngineError {
  override readonly name = 'RequestRefused';
}

/** A time limit is over; `what` continues "the server at HOST". */
export class OutOfPatience extends Error {
  override readonly name = 'OutOfPatience';
}

/** Why Node did not reach a server, in plain words. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_HEADERS_OVERFLOW: 'its headers are too long',
};

const certificates = /CERT|SIGNATURE|SSL|TLS|EPROTO/;

/** What went wrong below HTTP, for the user. `began`: whether the answer had begun. */
export function connectionFailure(error: unknown, host: string, began: boolean): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof OutOfPatience) {
    return new EngineError(`the server at ${host} ${error.message}`, { topic: noAnswer });
  }
  const code = codeOf(error);
  if (certificates.test(code)) {
    return new EngineError(
      `the server at ${host} cannot be trusted (${code}); NODE_EXTRA_CA_CERTS names a file with further authorities`,
      { topic: 'remote: certificate' },
    );
  }
  if (began) {
    return new HostDied(`the server at ${host} broke off in the middle of an answer`, { topic: noAnswer });
  }
  const why = reasons[code] ?? (code || 'the connection failed');
  return new HostDied(`the server at ${host} cannot be reached: ${why}`, { topic: noAnswer });
}

/**
 * The problem with an answer other than 200, for the user; of the server's text it contains only short names.
 * @param read reads the answer's text, if needed
 */
export async function statusFailure(
  response: Response,
  host: string,
  hasKey: boolean,
  read: () => Promise<string>,
): Promise<EngineError> {
  const { status } = response;
  const where = `the server at ${host}`;
  if (status >= 300 && status < 400) {
    const place = response.headers.get('location') ?? '';
    const to = URL.canParse(place, response.url) ? new URL(place, response.url).origin : 'another address';
    return new EngineError(
      `${where} sends on to ${printable(to)}, which is not followed: set remote.url to what is meant`,
      {
        topic: 'remote: redirect',
      },
    );
  }
  if (status === 401 || status === 403) {
    const what = hasKey ? 'refuses the key' : 'wants a key: name it with remote.keyVariable or remote.keyFile';
    return new EngineError(`${where} ${what} (status ${status})`, { topic: 'remote: key' });
  }
  if (status === 429 || status === 408 || (status >= 500 && status !== 501 && status !== 505)) {
    const what = status === 429 ? 'is asked too often, or a quota is used up' : 'cannot answer now';
    return new ServerBusy(`${where} ${what} (status ${status})`, retryAfterMs(response.headers));
  }
  const name = errorName(await read().catch(() => ''));
  const more = name === '' ? '' : `, ${name}`;
  if (status === 404 || status === 405 || status === 501) {
    return new EngineError(
      `${where} has no such method or model (status ${status}${more}): see remote.url, remote.model and remote.api`,
      { topic: 'remote: not found' },
    );
  }
  const long = /context|length|too_?long/i.test(name) ? '; a smaller remote.contextLength may help' : '';
  return new RequestRefused(`${where} refuses the request (status ${status}${more})${long}`, {
    topic: 'remote: refused',
  });
}

/** `Retry-After` (RFC 9110) as milliseconds from now; 0 without one. */
function retryAfterMs(headers: Headers): number {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/** `error.code` or `error.type` of a refusal, if it is a name; the error's message may quote the prompt, or the key. */
function errorName(text: string): string {
  try {
    const error = field(JSON.parse(text), 'error');
    return [field(error, 'type'), field(error, 'code')].find(isName) ?? '';
  } catch {
    return '';
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z_.-]{0,63}$/.test(value);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** The innermost error's code: `fetch` reports every error as `TypeError: fetch failed`, with details in the cause. */
function codeOf(error: unknown): string {
  const inner = field(error, 'cause');
  if (inner !== undefined) return codeOf(inner);
  const errors = field(error, 'errors');
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const code = field(first ?? error, 'code');
  return typeof code === 'string' ? code : '';
}
