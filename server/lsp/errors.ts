import { ErrorCodes, ResponseError } from 'vscode-jsonrpc';

/** LSP 3.18, `LSPErrorCodes`. */
const requestCancelledCode = -32800;
const contentModifiedCode = -32801;

export function requestCancelled(message: string): ResponseError<void> {
  return new ResponseError(requestCancelledCode, message);
}

export function invalidParams(message: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidParams, message);
}

export function contentModified(message: string): ResponseError<void> {
  return new ResponseError(contentModifiedCode, message);
}
