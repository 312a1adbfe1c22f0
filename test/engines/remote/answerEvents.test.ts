import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../server/engines/engine.ts';
import { type AnswerEnd, type AnswerPiece, answerPieces } from '../../../server/engines/remote/answerEvents.ts';
import { Connection } from '../../../server/engines/remote/connection.ts';
import { Patience } from '../../../server/engines/remote/patience.ts';
import { readEndpoint } from '../../../server/engines/remote/remoteAddress.ts';
import { event } from './modelServer.ts';

const { endpoint } = { endpoint: undefined, ...readEndpoint('http://127.0.0.1:9', false) };
if (!endpoint) throw new Error('no address');
const connection = new Connection(endpoint, { variable: '', file: '' });
const encoder = new TextEncoder();

/** Reads an answer that comes in these pieces. */
async function read(body: readonly Uint8Array[], type: string): Promise<{ pieces: AnswerPiece[]; end: AnswerEnd }> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const bytes of body) if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
  const patience = new Patience({ silenceMs: 60_000, answerMs: 60_000 }, new AbortController().signal);
  try {
    const response = new Response(stream, { headers: { 'content-type': type } });
    const answer = answerPieces(connection, response, patience);
    const pieces: AnswerPiece[] = [];
    for (;;) {
      const { value, done } = await answer.next();
      if (done) return { pieces, end: value };
      pieces.push(value);
    }
  } finally {
    patience.end();
  }
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}

const usage = { choices: [], usage: { prompt_tokens: 7, prompt_tokens_details: { cached_tokens: 5 } } };

describe('an answer as a stream', () => {
  it('is the same however its bytes come, with any line ends, comments and words behind its end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 6 }),
        fc.constantFrom('/v1/completions', '/v1/chat/completions'),
        fc.constantFrom('content', 'lists', 'none'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (texts, path, logprobs, lineEnd, places) => {
          const events = texts.map((one) => event([one, 0.5], { path, logprobs }));
          const all = [
            ': hello\n\n',
            ...events,
            event([''], { path }, 'stop'),
            `data: ${JSON.stringify(usage)}\n\n`,
            event(['more'], { path }),
            'data: [DONE]\n\n',
          ];
          const bytes = encoder.encode(all.join('').replaceAll('\n', lineEnd));
          const { pieces, end } = await read(cut(bytes, places), 'text/event-stream; charset=utf-8');
          expect(pieces.map(({ text }) => text)).toEqual([...texts, '']);
          expect(end).toEqual({ reason: 'stop', promptTokens: 7, cachedTokens: 5 });
          for (const { tokens, text } of pieces) {
            const known = logprobs !== 'none' && text !== '';
            expect(tokens).toEqual(known ? [{ text, id: -1, logProbability: Math.log(0.5) }] : []);
          }
        },
      ),
    );
  });

  it('that is anything else is refused with an error for the user that quotes nothing of it', async () => {
    const junk = fc.oneof(
      fc.json().map((value) => `data: ${value}\n\n`),
      fc.json().map((value) => `data: {"choices":[${value}]}\n\n`),
      fc
        .json()
        .map((value) => `data: {"choices":[{"text":${value},"logprobs":${value},"finish_reason":${value}}]}\n\n`),
      fc.string().map((value) => `sesame ${value}\n`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(junk, { maxLength: 5 }),
        fc.constantFrom('text/event-stream', 'application/json', 'text/html', ''),
        async (lines, type) => {
          const answer = await read([encoder.encode(lines.join(''))], type).catch((error) => error);
          if (answer instanceof Error) {
            expect(answer).toBeInstanceOf(EngineError);
            expect(answer.message).not.toContain('sesame');
          } else expect(['stop', 'length']).toContain(answer.end.reason);
        },
      ),
    );
  });
});
