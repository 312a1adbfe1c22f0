import type { Conversation, PredictedEdit, Prediction } from '../../../shared/conversation/conversation.ts';
import type { ParsedAnswer, PromptFormat } from '../../../shared/conversation/format.ts';
import { promptText } from '../../../shared/conversation/prompt.ts';
import { counted } from '../../../shared/plural.ts';
import { printableText } from '../../../shared/printable.ts';
import { noStats } from '../../model-host/hostProtocol.ts';
import { HostDied, type ModelHost } from '../../model-host/modelHost.ts';
import { type Engine, EngineError } from '../engine.ts';
import type { GenerationExplanation } from '../explanation.ts';
import { sourceConfidences } from './confidence.ts';
import { gate } from './gate.ts';
import { type GateScene, gateScene, nothingToShow } from './gateRules.ts';
import { Generation } from './generation.ts';
import { PartialAnswers } from './partialAnswers.ts';
import { type PromptPlan, planPrompt, promptOf, promptParts } from './promptPlan.ts';
import { TokenCounter } from './tokenCounter.ts';
import { wholeAnswer, writeAnswer } from './writing.ts';

export interface ModelEngineOptions {
  /** The engine's name; its settings are the group of this name. */
  readonly name?: string;
  readonly host: ModelHost;
  readonly format: PromptFormat;
  /** Tokens of prompt and answer together that the model was made for, if the host does not know. */
  readonly contextLength: number;
  /** Maximum tokens of code shown, and of the answer; 0 for a number that suits the device. */
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  /** Less certain hunks are not shown, 0 to 1; hunks that an instruction asked for always are. */
  readonly minConfidence: number;
  /** Whether nothing must be done now that nobody has asked for. */
  readonly mustSpare?: () => Promise<boolean>;
  /** Names, counts and times; never text of documents. */
  readonly log?: (message: string) => void;
}

interface Shown {
  readonly edits: readonly PredictedEdit[];
  /** Why the answer's other edits were left out. */
  readonly refusals: ReadonlySet<string>;
}

/** Defaults. On a CPU a token takes milliseconds to read and tens of them to write. */
const defaultLimits = {
  cpu: { maxPromptTokens: 768, maxNewTokens: 320 },
  cuda: { maxPromptTokens: 6144, maxNewTokens: 2048 },
};

/**
 * Predicts with a language model, through its prompt format. Stops generating as soon as the first hunk that the gate
 * accepts is complete; `finish` continues from there. Greedy decoding, hence deterministic.
 */
export class ModelEngine implements Engine {
  readonly name: string;
  readonly supportsInstructions: boolean;
  readonly #options: ModelEngineOptions;
  readonly #counter: TokenCounter;
  readonly #partial = new PartialAnswers();

  constructor(options: ModelEngineOptions) {
    this.#options = options;
    this.name = options.name ?? 'model';
    this.supportsInstructions = options.format.takesInstructions;
    this.#counter = new TokenCounter(options.host);
  }

  predict(conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    return this.#withOneRetry(signal, async () => {
      const scene = conversation.instruction === undefined ? gateScene(conversation) : undefined;
      if (scene && nothingToShow(scene)) {
        this.#log('not asked: nothing was edited before, and no line at the cursor is unfinished');
        return { edits: [] };
      }
      const plan = await this.#plan(conversation, signal);
      if (!plan) return { edits: [] };
      return this.#answer(conversation, plan, new Generation(), signal, scene);
    });
  }

  finish(conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    return this.#withOneRetry(signal, async () => {
      const begun = this.#partial.of(conversation);
      const plan = begun?.plan ?? (await this.#plan(conversation, signal));
      if (!plan) return { edits: [] };
      return this.#answer(conversation, plan, begun?.generation ?? new Generation(), signal);
    });
  }

  /** Loads the model, and reads what of the prompt is likely to stay as it is while the user types on. */
  async prepare(conversation: Conversation, signal: AbortSignal): Promise<void> {
    const { host } = this.#options;
    if (!host.read || (await this.#options.mustSpare?.())) return;
    const plan = await this.#plan(conversation, signal);
    if (plan) await host.read(promptOf(plan.rendered), signal);
  }

  /** For the whole answer, whereas `predict` stops at the first shown hunk. */
  explain(conversation: Conversation, signal: AbortSignal): Promise<GenerationExplanation> {
    return this.#withOneRetry(signal, async () => {
      const plan = await this.#plan(conversation, signal);
      const { name: format } = plan?.format ?? this.#options.format;
      const about = { kind: 'generation', format } as const;
      if (!plan) return { ...about, silence: 'The lines around the cursor are too long for the prompt.', edits: [] };
      const { options, rendered, promptTokens } = plan;
      const { excerpt, editable } = options;
      const { generation, end } = await wholeAnswer(this.#options.host, plan, signal);
      const parsed = this.#read(plan, generation, end.reason === 'stop');
      const { edits, refusals } = this.#shown(conversation, parsed, generation);
      return {
        ...about,
        ...(excerpt ? { excerpt } : {}),
        ...(editable ? { editable } : {}),
        prompt: promptText(promptParts(rendered)),
        promptTokens,
        reusedTokens: end.stats.reusedTokens,
        answer: rendered.answerPrefix + generation.text,
        ended: end.reason,
        ...(parsed.problem === undefined ? {} : { problem: parsed.problem }),
        read: parsed.edits,
        refusals: [...refusals],
        edits,
      };
    });
  }

  dispose(): Promise<void> {
    return this.#options.host.dispose();
  }

  /** A host that died may well answer after a restart; one that reports that it cannot answer is not asked twice. */
  async #withOneRetry<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !(error instanceof HostDied)) throw error;
      this.#log(`once more, for ${error.message}`);
      return await work();
    }
  }

  async #plan(conversation: Conversation, signal: AbortSignal): Promise<PromptPlan | undefined> {
    const { host, contextLength } = this.#options;
    // Loads the model; then the device and the host's information about it are known.
    if (host.device === undefined) await this.#counter.load(signal);
    const defaults = defaultLimits[host.device ?? 'cpu'];
    const limits = {
      contextLength: host.contextLength ?? contextLength,
      maxPromptTokens: this.#options.maxPromptTokens || defaults.maxPromptTokens,
      maxNewTokens: this.#options.maxNewTokens || defaults.maxNewTokens,
    };
    const plan = await planPrompt(this.#options.format, conversation, limits, this.#counter, signal);
    if (!plan && conversation.instruction !== undefined) {
      throw new EngineError(
        `What is selected is too long for the model; select fewer lines, or raise ${this.name}.maxPromptTokens and ${this.name}.maxNewTokens.`,
      );
    }
    if (!plan) this.#log('not asked: the lines around the cursor are too long for the prompt');
    return plan;
  }

  /** Continues `generation` to the end; with a scene, to the end of the first hunk that is shown, or to where none could be. */
  async #answer(
    conversation: Conversation,
    plan: PromptPlan,
    generation: Generation,
    signal: AbortSignal,
    scene?: GateScene,
  ): Promise<Prediction> {
    const begun = performance.now();
    let parsed: ParsedAnswer | undefined;
    let partial = false;
    let judged = 0;
    this.#log(asking(plan));
    // What an early end leaves to be said matters where nothing is shown yet, and where all is wanted.
    const isWanted = (ended: Generation) =>
      !scene || this.#shown(conversation, this.#read(plan, ended, true), ended, scene).edits.length === 0;
    const stream = writeAnswer(this.#options.host, plan, generation, signal, isWanted);
    for (;;) {
      const next = await stream.next();
      if (next.done) {
        generation = next.value.generation;
        parsed = this.#read(plan, generation, next.value.end.reason === 'stop');
        break;
      }
      generation = next.value;
      if (!scene) continue;
      parsed = this.#read(plan, generation, false);
      if (parsed.state === 'first hunk complete' && parsed.edits.length > judged) {
        judged = parsed.edits.length;
        partial = this.#shown(conversation, parsed, generation, scene).edits.length > 0;
      }
      // Generation does not stop at a hunk that is not shown, only where nothing that follows could be.
      if (!partial && !this.#isInVain(scene, plan, parsed, generation)) continue;
      await stream.return({ generation, end: { reason: 'cancelled', stats: noStats } });
      break;
    }
    signal.throwIfAborted();
    if (partial) this.#partial.keep(conversation, { plan, generation });
    const shown = this.#shown(conversation, parsed, generation, scene);
    const { edits } = shown;
    this.#logAnswer(generation, parsed, shown, partial, performance.now() - begun);
    const chat = conversation.instruction === undefined ? undefined : parsed.chat && printableText(parsed.chat);
    return { edits, ...(chat ? { chat } : {}), ...(partial && edits.length > 0 ? { partial } : {}) };
  }

  #read(plan: PromptPlan, { text }: Generation, complete: boolean): ParsedAnswer {
    const { format, rendered, conversation, options } = plan;
    return format.parse(rendered.answerPrefix + text, conversation, { ...options, complete });
  }

  /** Whether nothing that the model may still write could be shown. */
  #isInVain(
    scene: GateScene,
    { format }: PromptPlan,
    { problem, edits, unfinished }: ParsedAnswer,
    answer: Generation,
  ): boolean {
    // What cannot be applied ends the reading of an answer.
    if (problem !== undefined) return true;
    // The model only gets less sure of a change with each token, and what it says behind this one comes later.
    const [sure = 1] = unfinished ? sourceConfidences([unfinished], answer) : [];
    if (sure < this.#options.minConfidence) return true;
    const last = edits.at(-1);
    const inOrder = format.answer === 'rewrite';
    return inOrder && last !== undefined && nothingToShow(scene, last.start);
  }

  #shown(conversation: Conversation, { edits, sources }: ParsedAnswer, answer: Generation, scene?: GateScene): Shown {
    const refusals = new Set<string>();
    const { minConfidence: leastConfidence } = this.#options;
    const onRefused = (why: string) => void refusals.add(why);
    return { edits: gate(conversation, edits, { answer, sources, scene, leastConfidence, onRefused }), refusals };
  }

  #logAnswer(
    { lengths }: Generation,
    { edits, problem }: ParsedAnswer,
    shown: Shown,
    partial: boolean,
    ms: number,
  ): void {
    const confidence = Math.min(1, ...shown.edits.map((edit) => edit.confidence));
    this.#log(
      [
        `answered with ${counted(lengths.length, 'token')}`,
        problem === undefined ? counted(edits.length, 'edit') : `answer refused: ${problem}`,
        ...(shown.edits.length < edits.length
          ? [`${edits.length - shown.edits.length} of them not shown: ${[...shown.refusals].join(', ')}`]
          : []),
        ...(shown.edits.length > 0 ? [`confidence ${confidence.toFixed(2)}`] : []),
        ...(partial ? ['stopped at the first hunk'] : []),
        `${ms.toFixed(0)} ms`,
      ].join('; '),
    );
  }

  #log(message: string): void {
    this.#options.log?.(`${this.name}: ${message}`);
  }
}

function asking({ conversation, options: { excerpt }, promptTokens }: PromptPlan): string {
  const shown = excerpt ? `lines ${excerpt.first + 1} to ${excerpt.last}` : 'the whole file';
  const history = counted(conversation.history.length, 'earlier snapshot');
  return `asked about ${shown}; ${history}; at most ${counted(promptTokens, 'token')} of prompt`;
}
