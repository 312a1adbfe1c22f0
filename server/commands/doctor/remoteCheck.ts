import { EngineError } from '../../../shared/errors.ts';
import { promptOf } from '../../engines/model/promptPlan.ts';
import { readRemoteOptions } from '../../engines/remote/remoteOptions.ts';
import type { ServedModel } from '../../engines/remote/servedModel.ts';
import { remoteModel } from '../../engines/remote/startRemoteEngine.ts';
import type { Settings } from '../../settings/settings.ts';

/** What was found of the server that `remote.url` names. */
export interface RemoteCheck {
  /** Host and port; absent where the address is wrong. */
  readonly host?: string;
  readonly api?: string;
  readonly promptFormat?: string;
  readonly server?: string;
  readonly model?: string;
  /** All that it lists. */
  readonly models?: readonly string[];
  readonly contextLength?: number;
  /** Until the first token came, and how many tokens a second came then; of one short answer. */
  readonly firstTokenMs?: number;
  readonly tokensPerSecond?: number | undefined;
  readonly hasProbabilities?: boolean;
  /** Why it cannot predict. */
  readonly problem?: string;
}

const maxTokens = 32;

/** Asks the server what it is, and for a short answer about nothing of the user's. Never rejects but once `signal` aborts. */
export async function checkRemote(settings: Settings, signal: AbortSignal): Promise<RemoteCheck> {
  const read = readRemoteOptions(settings);
  if (!read.options) return { problem: read.problem };
  const { endpoint, api, promptFormat } = read.options;
  let found: Partial<ServedModel> = {};
  const { host, format } = remoteModel(
    read.options,
    () => {},
    (served) => {
      found = served;
    },
  );
  const known = () => ({
    host: endpoint.host,
    api,
    promptFormat,
    ...found,
    contextLength: host.contextLength ?? found.contextLength,
  });
  const rendered = format.render({ path: 'a.py', languageId: 'python', history: [], current: 'a = 1\nb = 2\n' });
  const begun = performance.now();
  try {
    const asked = { prompt: promptOf(rendered), maxTokens, stop: [] };
    let first: number | undefined;
    let tokens = 0;
    let hasProbabilities = false;
    const answer = host.generate(asked, signal);
    for (let next = await answer.next(); !next.done; next = await answer.next()) {
      if (next.value.text !== '') first ??= performance.now();
      tokens += next.value.ids.length;
      hasProbabilities ||= next.value.logProbabilities.some((log) => !Number.isNaN(log));
    }
    if (first === undefined)
      return { ...given(known()), problem: `the server at ${endpoint.host} answers with nothing` };
    const seconds = (performance.now() - first) / 1000;
    return {
      ...given(known()),
      firstTokenMs: Math.round(first - begun),
      tokensPerSecond: tokens > 1 && seconds > 0 ? Math.round(((tokens - 1) / seconds) * 10) / 10 : undefined,
      hasProbabilities,
    };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { ...given(known()), problem: error.message };
  } finally {
    await host.dispose();
  }
}

/** Without what is not known. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
