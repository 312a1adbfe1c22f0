import * as v from 'valibot';
import type { HostRequest, HostResponse } from './hostProtocol.ts';

const number = v.number();
const count = v.pipe(number, v.integer(), v.minValue(0));
const part = v.variant('kind', [
  v.object({ kind: v.literal('text'), text: v.string() }),
  v.object({ kind: v.literal('control'), token: v.string() }),
]);
const prompt = v.array(part);
const message = v.object({
  role: v.picklist(['system', 'user', 'assistant']),
  content: prompt,
});

const requestSchema = v.variant('kind', [
  v.object({
    kind: v.literal('setup'),
    setup: v.object({
      folder: v.string(),
      device: v.picklist(['auto', 'cpu', 'cuda']),
      deviceId: number,
      gpuMemoryLimit: number,
      threads: number,
      limits: v.exactOptional(v.object({ loadMs: number, firstRunMs: number, runMs: number })),
    }),
  }),
  v.object({
    kind: v.literal('generate'),
    id: number,
    prompt: v.union([
      prompt,
      v.object({ messages: v.array(message), answerPrefix: v.string() }),
      v.object({ raw: v.string() }),
    ]),
    answered: v.exactOptional(v.array(count)),
    expected: v.exactOptional(prompt),
    maxTokens: count,
    stop: v.array(v.string()),
  }),
  v.object({ kind: v.literal('count'), id: number, texts: v.array(v.string()) }),
  v.object({ kind: v.literal('cancel'), id: number }),
]);

const responseSchema = v.variant('kind', [
  v.object({
    kind: v.literal('ready'),
    device: v.picklist(['cpu', 'cuda']),
    loadMs: number,
    notice: v.exactOptional(v.string()),
  }),
  v.object({
    kind: v.literal('tokens'),
    id: number,
    text: v.string(),
    ids: v.array(number),
    // JSON has no infinities; they arrive as null.
    logProbabilities: v.array(
      v.pipe(
        v.nullable(number),
        v.transform((value) => value ?? Number.NEGATIVE_INFINITY),
      ),
    ),
    lengths: v.array(number),
  }),
  v.object({
    kind: v.literal('done'),
    id: number,
    reason: v.picklist(['stop', 'length', 'cancelled']),
    stats: v.object({
      promptTokens: number,
      reusedTokens: number,
      generatedTokens: number,
      runs: number,
      prefillMs: number,
      decodeMs: number,
    }),
  }),
  v.object({ kind: v.literal('counts'), id: number, counts: v.array(number) }),
  v.object({
    kind: v.literal('failure'),
    id: v.exactOptional(number),
    message: v.string(),
    topic: v.exactOptional(v.string()),
  }),
]);

/** A message as a request, or undefined for anything else. */
export function parseRequest(value: unknown): HostRequest | undefined {
  const parsed = v.safeParse(requestSchema, value);
  return parsed.success ? parsed.output : undefined;
}

/** A message as a response, or undefined for anything else. */
export function parseResponse(value: unknown): HostResponse | undefined {
  const parsed = v.safeParse(responseSchema, value);
  return parsed.success ? parsed.output : undefined;
}
