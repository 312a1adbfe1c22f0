import * as v from 'valibot';
import { type CancellationToken, ErrorCodes, type ProtocolConnection, ResponseError } from 'vscode-languageserver';
import { errorSite } from '../../../shared/errors.ts';
import type { Log } from '../log.ts';
import { invalidParams, requestCancelled } from './protocolErrors.ts';
import { describeIssue, paramsSchemas } from './schemas.ts';
import { UriSpellings } from './uriSpellings.ts';

type Method = string | { readonly method: string };
type Handler = (params: never, token: never) => unknown;

/**
 * `connection`, whose handlers get only parameters that `paramsSchemas` accepts. It is between the connection and
 * vscode-languageserver, which reads parameters without checking their shape.
 *
 * A request with other parameters is answered with InvalidParams, a cancelled one with RequestCancelled, one whose
 * handler throws with InternalError, or with the ResponseError thrown. A notification that cannot be handled is logged
 * and passed to `onRefused` with its original parameters. In all messages a document has one URI, however it is
 * spelled.
 */
export function checkedConnection(
  connection: ProtocolConnection,
  log: Log,
  onRefused: (params: unknown, problem: string) => void,
): ProtocolConnection {
  const spellings = new UriSpellings();
  const onRequest = (type: Method, handler: Handler) => {
    const method = nameOf(type);
    return connection.onRequest(method, async (...args: unknown[]) => {
      // The handler of a request without parameters gets only the token.
      const token = args.at(-1) as CancellationToken;
      const params = spellings.spell(method, check(method, args.length > 1 ? args[0] : undefined));
      try {
        return await handler(params as never, token as never);
      } catch (error) {
        if (token.isCancellationRequested) throw requestCancelled(`${method} was cancelled`);
        if (error instanceof ResponseError) throw error;
        log.error(`${method} failed: ${errorSite(error)}`);
        throw new ResponseError(ErrorCodes.InternalError, `${method} failed`);
      }
    });
  };
  const onNotification = (type: Method, handler: Handler) => {
    const method = nameOf(type);
    return connection.onNotification(method, (params: unknown) => {
      try {
        handler(spellings.spell(method, check(method, params)) as never, undefined as never);
      } catch (error) {
        const refused = error instanceof ResponseError;
        if (refused) log.warn(error.message);
        else log.error(`${method} failed: ${errorSite(error)}`);
        onRefused(spellings.spell('', params), refused ? error.message : `${method} failed`);
      }
    });
  };
  return { ...connection, onRequest, onNotification };
}

function nameOf(type: Method): string {
  return typeof type === 'string' ? type : type.method;
}

function check(method: string, params: unknown): unknown {
  const parsed = v.safeParse(paramsSchemas[method] ?? v.unknown(), params ?? {});
  if (!parsed.success) throw invalidParams(`${method}: ${describeIssue(parsed.issues[0])}`);
  return parsed.output;
}
