import { type Judgement, judgeByRules, type Moment } from './judgement.ts';
import type { Assistant } from './llm/assistant.ts';
import { chatQuestion, instructionQuestion, judgementQuestion } from './llm/questions.ts';
import { maskSecrets } from './privacy.ts';
import { Random } from './random.ts';
import { type Process, type Sample, type SampleType, schemaVersion } from './records.ts';
import { decomposedSeries, difference, type Series, withSegments } from './segments.ts';
import { drawTarget } from './targetArea.ts';

/** What is drawn by chance (arXiv 2410.07002, section 4.2 and Appendix D; the shares of types as the authors' scripts have them). */
export interface SampleChances {
  readonly seed: string;
  /** That a step of several segments is taken apart: 0.9 for git, 0.5 for others in the paper. */
  readonly decompose: { readonly git: number; readonly others: number };
  /** How likely each time point is beside the one before it: the paper's 10 % less. */
  readonly decay: number;
  /** That the sample has H, and that it has U. */
  readonly history: number;
  readonly user: number;
  /** That a moment at which the judge keeps nothing becomes a sample of silence. */
  readonly silence: number;
  /** Samples from one process at most. */
  readonly perProcess: number;
  /** Texts of H at most, the newest. */
  readonly maxHistory: number;
}

export const sampleChances: SampleChances = {
  seed: '0',
  decompose: { git: 0.9, others: 0.5 },
  decay: 0.9,
  history: 0.6,
  user: 0.5,
  silence: 0.2,
  perProcess: 1,
  maxHistory: 16,
};

export interface Made {
  readonly samples: readonly Sample[];
  /** Why moments that were drawn gave no sample. */
  readonly leftOut: readonly string[];
}

/** The samples of one process. Depends on the process, the chances and the LLM's answers alone. */
export async function makeSamples(process: Process, chances: SampleChances, llm: Assistant | undefined): Promise<Made> {
  const random = new Random(chances.seed, process.id);
  const { git, others } = chances.decompose;
  const series = decomposedSeries(process.snippets, process.source === 'git' ? git : others, random);
  const samples: Sample[] = [];
  const leftOut: string[] = [];
  let times = series.texts.slice(0, -1).map((_, time) => time);
  while (times.length > 0 && samples.length < chances.perProcess) {
    const time = times[random.weighted(times.map((at) => chances.decay ** at))] ?? 0;
    times = times.filter((other) => other !== time);
    const made = await new SampleMaker(process, series, time, chances, random, llm).make();
    if (typeof made === 'string') leftOut.push(made);
    else samples.push(made);
  }
  return { samples, leftOut };
}

class SampleMaker {
  readonly #process: Process;
  readonly #series: Series;
  readonly #time: number;
  readonly #chances: SampleChances;
  readonly #random: Random;
  readonly #llm: Assistant | undefined;
  readonly #final: string;

  constructor(
    process: Process,
    series: Series,
    time: number,
    chances: SampleChances,
    random: Random,
    llm: Assistant | undefined,
  ) {
    this.#process = process;
    this.#series = series;
    this.#time = time;
    this.#chances = chances;
    this.#random = random;
    this.#llm = llm;
    this.#final = series.texts.at(-1) ?? '';
  }

  async make(): Promise<Sample | string> {
    const current = this.#series.texts[this.#time] ?? '';
    const usesHistory = this.#random.chance(this.#chances.history);
    const usesUser = this.#random.chance(this.#chances.user);
    // Drawn here, so that what an LLM answers does not change what is drawn later.
    const keepsSilence = this.#random.chance(this.#chances.silence);
    const place = new Random(this.#chances.seed, `${this.#process.id}#${this.#time}`);
    if (current === this.#final) return 'nothing is left to do';
    if (usesHistory && this.#time === 0) return 'no history yet';
    if (current.trim() === '' && !usesUser) return 'nothing is there yet';

    const earlier = usesHistory ? this.#series.texts.slice(0, this.#time) : [];
    const history = earlier.slice(Math.max(0, earlier.length - this.#chances.maxHistory));
    const moment: Moment = { history, current, change: difference(current, this.#final) };
    const wanted = usesUser ? await this.#instructed(moment) : await this.#judged(moment, keepsSilence);
    if (typeof wanted === 'string') return wanted;

    const said = await this.#llm?.ask(chatQuestion(moment, wanted.next, wanted.instruction));
    const { id, source, language, path, licence } = this.#process;
    const llm = this.#llm ? `llm:${this.#llm.name}` : null;
    return {
      kind: 'sample',
      version: schemaVersion,
      id: `${id}#${this.#time}`,
      source,
      language,
      path,
      licence,
      process: id,
      type: typeOf(usesHistory, usesUser),
      history,
      current,
      target: drawTarget(current, wanted.next, place),
      instruction: wanted.instruction,
      next: wanted.next,
      chat: said === undefined ? null : maskSecrets(said),
      time: this.#time,
      times: this.#series.texts.length - 1,
      decomposed: this.#series.decomposed,
      segments: wanted.segments,
      by: {
        judge: wanted.judge,
        instruction: wanted.instructed,
        chat: said === undefined || llm === null ? 'none' : llm,
      },
      llm,
    };
  }

  /** All of M, because the programmer says so. */
  async #instructed(moment: Moment) {
    const { message } = this.#process;
    const words = message === undefined ? undefined : asInstruction(this.#process, message);
    // At the beginning it is what the message asks for; later, an LLM says what of it is left.
    const fromMessage = this.#time === 0 || !this.#llm;
    const instruction = fromMessage ? words : await this.#llm.ask(instructionQuestion(moment, this.#final, message));
    if (instruction === undefined) return fromMessage ? 'no message that asks for it' : 'the LLM wrote no instruction';
    return {
      next: this.#final,
      instruction: maskSecrets(instruction),
      segments: null,
      judge: 'none',
      instructed: fromMessage ? 'message' : `llm:${this.#llm?.name}`,
    };
  }

  /** Those segments of M that are in line with what the programmer does. */
  async #judged(moment: Moment, keepsSilence: boolean) {
    const judgements = this.#llm ? await this.#llm.ask(judgementQuestion(moment)) : judgeByRules(moment);
    if (judgements === undefined) return 'the LLM did not judge';
    const kept = new Set([...judgements.keys()].filter((i) => judgements[i]?.kept));
    if (kept.size === 0 && !keepsSilence) return 'nothing of it is in line with what is being done';
    return {
      next: withSegments(moment.change, kept),
      instruction: null,
      segments: moment.change.segments.map(({ start, end }, i) => segmentOf(start, end, judgements[i])),
      judge: this.#llm ? `llm:${this.#llm.name}` : 'rules',
      instructed: 'none',
    };
  }
}

function segmentOf(start: number, end: number, judgement: Judgement | undefined) {
  return { start, end, kept: judgement?.kept ?? false, why: judgement?.why ?? '' };
}

function typeOf(history: boolean, user: boolean): SampleType {
  if (history) return user ? 'H,C,U' : 'H,C';
  return user ? 'C,U' : 'C';
}

function asInstruction({ source, language }: Process, message: string): string {
  return source === 'judge'
    ? `Make this a correct${language === '' ? '' : ` ${language}`} program for:\n\n${message}`
    : message;
}
