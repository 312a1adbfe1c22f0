import { ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver';

export function requestCancelled(message: string): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestCancelled, message);
}

export function invalidParams(message: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidParams, message);
}

export function methodNotFound(message: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.MethodNotFound, message);
}

export function contentModified(message: string): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.ContentModified, message);
}
