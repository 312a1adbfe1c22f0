import { readFileSync } from 'node:fs';
import * as v from 'valibot';

// Only what is made use of: other builds send more, or other things besides.
const part = v.union([
  v.object({ kind: v.literal('text'), text: v.string() }),
  v.object({ kind: v.literal('control'), token: v.string() }),
]);
const promptSchema = v.union([
  v.array(part),
  v.object({
    messages: v.array(v.object({ role: v.picklist(['system', 'user', 'assistant']), content: v.array(part) })),
    answerPrefix: v.string(),
  }),
]);
const generate = v.object({
  kind: v.literal('generate'),
  id: v.number(),
  prompt: promptSchema,
  maxTokens: v.number(),
  stop: v.array(v.string()),
});
const tokens = v.object({ kind: v.literal('tokens'), id: v.number(), text: v.string(), ids: v.array(v.number()) });
const done = v.object({
  kind: v.literal('done'),
  id: v.number(),
  reason: v.string(),
  stats: v.object({ promptTokens: v.number(), reusedTokens: v.number(), generatedTokens: v.number() }),
});
const failure = v.object({ kind: v.literal('failure'), id: v.number() });
const line = v.object({ atMs: v.number(), message: v.union([generate, tokens, done, failure]) });

/** One question to the model and what became of it. Times are in milliseconds since 1970. */
export interface HostQuestion {
  readonly askedMs: number;
  readonly prompt: v.InferOutput<typeof promptSchema>;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** What each run that wrote anything gave. */
  readonly chunks: readonly { readonly atMs: number; readonly text: string; readonly tokens: number }[];
  /** When the model was done with it; undefined where it still is not. */
  readonly endedMs?: number;
  readonly promptTokens?: number;
  readonly reusedTokens?: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The questions in a record that recordHost.cjs has written, in order; none where nothing has been recorded. */
export function readHostRecord(file: string): HostQuestion[] {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return parseHostRecord(content);
}

export function parseHostRecord(content: string): HostQuestion[] {
  const questions: HostQuestion[] = [];
  /** By id; a host that was started again counts from 1 again. */
  const open = new Map<number, Mutable<HostQuestion> & { chunks: HostQuestion['chunks'][number][] }>();
  for (const each of content.split('\n')) {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), line), each);
    if (!parsed.success) continue;
    const { atMs, message } = parsed.output;
    const question = open.get(message.id);
    if (message.kind === 'generate') {
      const { prompt, maxTokens, stop } = message;
      const asked = { askedMs: atMs, prompt, maxTokens, stop, chunks: [] };
      open.set(message.id, asked);
      questions.push(asked);
    } else if (question && message.kind === 'tokens') {
      question.chunks.push({ atMs, text: message.text, tokens: message.ids.length });
    } else if (question) {
      question.endedMs = atMs;
      if (message.kind === 'done') {
        question.promptTokens = message.stats.promptTokens;
        question.reusedTokens = message.stats.reusedTokens;
      }
      open.delete(message.id);
    }
  }
  return questions;
}

/** How many questions the model's process held at once at most: those sent to it and not yet ended. */
export function mostAtOnce(questions: readonly HostQuestion[]): number {
  const heldAt = (moment: number) =>
    questions.filter(({ askedMs, endedMs = Infinity }) => askedMs <= moment && moment < endedMs).length;
  return Math.max(0, ...questions.map(({ askedMs }) => heldAt(askedMs)));
}
