import type { LineRange } from '../edits/lines.ts';
import type { OffsetEdit } from '../edits/offsetEdit.ts';
import type { Conversation, TargetArea } from './conversation.ts';
import type { Prompt } from './prompt.ts';
import type { Snippet } from './snippet.ts';

/** One message, before a chat template. */
export interface Message {
  /** CursorCore adds `history` and `current` to the usual roles. */
  readonly role: ChatMessage['role'] | 'history' | 'current';
  readonly content: Prompt;
}

/** One message as any model's own chat template takes it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: Prompt;
}

/** What part of the current text a prompt is about. */
export interface View {
  /** Lines that are shown; all of them without. */
  readonly excerpt?: LineRange;
  /** Lines that the answer may change, some of the excerpt; all of it without. An answer that rewrites gives just these. */
  readonly editable?: LineRange;
}

/**
 * The whole prompt where the format itself says how: CursorCore's template, with the messages that it was made of, or plain
 * text for a base model. Else messages, which whoever holds the tokenizer puts into the model's own chat template.
 */
export type RenderedPrompt = RenderedParts &
  (
    | { readonly prompt: Prompt; readonly messages?: readonly Message[] }
    | { readonly prompt?: undefined; readonly messages: readonly ChatMessage[] }
  );

interface RenderedParts {
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

export interface RenderOptions extends View {
  /**
   * CursorCore's named chat templates: `assistant-conversation` makes the model edit, `default` lets it talk alone. The
   * latter only where `chat` is wanted, if nothing is said.
   */
  readonly template?: 'default' | 'assistant-conversation';
  /** Whether the target area is marked in the code. CursorCore's formats do by default, the one-shot prompts do not. */
  readonly targetArea?: boolean;
  /** Whether the reply in words behind the change is wanted: then the change's end is no reason to stop. */
  readonly chat?: boolean;
  /** One-shot prompts only: begins the answer with the opening fence, so that the model cannot but write code. */
  readonly beginAnswer?: boolean;
}

/** What can be told of a model before it runs. */
export interface ModelTraits {
  /** The names that it goes by: of the repository, the file, the folder. */
  readonly names: readonly string[];
  /** The tokens that its tokenizer takes for control tokens. */
  readonly controlTokens: ReadonlySet<string>;
  readonly hasChatTemplate: boolean;
}

/**
 * A prompt format, how a model is spoken to: one file, and a line in `formats.ts`. Whatever others have to know about it
 * is said here; nothing asks for its name.
 */
export interface PromptFormat {
  /** As settings, manifests and `--format` have it. */
  readonly name: string;
  /** Whether a model is one that this format is for; of the formats that say so, the first in the list is taken. */
  isFor(model: ModelTraits): boolean;
  /** Whether the models that it is for were made to predict edits. They are taken before others. */
  readonly isForPrediction: boolean;
  /** Whether an instruction finds a place in the prompt. */
  readonly takesInstructions: boolean;
  /** The format in its place where there is an instruction, if it is not this one. */
  readonly forInstructions?: PromptFormat;
  /** Whether the answer gives the editable lines anew, so that it is as long as they are, or says only what changes. */
  readonly answer: 'rewrite' | 'changes';
  /**
   * Whether earlier texts are shown as wholes, which takes room for each, or by what changed; `edits` where it is the
   * last single edits, those of other documents among them, and `none` where it is not shown.
   */
  readonly history: 'wholes' | 'changes' | 'edits' | 'none';
  /** What parts of the text could be shown, the one that it would rather have first. The first that fits is. */
  views(snippet: Snippet, target: TargetArea | undefined): Iterable<View>;
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
  /**
   * What a model should answer for the text to become `next`, and `reply` in words where there is an instruction: what
   * `parse` reads back, for training. Changes outside the lines shown cannot be said. Formats that no data is made for have none.
   */
  write?(conversation: Conversation, next: string, options?: View & { readonly reply?: string }): Prompt;
}

/** A format that training data can be made for. */
export type WritablePromptFormat = PromptFormat & Required<Pick<PromptFormat, 'write'>>;
