import { EngineError } from '../../shared/errors.ts';
import type { HostResponse } from './hostProtocol.ts';
import type { GeneratedChunk, GenerationEnd } from './modelHost.ts';

/** The host's answer to one request, as it arrives, for one reader. */
export class AnswerStream {
  readonly #chunks: GeneratedChunk[] = [];
  #outcome: { readonly end: GenerationEnd } | { readonly error: unknown } | undefined;
  /** Whether the host itself ended the answer, so there is nothing to cancel. */
  #ended = false;
  #wake: (() => void) | undefined;

  get ended(): boolean {
    return this.#ended;
  }

  receive(response: HostResponse): void {
    if (response.kind === 'tokens') {
      const { text, ids, logProbabilities, lengths } = response;
      this.#chunks.push({ text, ids, logProbabilities, lengths });
    } else if (response.kind === 'done') {
      this.#finish({ end: { reason: response.reason, stats: response.stats } });
    } else if (response.kind === 'failure') {
      this.#finish({ error: new EngineError(response.message, { topic: response.topic }) });
    }
    this.#wake?.();
  }

  /** Ends the stream from this side. Chunks not read yet are dropped. */
  reject(error: unknown): void {
    this.#chunks.length = 0;
    this.#outcome ??= { error };
    this.#wake?.();
  }

  async *chunks(): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) yield chunk;
      else if (!this.#outcome) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if ('error' in this.#outcome) throw this.#outcome.error;
      else return this.#outcome.end;
    }
  }

  #finish(outcome: { readonly end: GenerationEnd } | { readonly error: unknown }): void {
    this.#ended = true;
    this.#outcome ??= outcome;
  }
}
