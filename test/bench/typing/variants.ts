import type { HostQuestion } from './hostRecord.ts';
import { type Asked, type LlamaServer, LlamaSession } from './llamaSession.ts';
import { type OurServer, OurSession } from './ourSession.ts';
import { promptEncoder } from './promptIds.ts';
import type { Answer, Measurement, Rhythm, Session } from './session.ts';
import type { Trace } from './traces.ts';

/** Someone who answers; started anew for each trace. */
export interface Variant {
  readonly name: string;
  /** Whether it is asked what the first variant's model was asked in the same trace. */
  readonly followsFirst: boolean;
  /** `asked` is what the model of the first variant was asked in this trace. */
  readonly start: (trace: Trace, asked: readonly (Asked | undefined)[]) => Promise<Session>;
}

export function ourVariant(name: string, server: OurServer, rhythm: Rhythm): Variant {
  return { name, followsFirst: false, start: (trace) => OurSession.start(server, trace, rhythm) };
}

export function llamaVariant(name: string, server: LlamaServer, rhythm: Rhythm): Variant {
  return { name, followsFirst: true, start: (_, asked) => LlamaSession.start(server, rhythm, asked) };
}

export type OnFailure = (variant: string, error: unknown) => void;

/** Runs traces: every variant in turn. The first of them, whose model is in `folder`, says what llama.cpp is asked. */
export class Runner {
  readonly #variants: readonly Variant[];
  readonly #encode: (prompt: HostQuestion['prompt']) => number[];
  readonly #onFailure: OnFailure;

  private constructor(
    variants: readonly Variant[],
    encode: (prompt: HostQuestion['prompt']) => number[],
    onFailure: OnFailure,
  ) {
    this.#variants = variants;
    this.#encode = encode;
    this.#onFailure = onFailure;
  }

  static async create(variants: readonly Variant[], folder: string, onFailure: OnFailure): Promise<Runner> {
    return new Runner(variants, await promptEncoder(folder), onFailure);
  }

  /** Traces with an odd number go through the variants the other way round, as far as that is possible. */
  async run(trace: Trace, number: number): Promise<Measurement[]> {
    const [first, ...others] = this.#variants;
    if (!first) return [];
    const measured: Measurement[] = [];
    let asked: (Asked | undefined)[] = [];
    const independent = others.filter(({ followsFirst }) => !followsFirst);
    const dependent = others.filter(({ followsFirst }) => followsFirst);
    const order =
      number % 2 === 0
        ? [first, ...independent, ...dependent]
        : [...independent.toReversed(), first, ...dependent.toReversed()];
    for (const variant of order) {
      const answers = await this.#answers(variant, trace, asked);
      if (variant === first) {
        asked = answers.map((answer) => {
          const steps = answer?.questions?.map((question) => ({ question, ids: this.#encode(question.prompt) })) ?? [];
          return answer && steps.length > 0 ? { isShown: answer.isShown, steps } : undefined;
        });
      }
      measured.push(...measurementsOf(variant, trace, answers));
    }
    return measured;
  }

  /** Those until something failed. */
  async #answers(
    variant: Variant,
    trace: Trace,
    asked: readonly (Asked | undefined)[],
  ): Promise<readonly (Answer | undefined)[]> {
    const answers: (Answer | undefined)[] = [];
    let session: Session | undefined;
    try {
      session = await variant.start(trace, asked);
      for (const [index, piece] of trace.pieces.entries()) answers.push(await session.answer(piece, index));
      if (answers.at(-1)?.isShown) answers.push(await session.rest(answers.length));
      return await session.settle(answers);
    } catch (error) {
      this.#onFailure(variant.name, error);
    } finally {
      await session?.stop().catch(() => {});
    }
    return answers;
  }
}

function measurementsOf({ name }: Variant, trace: Trace, answers: readonly (Answer | undefined)[]): Measurement[] {
  return answers.flatMap((answer, index) => {
    if (!answer) return [];
    const kind = trace.pieces[index]?.kind ?? 'rest';
    const { questions: _, ...figures } = answer;
    return [{ variant: name, trace: trace.name, kind, index, ...figures }];
  });
}
