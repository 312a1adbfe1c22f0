import type { OffsetEdit } from '../edits/offsetEdit.ts';
import type { Conversation } from './conversation.ts';
import type { Prompt } from './prompt.ts';

/**
 * How a model is spoken to. The first three are CursorCore's own (arXiv 2410.07002, section 3.2 and appendix), the last
 * two the one-shot prompts of its Tables 20 and 21, for models that are not CursorCore.
 */
export const promptFormatNames = [
  'wholeFile',
  'locationAndChange',
  'searchAndReplace',
  'fewShotBase',
  'fewShotInstruct',
] as const;

export type PromptFormatName = (typeof promptFormatNames)[number];

/** One message of a chat, before the model's chat template. */
export interface Message {
  /** CursorCore adds `history` and `current` to the usual roles. */
  readonly role: 'system' | 'history' | 'current' | 'user' | 'assistant';
  readonly content: Prompt;
}

/** What a format needs to know about the file's part that is shown; a whole file has `first` 0 and `last` the line count. */
export interface Excerpt {
  /** Lines shown of the current text, half-open, counted from 0. */
  readonly first: number;
  readonly last: number;
}

export interface RenderedPrompt {
  /** Messages for a chat template; a base model has none, and `prompt` is everything. */
  readonly messages?: readonly Message[];
  /**
   * The whole prompt where the format itself says how: CursorCore's template, or plain text for a base model. Without
   * it the model's own chat template is applied to `messages` by whoever holds the tokenizer.
   */
  readonly prompt?: Prompt;
  /** What the prompt already says of the answer, so that `parse` can be given answer and prefix alike. */
  readonly answerPrefix: string;
  /** Control tokens or plain strings at which the model is to stop, besides its end of sequence. */
  readonly stop: readonly string[];
}

/** How far an answer that is still being written has come. */
export type AnswerState = 'unchanged so far' | 'first hunk complete' | 'complete';

export interface ParsedAnswer {
  readonly state: AnswerState;
  /**
   * Edits against `Conversation.current`, sorted and apart; of an answer still being written, those hunks that no
   * further token can change. Empty for an answer that changes nothing or that cannot be trusted: see `problem`.
   */
  readonly edits: readonly OffsetEdit[];
  /** The reply in words after the code. */
  readonly chat?: string;
  /** Why an answer was refused, e.g. search text that stands nowhere. For the log; never holds the user's code. */
  readonly problem?: string;
}

export interface RenderOptions {
  readonly excerpt?: Excerpt;
  /**
   * CursorCore's named chat templates: `assistant-conversation` makes the model edit, `default` lets it talk alone.
   */
  readonly template?: 'default' | 'assistant-conversation';
  /** Whether the target area is marked in the code. CursorCore's formats do by default, the one-shot prompts do not. */
  readonly targetArea?: boolean;
  /** Whether the reply in words behind the change is wanted: then the change's end is no reason to stop. */
  readonly chat?: boolean;
  /** One-shot prompts only: begins the answer with the opening fence, so that the model cannot but write code. */
  readonly beginAnswer?: boolean;
}

/** A prompt format: one file, listed in `formats.ts`. */
export interface PromptFormat {
  readonly name: PromptFormatName;
  /** Renders S-H-C-U up to where the assistant goes on. */
  render(conversation: Conversation, options?: RenderOptions): RenderedPrompt;
  /**
   * Reads an answer (with `answerPrefix` in front), complete or so far. Never throws; what cannot be read without
   * guessing is refused with `problem`.
   */
  parse(
    answer: string,
    conversation: Conversation,
    options: RenderOptions & { readonly complete: boolean },
  ): ParsedAnswer;
}
