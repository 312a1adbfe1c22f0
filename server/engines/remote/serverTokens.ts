import * as v from 'valibot';
import { EngineError } from '../engine.ts';
import type { Connection } from './connection.ts';
import type { Patience } from './patience.ts';
import type { ServedModel } from './servedModel.ts';
import { estimateTokens, shareTokens } from './tokenEstimate.ts';

/** Maximum wait for a count, in milliseconds: then an estimate is used. */
const patienceMs = 2_000;

const answerSchema = v.union([v.object({ count: v.number() }), v.object({ tokens: v.array(v.unknown()) })]);

/** How many tokens texts take on a server. */
export class ServerTokens {
  readonly #connection: Connection;
  /** Whether the server has proved unable to count. */
  #isMute = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * One request for all the texts; its total is split among them. An estimate if the server does not count, or not
   * in time. Rejects only once `patience` is over.
   */
  async count(texts: readonly string[], served: ServedModel, patience: Patience): Promise<readonly number[]> {
    const total = texts.length > 0 ? await this.#total(texts.join('\n'), served, patience) : undefined;
    if (total === undefined) return texts.map(estimateTokens);
    return shareTokens(texts, total);
  }

  async #total(text: string, { server, model }: ServedModel, patience: Patience): Promise<number | undefined> {
    if (this.#isMute || (server !== 'llama-server' && server !== 'vLLM')) return undefined;
    const asked =
      server === 'vLLM'
        ? { model, prompt: text, add_special_tokens: false }
        : { content: text, add_special: false, parse_special: false };
    const limit = AbortSignal.any([patience.signal, AbortSignal.timeout(patienceMs)]);
    try {
      const url = `${this.#connection.endpoint.root}/tokenize`;
      const answer = v.safeParse(answerSchema, await this.#connection.json(url, patience, asked, limit));
      if (!answer.success) throw new EngineError('no count');
      const { output } = answer;
      return 'count' in output ? output.count : output.tokens.length;
    } catch (error) {
      if (patience.signal.aborted) throw patience.signal.reason;
      this.#isMute ||= error instanceof EngineError && !limit.aborted;
      return undefined;
    }
  }
}
