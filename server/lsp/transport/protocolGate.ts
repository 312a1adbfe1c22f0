import { ErrorCodes } from 'vscode-languageserver';
import { isRecord } from '../../../shared/isRecord.ts';

export type MessageVerdict =
  | { readonly pass: true }
  | { readonly pass: false; readonly detail: string; readonly reply?: ErrorReply };

export interface ErrorReply {
  readonly jsonrpc: '2.0';
  readonly id: number | string | null;
  readonly error: { readonly code: number; readonly message: string };
}

type Lifecycle = 'new' | 'running' | 'shut down';

/**
 * Decides which parsed messages may reach the server: well-formed JSON-RPC (2.0, sections 4 and 5), in the order that
 * LSP's lifecycle allows (3.18, "Server lifecycle"). Others are answered with the protocol's error where they can be
 * answered, and discarded otherwise. Responses are repaired in place.
 */
export class ProtocolGate {
  #lifecycle: Lifecycle = 'new';

  get shutDown(): boolean {
    return this.#lifecycle === 'shut down';
  }

  check(message: unknown): MessageVerdict {
    if (!isRecord(message)) return refuse(null, ErrorCodes.InvalidRequest, 'a message must be an object');
    if (message.jsonrpc !== '2.0') {
      return refuse(idOf(message), ErrorCodes.InvalidRequest, 'jsonrpc must be "2.0"', !('id' in message));
    }
    if (!('method' in message)) return this.#checkResponse(message);
    if (typeof message.method !== 'string') {
      return refuse(idOf(message), ErrorCodes.InvalidRequest, 'method must be a string', !('id' in message));
    }
    return 'id' in message
      ? this.#checkRequest(message, message.method)
      : this.#checkNotification(message, message.method);
  }

  /**
   * An answer to a request of ours. A malformed one is turned into an error, so that the caller is informed at once;
   * vscode-jsonrpc would take it for a success, or throw and leave the caller waiting.
   */
  #checkResponse(message: Record<string, unknown>): MessageVerdict {
    // Some clients send ids back as strings.
    const id = typeof message.id === 'string' && /^\d{1,15}$/.test(message.id) ? Number(message.id) : message.id;
    if (typeof id !== 'number') return drop('a response must carry our id');
    message.id = id;
    const { result, error } = message;
    const fails = error !== undefined && error !== null;
    if (fails || result === undefined) {
      delete message.result;
      message.error = asError(error);
    } else {
      delete message.error;
    }
    return { pass: true };
  }

  #checkRequest(message: Record<string, unknown>, method: string): MessageVerdict {
    const id = idOf(message);
    if (id === null) return refuse(null, ErrorCodes.InvalidRequest, 'id must be a number or a string');
    if (!hasNamedParams(message)) return refuse(id, ErrorCodes.InvalidParams, `${method}: params must be an object`);
    if (this.#lifecycle === 'shut down') return refuse(id, ErrorCodes.InvalidRequest, 'the server is shut down');
    if (method === 'initialize') {
      if (this.#lifecycle === 'running') return refuse(id, ErrorCodes.InvalidRequest, 'already initialized');
      this.#lifecycle = 'running';
      return { pass: true };
    }
    if (this.#lifecycle === 'new') return refuse(id, ErrorCodes.ServerNotInitialized, 'initialize must come first');
    if (method === 'shutdown') this.#lifecycle = 'shut down';
    return { pass: true };
  }

  #checkNotification(message: Record<string, unknown>, method: string): MessageVerdict {
    if (method === 'exit') return { pass: true };
    if (!hasNamedParams(message)) return drop(`${method}: params must be an object`);
    if (this.#lifecycle !== 'running' && method !== '$/cancelRequest') {
      return drop(`${method} ${this.#lifecycle === 'new' ? 'before initialize' : 'after shutdown'}`);
    }
    // vscode-jsonrpc reads these itself without checking their shape.
    const params = isRecord(message.params) ? message.params : {};
    if (method === '$/cancelRequest' && idOf(params) === null)
      return drop(`${method}: id must be a number or a string`);
    if (method === '$/progress' && !('token' in params)) return drop(`${method}: token is missing`);
    return { pass: true };
  }
}

export function errorReply(id: number | string | null, code: number, message: string): ErrorReply {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

function refuse(id: number | string | null, code: number, detail: string, silent = false): MessageVerdict {
  return silent ? drop(detail) : { pass: false, detail, reply: errorReply(id, code, detail) };
}

function drop(detail: string): MessageVerdict {
  return { pass: false, detail };
}

/** A valid error of a response (JSON-RPC 2.0, section 5.1), whatever was sent. */
function asError(error: unknown): { code: number; message: string; data?: unknown } {
  const { code, message, data } = isRecord(error) ? error : {};
  return {
    code: typeof code === 'number' ? code : ErrorCodes.UnknownErrorCode,
    message: typeof message === 'string' ? message : 'the response is malformed',
    ...(data === undefined ? {} : { data }),
  };
}

function idOf(message: Record<string, unknown>): number | string | null {
  const id = message.id;
  return typeof id === 'number' || typeof id === 'string' ? id : null;
}

/** All parameters of LSP are named; some JSON-RPC libraries send an empty list if there are none. */
function hasNamedParams({ params }: Record<string, unknown>): boolean {
  if (Array.isArray(params)) return params.every((param) => param === null);
  return params === undefined || params === null || isRecord(params);
}
