import type { CancellationToken } from 'vscode-languageserver';

/** Aborts when the request that `token` came with is cancelled. */
export function abortSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
