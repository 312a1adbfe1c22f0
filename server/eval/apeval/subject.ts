import { performance } from 'node:perf_hooks';
import type { Conversation } from '../../../shared/conversation/conversation.ts';
import type { RenderedPrompt } from '../../../shared/conversation/format.ts';
import { formats, type PromptFormatName, promptFormatNames } from '../../../shared/conversation/formats.ts';
import { promptText } from '../../../shared/conversation/prompt.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import type { Engine } from '../../engines/engine.ts';
import { findModel } from '../../engines/model/findModel.ts';
import { leastConfidence } from '../../engines/model/leastConfidence.ts';
import { ModelEngine, type ModelEngineOptions } from '../../engines/model/modelEngine.ts';
import { promptOf } from '../../engines/model/promptPlan.ts';
import { firstPrediction } from '../../engines/registry.ts';
import { readRemoteOptions } from '../../engines/remote/remoteOptions.ts';
import type { RemoteSettings } from '../../engines/remote/remoteSettings.ts';
import { remoteModel } from '../../engines/remote/startRemoteEngine.ts';
import { type GenerateRequest, noStats } from '../../model-host/hostProtocol.ts';
import type { GeneratedChunk, GenerationEnd, ModelHost } from '../../model-host/modelHost.ts';
import { ProcessModelHost } from '../../model-host/processModelHost.ts';
import { defaultSettings } from '../../settings/settings.ts';

/** A prompt as it is kept for reading: text, or messages for the model's own chat template and how the answer begins. */
export type ShownPrompt =
  | string
  | {
      readonly messages: readonly { readonly role: string; readonly content: string }[];
      readonly answerPrefix: string;
    };

/** One request to a model, and its answer word for word. */
export interface Exchange {
  readonly prompt: ShownPrompt;
  readonly answer: string;
  /** `left`: the engine had seen enough. */
  readonly ended: GenerationEnd['reason'] | 'left';
  readonly promptTokens?: number;
  readonly generatedTokens: number;
  /** Until the answer was there, in milliseconds. */
  readonly ms: number;
}

/** What an engine made of a task. */
export interface TaskOutcome {
  readonly code: string;
  readonly exchanges: readonly Exchange[];
  /** What the engine said of it: counts and reasons. */
  readonly notes: readonly string[];
  /** From asking to the code, in milliseconds, without waiting for one's turn. */
  readonly ms: number;
}

/** What is measured: an engine and, where it has one, the model under it. The one place here that knows engines. */
export interface Subject {
  readonly engine: string;
  /** The model's name and what tells it from others of that name. */
  readonly model?: { readonly name: string; readonly precision: string; readonly source: string };
  /** How the model wants to be spoken to as the paper does it: in the format for instructions, which shows the whole text. */
  readonly format?: PromptFormatName;
  /** Sends a prompt of our own; only where there is a model. */
  ask?(prompt: RenderedPrompt, maxTokens: number, signal: AbortSignal): Promise<Exchange>;
  /** The text after everything that the engine predicts is accepted. */
  predict(conversation: Conversation, signal: AbortSignal): Promise<TaskOutcome>;
  dispose(): Promise<void>;
}

/** A model's name that cannot be opened; the message says what to do. */
export class NoModel extends Error {
  override readonly name = 'NoModel';
}

/** A model of the store, or in a folder, with the settings' defaults for everything else. Throws `NoModel`. */
export async function openModel(name: string): Promise<Subject> {
  const found = await findModel(name);
  if (!found.model) throw new NoModel(found.problem.replace(/\.$/, ''));
  const { folder, manifest } = found.model;
  const setup = {
    folder,
    device: defaultSettings['model.device'],
    deviceId: 0,
    gpuMemoryLimit: 0,
    threads: 0,
  };
  const { name: model, precision, source, promptFormat, contextLength } = manifest;
  return modelSubject(new ProcessModelHost({ setup }), {
    model: { name: model, precision, source },
    format: promptFormat,
    contextLength,
  });
}

/** A model on the server that `remote.url` names. Throws `NoModel` for settings that name none. */
export function openRemote(settings: RemoteSettings): Subject {
  const read = readRemoteOptions(settings);
  if (!read.options) throw new NoModel(read.problem.replace(/\.$/, ''));
  const { host, format, contextLength } = remoteModel(read.options, () => {});
  const { model, endpoint, promptFormat, maxPromptTokens, maxNewTokens, minConfidence } = read.options;
  return modelSubject(host, {
    model: { name: model || 'served', precision: 'served', source: endpoint.host },
    format: promptFormat,
    contextLength,
    engine: { name: 'remote', format, maxPromptTokens, maxNewTokens, minConfidence },
  });
}

interface ModelFacts {
  readonly model: NonNullable<Subject['model']>;
  readonly format: PromptFormatName;
  readonly contextLength: number;
  /** What differs from the defaults of the engine `model`. */
  readonly engine?: Partial<ModelEngineOptions>;
}

/** A model behind a host of whatever kind, through the engine that serves it to editors. */
export function modelSubject(host: ModelHost, { model, format, contextLength, engine: given }: ModelFacts): Subject {
  const recorder = new RecordingHost(host);
  let notes: string[] = [];
  const engine = new ModelEngine({
    host: recorder,
    format: formats[format],
    contextLength,
    maxPromptTokens: defaultSettings['model.maxPromptTokens'],
    maxNewTokens: defaultSettings['model.maxNewTokens'],
    minConfidence: leastConfidence(defaultSettings['model.minConfidence'], formats[format]),
    ...given,
    log: (message) => notes.push(message),
  });
  // One at a time: what is recorded belongs to the task that is asked about, and a local model has no time for two.
  const inTurn = turns();
  return {
    engine: engine.name,
    model,
    format: instructionFormat(format),
    ask: (prompt, maxTokens, signal) =>
      inTurn(async () => {
        recorder.exchanges = [];
        const stream = recorder.generate({ prompt: promptOf(prompt), maxTokens, stop: prompt.stop }, signal);
        while (!(await stream.next()).done);
        const [exchange] = recorder.exchanges;
        if (!exchange) throw new Error('the model gave no answer');
        return exchange;
      }),
    predict: (conversation, signal) =>
      inTurn(async () => {
        [recorder.exchanges, notes] = [[], []];
        const prediction = await predicted([engine], conversation, signal);
        return { ...prediction, exchanges: recorder.exchanges, notes };
      }),
    dispose: () => engine.dispose(),
  };
}

/** Engines as the server asks them: the first that says something. */
export function engineSubject(engines: readonly Engine[]): Subject {
  return {
    engine: engines.map(({ name }) => name).join(' + '),
    predict: async (conversation, signal) => ({
      ...(await predicted(engines, conversation, signal)),
      exchanges: [],
      notes: [],
    }),
    dispose: async () => {
      for (const engine of engines) await engine.dispose();
    },
  };
}

/** Everything accepted. An engine that takes no instructions is not asked about one. */
async function predicted(
  engines: readonly Engine[],
  conversation: Conversation,
  signal: AbortSignal,
): Promise<Pick<TaskOutcome, 'code' | 'ms'>> {
  const begun = performance.now();
  const able = engines.filter((engine) => engine.supportsInstructions || conversation.instruction === undefined);
  const { prediction } = await firstPrediction(able, conversation, signal);
  const code = applyEdits(conversation.current, prediction.edits);
  return { code, ms: Math.round(performance.now() - begun) };
}

/** Keeps what goes to the model and comes back. */
class RecordingHost implements ModelHost {
  exchanges: Exchange[] = [];
  readonly #host: ModelHost;

  constructor(host: ModelHost) {
    this.#host = host;
  }

  get device() {
    return this.#host.device;
  }

  get contextLength() {
    return this.#host.contextLength;
  }

  async *generate(
    request: Omit<GenerateRequest, 'kind' | 'id'>,
    signal: AbortSignal,
  ): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined> {
    const begun = performance.now();
    const stream = this.#host.generate(request, signal);
    let answer = '';
    let generatedTokens = 0;
    let end: GenerationEnd | undefined;
    try {
      for (;;) {
        const next = await stream.next();
        if (next.done) {
          end = next.value;
          return end;
        }
        answer += next.value.text;
        generatedTokens += next.value.ids.length;
        yield next.value;
      }
    } finally {
      if (!end) await stream.return({ reason: 'cancelled', stats: noStats });
      this.exchanges.push({
        prompt: shown(request.prompt),
        answer,
        ended: end?.reason ?? 'left',
        ...(end ? { promptTokens: end.stats.promptTokens } : {}),
        generatedTokens,
        ms: Math.round(performance.now() - begun),
      });
    }
  }

  count(texts: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
    return this.#host.count(texts, signal);
  }

  dispose(): Promise<void> {
    return this.#host.dispose();
  }
}

function shown(prompt: GenerateRequest['prompt']): ShownPrompt {
  if ('raw' in prompt) return prompt.raw;
  if (!('messages' in prompt)) return promptText(prompt);
  const messages = prompt.messages.map(({ role, content }) => ({ role, content: promptText(content) }));
  return { messages, answerPrefix: prompt.answerPrefix };
}

/** Runs what it is given one after another. */
function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
}

function instructionFormat(name: PromptFormatName): PromptFormatName {
  const instead = formats[name].instead?.({ path: '', languageId: '', history: [], current: '', instruction: '' });
  return promptFormatNames.find((other) => formats[other] === instead) ?? name;
}
