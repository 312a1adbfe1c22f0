import * as v from 'valibot';
import { errorText } from '../../shared/errors.ts';
import type { LanguageServer } from './server.ts';

/** Work that is done sooner, in milliseconds, is not announced. */
const announceAfterMs = 1000;

/** Shows `work` to the user when it takes long, under `title`; `cancel` is what the user's cancelling does. */
export type ShowProgress = (title: string, work: Promise<unknown>, cancel: () => void) => void;

/** Work-done progress that the server begins (LSP 3.18, "Server Initiated Progress"), where the client can show it. */
export function registerProgress(server: LanguageServer): ShowProgress {
  const cancels = new Map<string, () => void>();
  let lastToken = 0;

  server.onNotification(
    'window/workDoneProgress/cancel',
    v.looseObject({ token: v.union([v.string(), v.number()]) }),
    ({ token }) => cancels.get(String(token))?.(),
  );

  const announce = async (title: string, done: Promise<void>, cancel: () => void) => {
    const token = `cursorcore-${++lastToken}`;
    const report = (value: object) => server.notify('$/progress', { token, value });
    try {
      await server.sendRequest('window/workDoneProgress/create', { token });
    } catch (error) {
      server.log.debug(`window/workDoneProgress/create: ${errorText(error)}`);
      return;
    }
    cancels.set(token, cancel);
    report({ kind: 'begin', title, cancellable: true });
    await done;
    cancels.delete(token);
    report({ kind: 'end' });
  };

  return (title, work, cancel) => {
    if (server.client.capabilities.window?.workDoneProgress !== true) return;
    const timer = setTimeout(() => void announce(title, done, cancel), announceAfterMs);
    const done = work.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
  };
}
