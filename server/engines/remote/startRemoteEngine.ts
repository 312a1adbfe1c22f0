import type { PromptFormat } from '../../../shared/conversation/format.ts';
import { formats } from '../../../shared/conversation/formats.ts';
import { ModelEngine } from '../model/modelEngine.ts';
import type { WorkerResponse } from '../workerProtocol.ts';
import { Connection } from './connection.ts';
import { RemoteHost } from './remoteHost.ts';
import type { RemoteOptions } from './remoteOptions.ts';
import { assumedContextLength } from './remoteSettings.ts';
import type { ServedModel } from './servedModel.ts';

/** The engine with a model on a server. Nothing is sent before the first prediction. */
export function startRemoteEngine(options: RemoteOptions, post: (response: WorkerResponse) => void): ModelEngine {
  const log = (message: string) => post({ kind: 'log', message });
  return new ModelEngine({ ...options, name: 'remote', ...remoteModel(options, log), log });
}

/** A model on a server, its prompt format, and how many tokens it takes where the server does not say. */
export function remoteModel(
  { endpoint, key, api, model, promptFormat, contextLength, silenceMs, answerMs }: RemoteOptions,
  log: (message: string) => void,
  onServer: (served: ServedModel) => void = () => {},
): { readonly host: RemoteHost; readonly format: PromptFormat; readonly contextLength: number } {
  const host = new RemoteHost({
    connection: new Connection(endpoint, key),
    api,
    model,
    contextLength,
    limits: { silenceMs, answerMs },
    onServer: (served) => {
      log(`remote: ${served.server === 'other' ? 'an OpenAI-compatible server' : served.server} at ${endpoint.host}`);
      onServer(served);
    },
    onDone: ({ reason, stats }) =>
      log(
        `remote: prompt of ${stats.promptTokens || 'unknown'} tokens, ${stats.reusedTokens} of them cached by the server; ${stats.generatedTokens} generated in ${stats.decodeMs.toFixed(0)} ms after ${stats.prefillMs.toFixed(0)} ms (${reason})`,
      ),
  });
  return {
    host,
    format: beginning(formats[promptFormat], () => host.continuesAnswers),
    contextLength: contextLength || assumedContextLength,
  };
}

/** The format, but it begins no answer if the server could not continue it. */
function beginning(format: PromptFormat, canGoOn: () => boolean): PromptFormat {
  const mended = <T extends { readonly beginAnswer?: boolean }>(options: T): T =>
    canGoOn() ? options : { ...options, beginAnswer: false };
  return {
    ...format,
    instead: (conversation) => {
      const other = format.instead?.(conversation);
      return other && beginning(other, canGoOn);
    },
    render: (conversation, options = {}) => format.render(conversation, mended(options)),
    parse: (answer, conversation, options) => format.parse(answer, conversation, mended(options)),
  };
}
