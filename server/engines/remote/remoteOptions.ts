import { formatFor, formats, type PromptFormatName, promptFormatNames } from '../../../shared/conversation/formats.ts';
import { cursorCoreTokens } from '../../../shared/conversation/prompt.ts';
import { leastConfidence } from '../model/leastConfidence.ts';
import { type KeySource, keySourceProblem } from './apiKey.ts';
import type { TimeLimits } from './patience.ts';
import { type Endpoint, readEndpoint } from './remoteAddress.ts';
import type { RemoteSettings } from './remoteSettings.ts';
import type { Api } from './requestBody.ts';

/** All that the engine needs to know; a plain value, for the engine's thread. */
export interface RemoteOptions extends TimeLimits {
  readonly endpoint: Endpoint;
  readonly key: KeySource;
  readonly api: Api;
  /** The model's name; empty for the first that the server lists. */
  readonly model: string;
  readonly promptFormat: PromptFormatName;
  /** Tokens of prompt and answer together; 0 for the server's own value. */
  readonly contextLength: number;
  /** As `ModelEngineOptions` has them. */
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  readonly minConfidence: number;
}

/** The options from the settings, or why these are invalid, a sentence for the user. Sends nothing. */
export function readRemoteOptions(
  values: RemoteSettings,
): { readonly options: RemoteOptions } | { readonly options?: undefined; readonly problem: string } {
  if (values['remote.url'] === '') {
    return { problem: 'no server is named: set remote.url to the address of one.' };
  }
  const read = readEndpoint(values['remote.url'], values['remote.allowHttp']);
  if (!read.endpoint) return { problem: read.problem };
  const key: KeySource = { variable: values['remote.keyVariable'].trim(), file: values['remote.keyFile'].trim() };
  const problem = keySourceProblem(key);
  if (problem !== undefined) return { problem };
  const model = values['remote.model'].trim();
  const wanted = values['remote.promptFormat'];
  const promptFormat = wanted === 'auto' ? formatByName(model) : promptFormatNames.find((name) => name === wanted);
  if (promptFormat === undefined) {
    return {
      problem: `remote.promptFormat should be auto or one of ${promptFormatNames.join(', ')}, not "${wanted}".`,
    };
  }
  const needed = apiOf(promptFormat);
  if (values['remote.api'] !== 'auto' && values['remote.api'] !== needed) {
    return {
      problem: `the setting remote.api is "${values['remote.api']}", and the prompt format ${promptFormat} needs "${needed}".`,
    };
  }
  return {
    options: {
      endpoint: read.endpoint,
      key,
      api: needed,
      model,
      promptFormat,
      contextLength: values['remote.contextLength'],
      maxPromptTokens: values['remote.maxPromptTokens'],
      maxNewTokens: values['remote.maxNewTokens'],
      minConfidence: leastConfidence(values['remote.minConfidence'], formats[promptFormat]),
      silenceMs: values['remote.silenceMs'],
      answerMs: values['remote.answerMs'],
    },
  };
}

/** Of a model on a server only the name is known; most models on servers have a chat template. */
function formatByName(model: string): PromptFormatName {
  const isCursorCore = /cursorcore/i.test(model);
  const controlTokens = new Set(isCursorCore ? Object.values(cursorCoreTokens) : []);
  return formatFor({ names: [model], controlTokens, hasChatTemplate: true });
}

/** A format that only renders messages leaves the rest to the server's chat template. */
function apiOf(promptFormat: PromptFormatName): Api {
  const probe = { path: '', languageId: '', history: [], current: '' };
  return formats[promptFormat].render(probe).prompt ? 'completions' : 'chat';
}
