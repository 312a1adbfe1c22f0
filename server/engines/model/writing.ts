import { text } from '../../../shared/conversation/prompt.ts';
import { noStats } from '../../model-host/hostProtocol.ts';
import type { GeneratedChunk, GenerationEnd, GenerationRequest, ModelHost } from '../../model-host/modelHost.ts';
import { Generation } from './generation.ts';
import { type PromptPlan, promptOf } from './promptPlan.ts';

/** How often an answer is resumed at most. Each time takes a run or more, and a model that keeps on ending has nothing to say. */
const mostResumed = 3;

export interface Written {
  readonly generation: Generation;
  readonly end: GenerationEnd;
}

/**
 * Writes the answer to `plan` behind what `begun` has of it, run by run. Where the model ends it too early, and its format knows how it
 * goes on, it has to go on, as long as `isWanted`.
 */
export async function* writeAnswer(
  host: ModelHost,
  plan: PromptPlan,
  begun: Generation,
  signal: AbortSignal,
  isWanted: (generation: Generation) => boolean = () => true,
): AsyncGenerator<Generation, Written, undefined> {
  const { format, rendered, conversation, options } = plan;
  const writtenFrom = (from: Generation) => written(host.generate(requestFor(plan, from), signal), from);
  let sofar = yield* writtenFrom(begun);
  for (let resumed = 0; resumed < mostResumed; resumed++) {
    if (sofar.end.reason !== 'stop' || host.continuesAnswers === false) break;
    const answer = rendered.answerPrefix + sofar.generation.text;
    const more = format.resume?.(answer, conversation, options);
    if (!more?.answer.startsWith(rendered.answerPrefix) || !isWanted(sofar.generation)) break;
    const from = sofar.generation.resumed(more.answer.slice(rendered.answerPrefix.length), more.expected);
    const longer = yield* writtenFrom(from);
    const said = longer.generation.text.slice(from.text.length).trim();
    if (said === '' || rendered.stop.some((stop) => stop.trim() === said)) break;
    sofar = longer;
  }
  return sofar;
}

/** The whole answer to `plan`, as far as the model can be made to write it. */
export async function wholeAnswer(host: ModelHost, plan: PromptPlan, signal: AbortSignal): Promise<Written> {
  const stream = writeAnswer(host, plan, new Generation(), signal);
  let next = await stream.next();
  while (!next.done) next = await stream.next();
  return next.value;
}

async function* written(
  stream: AsyncGenerator<GeneratedChunk, GenerationEnd, undefined>,
  begun: Generation,
): AsyncGenerator<Generation, Written, undefined> {
  let generation = begun;
  let isAtEnd = false;
  try {
    for (;;) {
      const next = await stream.next();
      isAtEnd = next.done === true;
      if (next.done) return { generation, end: next.value };
      generation = generation.with(next.value);
      yield generation;
    }
  } finally {
    if (!isAtEnd) await stream.return({ reason: 'cancelled', stats: noStats });
  }
}

function requestFor({ rendered, maxTokens }: PromptPlan, begun: Generation): GenerationRequest {
  const expected = begun.expected ?? rendered.expected;
  return {
    prompt: promptBefore(rendered, begun.given),
    answered: begun.ids,
    answeredText: begun.text.slice(begun.given.length),
    ...(expected ? { expected } : {}),
    maxTokens: Math.max(1, maxTokens - begun.lengths.length),
    stop: rendered.stop,
  };
}

function promptBefore(rendered: PromptPlan['rendered'], given: string): GenerationRequest['prompt'] {
  const { prompt, messages, answerPrefix } = rendered;
  if (given === '') return promptOf(rendered);
  return prompt ? [...prompt, text(given)] : { messages, answerPrefix: answerPrefix + given };
}
