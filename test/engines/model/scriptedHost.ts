import type { GenerateRequest } from '../../../server/model-host/hostProtocol.ts';
import { noStats } from '../../../server/model-host/hostProtocol.ts';
import type { GeneratedChunk, GenerationEnd, ModelHost } from '../../../server/model-host/modelHost.ts';
import type { Device } from '../../../server/models/manifest.ts';

export type Asked = Omit<GenerateRequest, 'kind' | 'id'>;

/** One token of a scripted answer: its text, and how probable it was. */
export type ScriptedToken = readonly [text: string, probability?: number];

/** An answer cut into tokens of a word or a character each, all certain. */
export const tokensOf = (answer: string): ScriptedToken[] =>
  (answer.match(/<\|\w+\|>|<\[[^\]\n]+\]>|<fim_\w+>|<｜[^\n｜]+｜>|[\p{L}\p{N}_]+|\s|./gsu) ?? []).map((text) => [
    text,
  ]);

const stats = noStats;

/**
 * A host that says what the test has written down, for orders of events that a real model does not produce on demand.
 * Words, blanks and other characters are tokens; ids are the tokens' places in the answer.
 */
export class ScriptedHost implements ModelHost {
  device: Device | undefined = 'cpu';
  readonly asked: Asked[] = [];
  readonly counted: string[] = [];
  /** How many tokens a run gives. */
  chunk = 4;
  /** How many were written in all, over all requests. */
  written = 0;
  left = 0;
  disposed = false;
  /** Called before each run; may throw. */
  onRun: (written: number) => void = () => {};
  answer: readonly ScriptedToken[];
  reason: GenerationEnd['reason'] = 'stop';

  constructor(answer: string | readonly ScriptedToken[] = []) {
    this.answer = typeof answer === 'string' ? tokensOf(answer) : answer;
  }

  async *generate(request: Asked, signal: AbortSignal): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined> {
    this.asked.push(request);
    this.left++;
    const last = Math.min(this.answer.length, (request.answered?.length ?? 0) + request.maxTokens);
    for (let at = request.answered?.length ?? 0; at < last; at += this.chunk) {
      await Promise.resolve();
      signal.throwIfAborted();
      this.onRun(this.written);
      const run = this.answer.slice(at, Math.min(at + this.chunk, last));
      this.written += run.length;
      yield {
        text: run.map(([text]) => text).join(''),
        ids: run.map((_, i) => at + i),
        logProbabilities: run.map(([, probability = 1]) => Math.log(probability)),
        lengths: run.map(([text]) => text.length),
      };
    }
    this.left--;
    return { reason: last < this.answer.length ? 'length' : this.reason, stats };
  }

  async count(texts: readonly string[]): Promise<readonly number[]> {
    this.device ??= 'cpu';
    this.counted.push(...texts);
    return texts.map((text) => tokensOf(text).length);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
  }
}
