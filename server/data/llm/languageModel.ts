/** A message for an LLM that is asked to help with making data. */
export interface AssistantMessage {
  readonly role: 'system' | 'user';
  readonly text: string;
}

export interface LanguageModelAnswer {
  readonly text: string;
  /** As counted by whoever answered, where it says. */
  readonly promptTokens?: number;
  readonly answerTokens?: number;
}

/**
 * What writes and judges: the one thing that `data` asks of an LLM. Whether it runs here or elsewhere is for whoever
 * implements it. `complete` rejects where no answer can be had; it should answer the same to the same, as far as it can.
 */
export interface LanguageModel {
  /** Stands in records: `llm:NAME`. */
  readonly name: string;
  complete(messages: readonly AssistantMessage[], maxTokens: number, signal: AbortSignal): Promise<LanguageModelAnswer>;
  dispose(): Promise<void>;
}
