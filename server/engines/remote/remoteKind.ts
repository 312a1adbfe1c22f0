import { formatFor, formats, type PromptFormatName, promptFormatNames } from '../../../shared/conversation/formats.ts';
import { cursorCoreTokens } from '../../../shared/conversation/prompt.ts';
import { flag, number, oneOf, setting, string, wholeNumber } from '../../settings/setting.ts';
import { engineKind, type ValuesOf } from '../engineKind.ts';
import { WorkerEngine } from '../workerEngine.ts';
import { type KeySource, keySourceProblem } from './apiKey.ts';
import type { TimeLimits } from './patience.ts';
import { type Endpoint, readEndpoint } from './remoteAddress.ts';
import type { Api } from './requestBody.ts';

/** All that the engine needs to know; a plain value, for the thread that it runs on. */
export interface RemoteOptions extends TimeLimits {
  readonly endpoint: Endpoint;
  readonly key: KeySource;
  readonly api: Api;
  /** The model's name; empty for the first that the server lists. */
  readonly model: string;
  readonly promptFormat: PromptFormatName;
  /** Tokens of prompt and answer together; 0 for what the server says. */
  readonly contextLength: number;
  /** As `ModelEngineOptions` has them. */
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  readonly minConfidence: number;
}

/** Where neither the settings nor the server say how many tokens there is room for. Ollama has no more by default. */
export const assumedContextLength = 4096;

const settings = {
  'remote.url': setting(
    string,
    '',
    'The address of an OpenAI-compatible server (llama-server, vLLM, SGLang, Ollama and others), e.g. `http://127.0.0.1:8080`. Empty, nothing is sent anywhere; see [docs/remote.md](docs/remote.md).',
  ),
  'remote.model': setting(string, '', 'The model to ask for; empty takes the first that the server lists.'),
  'remote.promptFormat': setting(
    oneOf(['auto', ...promptFormatNames]),
    'auto',
    'How the model is spoken to; `auto` goes by the name in `remote.model`.',
  ),
  'remote.api': setting(
    oneOf(['auto', 'completions', 'chat']),
    'auto',
    'Which of the two methods is used: `completions` for raw prompts, `chat` for messages; `auto` takes what the prompt format needs.',
  ),
  'remote.keyVariable': setting(
    string,
    '',
    'The name of the environment variable that holds the key, where the server wants one. Never the key itself.',
  ),
  'remote.keyFile': setting(string, '', 'The absolute path of a file that holds the key, instead of a variable.'),
  'remote.allowHttp': setting(
    flag,
    false,
    'Whether your code may be sent to another machine unencrypted, by `http:`; to this machine it always may.',
  ),
  'remote.contextLength': setting(
    wholeNumber(0, 1_048_576),
    0,
    `How many tokens prompt and answer may have together; 0 is what the server says, or ${assumedContextLength} where it does not.`,
  ),
  'remote.maxPromptTokens': setting(
    wholeNumber(64, 131_072),
    2048,
    'How many tokens of code, current and earlier, the server is sent at most.',
  ),
  'remote.maxNewTokens': setting(
    wholeNumber(16, 32_768),
    512,
    'How many tokens the model writes at most for one answer. Models that repeat what they are shown are shown no more than this.',
  ),
  'remote.debounceMs': setting(
    wholeNumber(0, 10_000),
    200,
    'How long the text must rest, in milliseconds, before the server is asked.',
  ),
  'remote.silenceMs': setting(
    wholeNumber(100, 600_000),
    20_000,
    'A request is given up once the server has said nothing for so long, in milliseconds.',
  ),
  'remote.answerMs': setting(
    wholeNumber(100, 3_600_000),
    60_000,
    'A request is given up once it has taken so long, in milliseconds.',
  ),
  'remote.minConfidence': setting(
    number(0, 1),
    0.3,
    'Edits that the model is less sure of are not shown, 0 to 1. Where the server gives no probabilities, each counts as 0.5.',
  ),
};

type RemoteSettings = ValuesOf<typeof settings>;

export const remote = engineKind({
  name: 'remote',
  summary: 'a language model on the server that `remote.url` names',
  settings,

  // Who names a server wants it asked; who does not, sends nothing.
  isForAuto: (values) => values['remote.url'] !== '',

  async create(values, { log, notify }) {
    const read = readRemoteOptions(values);
    if (!read.options) return { problem: read.problem, isOptional: false };
    const { options } = read;
    const engine = new WorkerEngine({
      name: 'remote',
      options,
      supportsInstructions: formats[options.promptFormat].takesInstructions,
      debounceMs: values['remote.debounceMs'],
      modelName: options.model || options.endpoint.host,
      // It waits for the server, within limits of its own; its thread answers pings meanwhile.
      timeoutMs: 0,
      onMessage: (kind, message) => (kind === 'log' ? log(message) : notify(message)),
    });
    return { engine };
  },

  async start(options: RemoteOptions, post) {
    const { startRemoteEngine } = await import('./startRemoteEngine.ts');
    return startRemoteEngine(options, post);
  },
});

/** What the settings say, or why they cannot be followed, a sentence for the user. Asks nobody. */
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
  const promptFormat = values['remote.promptFormat'] === 'auto' ? formatByName(model) : values['remote.promptFormat'];
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
      minConfidence: values['remote.minConfidence'],
      silenceMs: values['remote.silenceMs'],
      answerMs: values['remote.answerMs'],
    },
  };
}

/** Of a model on a server only the name is known; what is served has a chat template, for the most part. */
function formatByName(model: string): PromptFormatName {
  const isCursorCore = /cursorcore/i.test(model);
  const controlTokens = new Set(isCursorCore ? Object.values(cursorCoreTokens) : []);
  return formatFor({ names: [model], controlTokens, hasChatTemplate: true });
}

/** A format that renders messages alone leaves the rest to the server's chat template. */
function apiOf(promptFormat: PromptFormatName): Api {
  const probe = { path: '', languageId: '', history: [], current: '' };
  return formats[promptFormat].render(probe).prompt ? 'completions' : 'chat';
}
