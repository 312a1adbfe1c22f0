import { createParser } from 'eventsource-parser';
import * as v from 'valibot';
import type { GenerationEnd } from '../../model-host/modelHost.ts';
import type { Connection } from './connection.ts';
import { connectionFailure, ServerBusy } from './failures.ts';
import type { Patience } from './patience.ts';

/** A token as reported by a server. */
export interface ServedToken {
  readonly text: string;
  /** A natural logarithm, 0 at most; NaN if not reported. */
  readonly logProbability: number;
  /** -1 if not reported. */
  readonly id: number;
}

/** What one event of an answer adds. */
export interface AnswerPiece {
  readonly text: string;
  /** Empty if the server reports no tokens. */
  readonly tokens: readonly ServedToken[];
}

/** What a server reports at the end of an answer. */
export interface AnswerEnd {
  readonly reason: Exclude<GenerationEnd['reason'], 'cancelled'>;
  /** Undefined if not reported. */
  readonly promptTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
}

/** Maximum length of a line, in UTF-16 code units: an event takes about a hundred for each token that it reports. */
const maxLine = 1024 * 1024;
/** Maximum length of all events of an answer together, in UTF-16 code units. */
const maxStream = 64 * 1024 * 1024;
/** How long to wait for the last events, in milliseconds, once the answer is over. */
const lastWordsMs = 250;

const number = v.fallback(v.nullish(v.number()), undefined);
const text = v.fallback(v.nullish(v.string()), undefined);
const token = v.object({ token: v.fallback(v.string(), ''), logprob: number, id: number });
const logProbabilities = v.union([
  v.object({ content: v.array(token) }),
  v.object({ tokens: v.array(v.string()), token_logprobs: v.array(v.nullable(v.number())) }),
]);
const message = v.fallback(v.nullish(v.object({ content: text })), undefined);
const eventSchema = v.object({
  choices: v.fallback(
    v.nullish(
      v.array(
        v.object({
          text,
          delta: message,
          message,
          finish_reason: text,
          logprobs: v.fallback(v.nullish(logProbabilities), undefined),
        }),
      ),
    ),
    undefined,
  ),
  usage: v.fallback(
    v.nullish(
      v.object({
        prompt_tokens: number,
        prompt_tokens_details: v.fallback(v.nullish(v.object({ cached_tokens: number })), undefined),
      }),
    ),
    undefined,
  ),
  error: v.optional(v.unknown()),
});
type AnswerEvent = v.InferOutput<typeof eventSchema>;

/**
 * Reads an answer to `/completions` or `/chat/completions`, streamed or whole, with log probabilities in either
 * form. Anything else is rejected with an EngineError; with a `HostDied` if it breaks off.
 */
export async function* answerPieces(
  connection: Connection,
  response: Response,
  patience: Patience,
): AsyncGenerator<AnswerPiece, AnswerEnd, undefined> {
  let reason: string | undefined;
  let isDone = false;
  let usage: AnswerEvent['usage'];
  const events = isStream(response) ? streamed(connection, response, patience) : whole(connection, response, patience);
  try {
    for await (const event of events) {
      if (event === 'done') isDone = true;
      // Data after the end is not part of the answer.
      if (event === 'done' || isDone) continue;
      const [choice] = event.choices ?? [];
      usage = event.usage ?? usage;
      if (choice && reason === undefined) {
        yield { text: choice.text ?? choice.delta?.content ?? choice.message?.content ?? '', tokens: tokensOf(choice) };
        reason = choice.finish_reason ?? undefined;
        if (reason !== undefined) patience.atMost(lastWordsMs, 'has not closed its answer');
      }
    }
  } catch (error) {
    // Once the answer is over, later errors do not invalidate it.
    if (reason === undefined && !isDone) throw error;
  }
  // An answer that ends without a reason may have been cut short.
  if (reason === undefined && !isDone) throw connectionFailure(undefined, connection.endpoint.host, true);
  return {
    reason: reason === 'stop' ? 'stop' : 'length',
    promptTokens: usage?.prompt_tokens ?? undefined,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? undefined,
  };
}

function isStream(response: Response): boolean {
  return /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
}

/** From a server that does not stream, or another kind of server. */
async function* whole(connection: Connection, response: Response, patience: Patience): AsyncGenerator<AnswerEvent> {
  const body = await connection.text(response, patience);
  if (/^\s*</.test(body)) throw connection.notTheApi('a web page');
  const event = parseEvent(connection, body);
  if (!event.choices) throw connection.notTheApi('JSON that is no completion');
  yield event;
}

/** To the end of the body, so that the connection can be used again. */
async function* streamed(
  connection: Connection,
  response: Response,
  patience: Patience,
): AsyncGenerator<AnswerEvent | 'done'> {
  const waiting: string[] = [];
  let tooLong = false;
  const parser = createParser({
    onEvent: ({ data }) => waiting.push(data),
    onError: ({ type }) => {
      tooLong ||= type === 'max-buffer-size-exceeded';
    },
    maxBufferSize: maxLine,
  });
  const decoder = new TextDecoder();
  let length = 0;
  for await (const bytes of connection.bytes(response, patience)) {
    const chunk = decoder.decode(bytes, { stream: true });
    length += chunk.length;
    parser.feed(chunk);
    for (const data of waiting.splice(0)) {
      yield data === '[DONE]' ? 'done' : parseEvent(connection, data);
    }
    if (tooLong || length > maxStream) throw connection.notTheApi('a stream that is longer than any answer');
  }
}

function parseEvent(connection: Connection, data: string): AnswerEvent {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw connection.notTheApi('something that is no JSON');
  }
  const event = v.safeParse(eventSchema, value);
  if (!event.success) throw connection.notTheApi('JSON that is no completion');
  if (event.output.error !== undefined && event.output.error !== null) {
    throw new ServerBusy(`the server at ${connection.endpoint.host} reports an error in the middle of an answer`, 0);
  }
  return event.output;
}

function tokensOf({ logprobs }: NonNullable<NonNullable<AnswerEvent['choices']>[number]>): ServedToken[] {
  if (!logprobs) return [];
  if ('content' in logprobs) {
    return logprobs.content.map((one) => servedToken(one.token, one.logprob ?? undefined, one.id ?? undefined));
  }
  return logprobs.tokens.map((one, i) => servedToken(one, logprobs.token_logprobs[i] ?? undefined));
}

/** A probability is at most 1, whatever a server reports. */
function servedToken(text: string, logProbability = Number.NaN, id = -1): ServedToken {
  return { text, id, logProbability: logProbability > 0 ? 0 : logProbability };
}
