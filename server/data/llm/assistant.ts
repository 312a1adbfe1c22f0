import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Tally } from '../dataError.ts';
import { readLines } from '../jsonLines.ts';
import type { AssistantMessage, LanguageModel } from './languageModel.ts';

export interface AssistantOptions {
  readonly model: LanguageModel;
  /** Where answers are kept, so that none is asked for twice; one JSON object a line. */
  readonly cacheFile: string;
  /** An answer that takes longer than this, in milliseconds, is not waited for. */
  readonly patienceMs?: number;
}

/** What is asked, and how the answer is read. */
export interface AssistantQuestion<T> {
  /** Names it in the counts. */
  readonly about: string;
  readonly messages: readonly AssistantMessage[];
  readonly maxTokens: number;
  /** The answer's meaning, or undefined for one that makes no sense. */
  read(answer: string): T | undefined;
}

const refusal = /\b(?:i(?:'m| am)? (?:sorry|unable)|i (?:can(?:'|no)t|won't)|as an ai\b)/i;

/**
 * Asks an LLM. Answers are cached by model and question; what is no answer (an error, a stall, a refusal, nonsense) is
 * counted and gives undefined, and the caller does without.
 */
export class Assistant {
  readonly counts = new Tally();
  readonly name: string;
  readonly #model: LanguageModel;
  readonly #patienceMs: number;
  readonly #cache: Map<string, string>;
  readonly #file: FileHandle;

  private constructor(options: AssistantOptions, cache: Map<string, string>, file: FileHandle) {
    this.#model = options.model;
    this.name = options.model.name;
    this.#patienceMs = options.patienceMs ?? 180_000;
    this.#cache = cache;
    this.#file = file;
  }

  static async open(options: AssistantOptions): Promise<Assistant> {
    const file = await open(options.cacheFile, 'a');
    const cache = new Map<string, string>();
    for await (const { line } of readLines(options.cacheFile)) {
      const entry = cacheEntry(line);
      if (entry) cache.set(entry.key, entry.answer);
    }
    return new Assistant(options, cache, file);
  }

  async ask<T>({ about, messages, maxTokens, read }: AssistantQuestion<T>): Promise<T | undefined> {
    this.counts.add(`${about}: asked`);
    const key = createHash('sha256')
      .update(JSON.stringify([this.name, maxTokens, messages]))
      .digest('hex');
    let answer = this.#cache.get(key);
    if (answer !== undefined) this.counts.add(`${about}: from the cache`);
    else {
      answer = await this.#complete(about, messages, maxTokens);
      if (answer === undefined) return undefined;
      this.#cache.set(key, answer);
      // Behind a line that a killed run left half written, this one would be lost as well.
      await this.#file.write(`\n${JSON.stringify({ key, answer })}\n`);
    }
    const meaning = read(answer);
    if (meaning === undefined) this.counts.add(`${about}: ${refusal.test(answer) ? 'refused' : 'no sense'}`);
    return meaning;
  }

  async #complete(
    about: string,
    messages: readonly AssistantMessage[],
    maxTokens: number,
  ): Promise<string | undefined> {
    const stall = new AbortController();
    const begun = performance.now();
    let timer: NodeJS.Timeout | undefined;
    // A model that does not heed the signal is not waited for either.
    const stalled = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        stall.abort();
        resolve(undefined);
      }, this.#patienceMs);
    });
    try {
      const completion = this.#model.complete(messages, maxTokens, stall.signal);
      completion.catch(() => {});
      const done = await Promise.race([completion, stalled]);
      if (!done) {
        this.counts.add(`${about}: stalled`);
        return undefined;
      }
      this.counts.add('tokens read', done.promptTokens ?? Math.ceil(lengthOf(messages) / 4));
      this.counts.add('tokens written', done.answerTokens ?? Math.ceil(done.text.length / 4));
      return done.text;
    } catch {
      this.counts.add(`${about}: ${stall.signal.aborted ? 'stalled' : 'failed'}`);
      return undefined;
    } finally {
      clearTimeout(timer);
      this.counts.add('milliseconds', Math.round(performance.now() - begun));
    }
  }

  async dispose(): Promise<void> {
    await this.#file.close();
    await this.#model.dispose();
  }
}

function cacheEntry(line: string): { key: string; answer: string } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('key' in value) || !('answer' in value)) return undefined;
    const { key, answer } = value;
    return typeof key === 'string' && typeof answer === 'string' ? { key, answer } : undefined;
  } catch {
    return undefined;
  }
}

function lengthOf(messages: readonly AssistantMessage[]): number {
  return messages.reduce((sum, { text }) => sum + text.length, 0);
}
