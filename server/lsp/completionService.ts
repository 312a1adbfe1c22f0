import type { ListenAddress } from '../completions/address.ts';
import type { CompletionEndpoint } from '../completions/completionEndpoint.ts';
import { Exclusion } from '../history/exclusion.ts';
import type { Workspace } from './workspace.ts';

/** The interval between tries to listen at an address that another server uses, in milliseconds. */
const retryMs = 10_000;

export interface CompletionOptions {
  readonly address: ListenAddress;
  readonly token: string;
}

/**
 * Serves completions beside LSP, from the same engines, while the client is connected: for an editor that gets edits
 * from a model rather than from its language servers (Zed). Only one of several servers has the address; when it ends,
 * another one takes over.
 */
export function registerCompletions(
  { server, configuration, predictions }: Workspace,
  options: CompletionOptions,
): void {
  const exclusion = new Exclusion(configuration.settings);
  configuration.onChange((settings) => exclusion.update(settings));
  let endpoint: CompletionEndpoint | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const start = async () => {
    const { CompletionEndpoint, keptOutBy } = await import('../completions/completionEndpoint.ts');
    if (isClosed) return;
    const next = new CompletionEndpoint({
      ...options,
      engines: () => predictions.engines(),
      settings: () => configuration.settings,
      keptOut: keptOutBy(exclusion),
      log: (message) => server.log.debug(message),
    });
    try {
      server.log.info(`completions at ${await next.listen()}`);
      if (isClosed) await next.close();
      else endpoint = next;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken) server.warnOnce(`Completions cannot be served: ${error instanceof Error ? error.message : error}.`);
      else if (!timer) server.log.info(`completions: port ${options.address.port} is taken; it is tried again`);
      if (isTaken) timer = setTimeout(() => void start(), retryMs).unref();
    }
  };
  server.onInitialized(() => void start());
  server.onShutdown(async () => {
    isClosed = true;
    clearTimeout(timer);
    await endpoint?.close();
  });
}
