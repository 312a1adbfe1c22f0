import * as v from 'valibot';
import { errorText, systemErrorWords } from '../../shared/errors.ts';
import { printable } from '../../shared/printable.ts';
import { defaultAddress, newToken, readAddress, tokenFrom, tokenVariables } from '../completions/address.ts';
import { CompletionEndpoint, keptOutBy } from '../completions/completionEndpoint.ts';
import { CurrentEngines } from '../engines/currentEngines.ts';
import { createEngines } from '../engines/registry.ts';
import { Exclusion } from '../history/exclusion.ts';
import type { CompletionOptions } from '../lsp/completionService.ts';
import { Log } from '../lsp/log.ts';
import { defaultSettings, expectedOf, mismatch, settingSchemas } from '../settings/settings.ts';
import { failure } from './failure.ts';

export interface ServeCompletionsOptions {
  /** `PORT` or `HOST:PORT`; true for the default. */
  readonly completions: string | true;
  readonly engine?: string;
  readonly model?: string;
  readonly logFile?: string;
}

/** Where completions are served, from the command line and the environment; the token is new where neither names one. */
export function completionOptions(completions: string | true): CompletionOptions & { readonly isNew: boolean } {
  const address = completions === true ? defaultAddress : readAddress(completions);
  const token = tokenFrom(process.env);
  return { address, token: token ?? newToken(), isNew: token === undefined };
}

/** Serves completions until it is stopped (SIGINT, SIGTERM). Returns the exit code: 2 for an option that cannot be understood. */
export async function serveCompletions({
  completions,
  engine,
  model,
  logFile,
}: ServeCompletionsOptions): Promise<number> {
  const named = v.safeParse(settingSchemas.engine, engine);
  if (!named.success) return fail(`--engine: ${mismatch(expectedOf(settingSchemas.engine), engine)}`, 2);
  const settings = { ...defaultSettings, engine: named.output, 'model.name': model ?? '' };
  let options: ReturnType<typeof completionOptions>;
  try {
    options = completionOptions(completions);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), 2);
  }
  const log = new Log();
  if (logFile !== undefined) log.addFile(logFile);
  const events = { log: (message: string) => log.debug(message), notify: say };
  const engines = new CurrentEngines(
    async () => {
      const choice = await createEngines(settings, events);
      for (const notice of choice.notices) say(notice);
      return choice;
    },
    () => say('A model was installed; it is asked, too, from now on.'),
  );
  const exclusion = new Exclusion(settings);
  const endpoint = new CompletionEndpoint({
    ...options,
    engines: () => engines.get(),
    settings: () => settings,
    keptOut: keptOutBy(exclusion),
    log: (message) => log.debug(message),
  });
  try {
    const url = await endpoint.listen();
    const names = (await engines.get()).map(({ name }) => name).join(', ');
    say(`Completions are served at ${url} (engines: ${names}).`);
    if (options.isNew)
      say(`The token is ${options.token}; it is a new one each time unless ${tokenVariables[0]} is set.`);
    await stopped();
    return 0;
  } catch (error) {
    return fail(unavailable(error, options.address.port));
  } finally {
    await endpoint.close();
    await engines.close();
  }
}

function unavailable(error: unknown, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `port ${port} is taken; name another one, as in --completions 127.0.0.1:${port + 1}`;
  return code === undefined ? errorText(error) : systemErrorWords(error);
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

function say(message: string): void {
  process.stderr.write(`${printable(message)}\n`);
}

function fail(message: string, code = 1): number {
  return failure('serve', message, code);
}
