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

/** The part of the current text that a prompt shows. */
export interface View {
  /** Lines that are shown; all if absent. */
  readonly excerpt?: LineRange;
  /**
   * Lines that the answer may change, a part of the excerpt; the whole excerpt if absent. A rewriting answer contains
   * exactly these.
   */
  readonly editable?: LineRange;
}

/**
 * The whole prompt if the format defines it: CursorCore's template, with the messages that it was made of, or plain
 * text for a base model. Otherwise messages, which the owner of the tokenizer puts into the model's own chat template.
 */
export type RenderedPrompt = RenderedParts &
  (
    | { readonly prompt: Prompt; readonly messages?: readonly Message[] }
    | { readonly prompt?: undefined; readonly messages: readonly ChatMessage[] }
  );

interface RenderedParts {
  /** The part of the answer that the prompt already contains; `parse` gets it together with the answer. */
  readonly answerPrefix: string;
  /** What follows it if nothing is to change; absent where an answer repeats nothing. With it, a model answers sooner. */
  readonly expected?: Prompt;
  /** Control tokens or plain strings at which the model is to stop, besides its end of sequence. */
  readonly stop: readonly string[];
}

export interface ResumedAnswer {
  /** What of the answer is kept, and words that the model is given to go on with. Begins with `answerPrefix`. */
  readonly answer: string;
  /** As of `RenderedPrompt`. */
  readonly expected: Prompt;
}

/** The progress of an answer that is still being written. */
export type AnswerState = 'unchanged so far' | 'first hunk complete' | 'complete';

export interface AnswerRange {
  readonly start: number;
  readonly end: number;
}

export interface ParsedAnswer {
  readonly state: AnswerState;
  /**
   * Edits against `Conversation.current`, sorted and disjoint; of an answer still being written, those hunks that no
   * further token can change. Empty for an answer that changes nothing or is refused: see `problem`.
   */
  readonly edits: readonly OffsetEdit[];
  /**
   * For each edit, the part of the answer that says it, half-open in UTF-16 code units: how likely all of that was is how sure the
   * model is. Absent where an answer repeats text that does not change, for what was copied says nothing.
   */
  readonly sources?: readonly AnswerRange[];
  /** With `sources`: what has been written of a change that is not complete yet. */
  readonly unfinished?: AnswerRange;
  /** The reply in words after the code. */
  readonly chat?: string;
  /** Why an answer was refused, e.g. search text that was not found. For the log; never contains the user's code. */
  readonly problem?: string;
}

export interface RenderOptions extends View {
  /**
   * CursorCore's named chat templates: `assistant-conversation` makes the model edit, `default` also lets it only talk.
   * By default the latter only where `chat` is wanted.
   */
  readonly template?: 'default' | 'assistant-conversation';
  /**
   * Whether the target area is marked in the code. By default, CursorCore's formats mark it and the one-shot prompts do
   * not.
   */
  readonly targetArea?: boolean;
  /** Whether the reply in words behind the change is wanted: then the model does not stop at the change's end. */
  readonly chat?: boolean;
  /** One-shot prompts only: begins the answer with the opening fence, so that the model must write code. */
  readonly beginAnswer?: boolean;
}

/** What is known of a model before it runs. */
export interface ModelTraits {
  /** Its names: of the repository, the file, the folder. */
  readonly names: readonly string[];
  /** The tokens that its tokenizer takes for control tokens. */
  readonly controlTokens: ReadonlySet<string>;
  readonly hasChatTemplate: boolean;
  /** How many numbers its weights are; absent if unknown, as of a model on a server. */
  readonly parameters?: number;
}

/**
 * A prompt format, i.e. how to prompt a model: one file, and a line in `formats.ts`. Everything that others need to
 * know about it is a field here; no code checks its name.
 */
export interface PromptFormat {
  /** Its name in settings, manifests and `--format`. */
  readonly name: string;
  /** Whether this format is for a model; if several formats are, the first in the list is used. */
  isFor(model: ModelTraits): boolean;
  /** Whether its models were trained to predict edits. They are preferred to others. */
  readonly isForPrediction: boolean;
  /** Whether the prompt can contain an instruction. */
  readonly takesInstructions: boolean;
  /** The format that takes this one's place for a conversation, such as one with an instruction; undefined where none does. */
  instead?(conversation: Conversation): PromptFormat | undefined;
  /**
   * Whether the answer rewrites the editable lines, so that it is as long as they are, or contains only the changes.
   */
  readonly answer: 'rewrite' | 'changes';
  /**
   * Whether earlier texts are shown as wholes, which takes space for each, or by their changes; `edits` for the last
   * single edits, including those of other documents, and `none` if history is not shown.
   */
  readonly history: 'wholes' | 'changes' | 'edits' | 'none';
  /** Edits that the model is less sure of are not shown, 0 to 1, unless the user says otherwise; 0.3 if absent. */
  readonly minConfidence?: number;
  /**
   * The parts of the text that could be shown, in order of preference. The first that fits is used. `snippet` and `target` are the
   * conversation's.
   */
  views(snippet: Snippet, target: TargetArea | undefined, conversation: Conversation): Iterable<View>;
  /** Renders S-H-C-U up to the point where the assistant continues. */
  render(conversation: Conversation, options?: RenderOptions): RenderedPrompt;
  /**
   * Reads an answer (with `answerPrefix` in front), complete or so far. Never throws; an ambiguous answer is refused
   * with `problem`.
   */
  parse(
    answer: string,
    conversation: Conversation,
    options: RenderOptions & { readonly complete: boolean },
  ): ParsedAnswer;
  /**
   * How an answer goes on that the model ended too early, so that it says the rest as well; undefined where it has said all. Absent
   * where an early end says something.
   */
  resume?(answer: string, conversation: Conversation, options: RenderOptions): ResumedAnswer | undefined;
  /**
   * The model's ideal answer for turning the text into `next`, with `reply` in words where there is an instruction:
   * what `parse` reads back, for training. It cannot contain changes outside the lines shown. Absent in formats without
   * training data.
   */
  write?(conversation: Conversation, next: string, options?: View & { readonly reply?: string }): Prompt;
}

/** A format that training data can be made for. */
export type WritablePromptFormat = PromptFormat & Required<Pick<PromptFormat, 'write'>>;
