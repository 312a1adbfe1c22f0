import { autoOr, flag, number, oneOf, setting, string, wholeNumber } from '../../settings/setting.ts';
import type { ValuesOf } from '../engineKind.ts';

/** The context length if neither the settings nor the server give it. Ollama's default is no larger. */
export const assumedContextLength = 4096;

export const remoteSettings = {
  'remote.url': setting(
    string,
    '',
    'The address of an OpenAI-compatible server (llama-server, vLLM, SGLang, Ollama and others), e.g. `http://127.0.0.1:8080`. Empty, nothing is sent anywhere; see [docs/remote.md](docs/remote.md).',
  ),
  'remote.model': setting(string, '', 'The model to ask for; empty takes the first that the server lists.'),
  'remote.promptFormat': setting(
    string,
    'auto',
    'How the model is spoken to: one of the [prompt formats](docs/formats.md); `auto` goes by the name in `remote.model`.',
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
    autoOr(number(0, 1)),
    'auto',
    'Edits that the model is less sure of are not shown, 0 to 1; `auto` as in `model.minConfidence`. Where the server gives no probabilities, each counts as 0.5.',
  ),
};

export type RemoteSettings = ValuesOf<typeof remoteSettings>;
