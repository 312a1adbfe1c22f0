import { isDeepStrictEqual } from 'node:util';
import type { Conversation } from '../../../shared/conversation/conversation.ts';
import type { Generation } from './generation.ts';
import type { PromptPlan } from './promptPlan.ts';

/** An answer that was cut short. */
export interface PartialAnswer {
  readonly plan: PromptPlan;
  readonly generation: Generation;
}

/** At most one for each document in use is ever needed again. */
const maxKept = 8;

/** The most recent interrupted answers, by conversation. */
export class PartialAnswers {
  #kept: readonly { readonly conversation: Conversation; readonly answer: PartialAnswer }[] = [];

  keep(conversation: Conversation, answer: PartialAnswer): void {
    const others = this.#kept.filter((one) => one.conversation.path !== conversation.path);
    this.#kept = [...others.slice(1 - maxKept), { conversation, answer }];
  }

  /** Conversations are compared by value: they are copied between threads. */
  of(conversation: Conversation): PartialAnswer | undefined {
    return this.#kept.find((one) => isDeepStrictEqual(one.conversation, conversation))?.answer;
  }
}
