import { isDeepStrictEqual } from 'node:util';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import type { WritablePromptFormat } from '../../shared/conversation/format.ts';
import type { PromptFormatName } from '../../shared/conversation/formats.ts';
import { type Prompt, type PromptPart, promptText } from '../../shared/conversation/prompt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { answerRefusal, gateScene } from '../engines/model/gateRules.ts';
import { planPrompt } from '../engines/model/promptPlan.ts';
import { TokenCounter } from '../engines/model/tokenCounter.ts';
import { DataError } from './dataError.ts';
import { parsedLine, readLines } from './jsonLines.ts';
import {
  type Pair,
  type PairPart,
  type Preference,
  type Process,
  readRecord,
  type Sample,
  schemaVersion,
  unjudged,
} from './records.ts';
import type { ResumableOutput } from './resumable.ts';
import { difference, withSegments } from './segments.ts';

/** What the engine that will serve the model allows: its own settings by other names. */
export interface ExportLimits {
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  readonly contextLength: number;
}

/** What the server allows on a GPU, in the context that CursorCore was trained on. */
export const exportLimits: ExportLimits = { maxPromptTokens: 6144, maxNewTokens: 2048, contextLength: 16_384 };

/** Counts tokens of texts by themselves, as `ModelHost.count` does. */
export type CountTokens = (texts: readonly string[]) => Promise<readonly number[]>;

/** Where there is no tokenizer: somewhat more than tokenizers of code make of a line. */
export const roughly: CountTokens = async (texts) => texts.map((text) => Math.ceil(text.length / 3));

/** Writes a training example for each sample that the format and the limits can express. One sample is one unit. */
export async function exportPairs(
  files: readonly string[],
  format: WritablePromptFormat & { readonly name: PromptFormatName },
  output: ResumableOutput,
  options: {
    readonly limits: ExportLimits;
    readonly count: CountTokens;
    /** Pairs at most. */
    readonly limit: number;
    readonly progress?: (note: string) => void;
  },
): Promise<void> {
  const exporter = new Exporter(format, options.limits, options.count);
  let unit = 0;
  reading: for (const file of files) {
    for await (const record of samplesAndPreferences(file)) {
      if (output.counts.get('pairs') >= options.limit) break reading;
      if (unit++ < output.unitsBefore) continue;
      const pair = record.kind === 'sample' ? await exporter.pairOf(record) : await exporter.preferredPair(record);
      output.counts.add(`${record.kind}s`);
      if (typeof pair === 'string') output.counts.add(`left out: ${pair}`);
      else {
        output.add(pair);
        output.counts.add('pairs');
      }
      await output.endUnit(() => null);
      options.progress?.(`${output.counts.get('pairs')} pairs of ${unit} records`);
    }
  }
  await output.checkpoint(null, true);
}

/** The samples of a file, or the preferences, beside which `record export` writes processes. */
async function* samplesAndPreferences(file: string): AsyncGenerator<Sample | Preference> {
  for await (const { line, number } of readLines(file)) {
    const value = parsedLine(line, `${file}:${number}`);
    const [sample, preference] = [readRecord('sample', value), readRecord('preference', value)];
    if (typeof sample !== 'string') yield sample;
    else if (typeof preference !== 'string') yield preference;
    else if (!isOfSession(readRecord('process', value))) throw new DataError(`${file}:${number}: ${sample}`);
  }
}

function isOfSession(process: Process | string): boolean {
  return typeof process !== 'string' && process.source === 'sessions';
}

/** Makes training examples exactly as the engine asks: the same plan of the prompt, and an answer that its format reads. */
export class Exporter {
  readonly #format: WritablePromptFormat & { readonly name: PromptFormatName };
  readonly #limits: ExportLimits;
  readonly #counter: TokenCounter;

  constructor(
    format: WritablePromptFormat & { readonly name: PromptFormatName },
    limits: ExportLimits,
    count: CountTokens,
  ) {
    this.#format = format;
    this.#limits = limits;
    this.#counter = new TokenCounter({ count: (texts) => count(texts) });
  }

  /** The answer to prefer and the one to avoid, to the same prompt; or why there is none. */
  async preferredPair(preference: Preference): Promise<Pair | string> {
    const { chosen, rejected } = preference;
    const [good, bad] = [
      await this.pairOf(asSample(preference, chosen)),
      await this.pairOf(asSample(preference, rejected)),
    ];
    if (typeof good === 'string') return good;
    if (typeof bad === 'string') return `rejected: ${bad}`;
    return isDeepStrictEqual(good.answer, bad.answer) ? 'both answers are the same' : { ...good, rejected: bad.answer };
  }

  /** The example, or why there is none. */
  async pairOf(sample: Sample): Promise<Pair | string> {
    const conversation = sampleConversation(sample);
    const signal = new AbortController().signal;
    const plan = await planPrompt(this.#format, conversation, this.#limits, this.#counter, signal);
    if (!plan) return 'does not fit';
    const { excerpt } = plan.options;
    if (excerpt && !conversation.target) return 'does not fit, and nothing says what to show';
    const next = shownChange(sample, excerpt);
    if (next === sample.current && sample.next !== sample.current) return 'what changes is not shown';
    const reply = sample.instruction !== null && sample.chat !== null ? { reply: sample.chat } : {};
    const answer = this.#format.write(plan.conversation, next, { ...plan.options, ...reply });
    const written = promptText(answer);
    const { edits, problem } = this.#format.parse(written, plan.conversation, { ...plan.options, complete: true });
    if (problem !== undefined) return `its answer cannot be read: ${problem}`;
    if (applyEdits(sample.current, edits) !== next) return 'its answer cannot say exactly this change';
    if (
      sample.instruction === null &&
      edits.length > 0 &&
      answerRefusal(gateScene(conversation), edits) !== undefined
    ) {
      return 'the engine would not show it';
    }
    if ((await this.#counter.ofText(written, signal)) > plan.maxTokens) return 'its answer is too long';
    const { prompt, messages, answerPrefix } = plan.rendered;
    const { source, language, path, licence, type } = sample;
    return {
      kind: 'pair',
      version: schemaVersion,
      id: `${sample.id}:${this.#format.name}`,
      source,
      language,
      path,
      licence,
      sample: sample.id,
      type,
      format: this.#format.name,
      prompt: prompt ? partsOf(prompt) : null,
      messages: prompt ? null : (messages ?? []).map(({ role, content }) => ({ role, content: partsOf(content) })),
      answer: partsOf(withoutPrefix(answer, answerPrefix)),
      silence: next === sample.current,
    };
  }
}

/** The moment of a preference, as if `next` were wanted. */
function asSample(preference: Preference, next: string): Sample {
  const { version, id, source, language, path, licence, history, current, target } = preference;
  return {
    kind: 'sample',
    version,
    id,
    source,
    language,
    path,
    licence,
    process: id,
    history,
    current,
    target,
    type: history.length > 0 ? 'H,C' : 'C',
    next,
    ...unjudged,
    time: 0,
    times: 0,
  };
}

/** What the engine is asked at that moment. */
export function sampleConversation(sample: Sample): Conversation {
  const { path, language, history, current, target, instruction, related } = sample;
  return {
    path,
    languageId: language,
    history,
    current,
    ...(target === null ? {} : { target: targetOf(target) }),
    ...(instruction === null ? {} : { instruction }),
    ...(related === undefined ? {} : { related }),
  };
}

function targetOf(target: NonNullable<Sample['target']>) {
  return target.kind === 'cursor'
    ? ({ kind: 'cursor', offset: target.offset } as const)
    : ({ kind: 'selection', start: target.start, end: target.end } as const);
}

/** The wanted text with those changes alone that lie within the lines shown. */
function shownChange({ current, next }: Sample, excerpt: { first: number; last: number } | undefined): string {
  if (!excerpt) return next;
  const { lineCount } = new Snippet(current);
  const change = difference(current, next);
  const shown = [...change.segments.entries()].filter(([, { start, end }]) => {
    // At an edge, what is put in could as well stand outside.
    const below = start > excerpt.first || excerpt.first === 0;
    return below && (end < excerpt.last || excerpt.last >= lineCount);
  });
  return withSegments(change, new Set(shown.map(([i]) => i)));
}

/** The answer without what the prompt already says of it, which may end inside a text. */
function withoutPrefix(answer: Prompt, prefix: string): Prompt {
  let left = prefix.length;
  if (!promptText(answer).startsWith(prefix)) throw new Error('an answer does not begin as its prompt says');
  return answer.flatMap((part): PromptPart[] => {
    const { length } = part.kind === 'text' ? part.text : part.token;
    const skipped = Math.min(left, length);
    left -= skipped;
    if (skipped === length) return [];
    return part.kind === 'text' ? [{ kind: 'text', text: part.text.slice(skipped) }] : [part];
  });
}

function partsOf(prompt: Prompt): PairPart[] {
  return prompt.map((part) => (part.kind === 'text' ? { text: part.text } : { control: part.token }));
}
