import type { Delta } from '../edits/delta.ts';
import type { OffsetEdit } from '../edits/offsetEdit.ts';

/** The programmer's place, in UTF-16 offsets of the current snippet (CursorCore's "target area"). */
export type TargetArea =
  | { readonly kind: 'cursor'; readonly offset: number }
  | { readonly kind: 'selection'; readonly start: number; readonly end: number };

/** A recent change of another document, which an engine may use as an example or as context. */
export interface RelatedChange {
  /** Workspace-relative path with forward slashes, or the file's name outside a workspace. */
  readonly path: string;
  readonly languageId: string;
  readonly before: string;
  readonly after: string;
}

/**
 * What an engine is asked: Assistant-Conversation's H, C and U (arXiv 2410.07002, section 2).
 * A plain value: it can be cloned to another thread or process and written to a test.
 */
export interface Conversation {
  /** Workspace-relative path with forward slashes, or the file's name outside a workspace. */
  readonly path: string;
  /** LSP language identifier, e.g. `typescript`; empty when unknown. */
  readonly languageId: string;
  /** H: earlier snapshots of the whole document, oldest first, without the current text. */
  readonly history: readonly string[];
  /**
   * The programmer's last edits one by one, oldest first, the newest leading to `current`: finer than `history`, for
   * engines that read each edit as an example. Empty if an edit has just been undone; absent if only `history` is
   * known.
   */
  readonly edits?: readonly Delta[];
  /** C: the document's text now. */
  readonly current: string;
  /** Where `current` is masked, sorted and disjoint, in UTF-16 offsets: edits there are not offered. */
  readonly masked?: readonly { readonly start: number; readonly end: number }[];
  readonly target?: TargetArea;
  /** U: an instruction in the programmer's words. */
  readonly instruction?: string;
  /** Recent changes of other documents, newest last. */
  readonly related?: readonly RelatedChange[];
}

/** One predicted edit, in UTF-16 offsets of `Conversation.current`. */
export interface PredictedEdit extends OffsetEdit {
  /** The engine's estimate, 0 to 1, that the programmer wants this edit. */
  readonly confidence: number;
  /** A few words for a title, e.g. ``rename `foo` to `bar` ``. */
  readonly reason?: string;
}

/**
 * An engine's answer, against `Conversation.current`. `edits` are sorted by offset and do not overlap or touch;
 * an empty list means the engine stays silent.
 */
export interface Prediction {
  readonly edits: readonly PredictedEdit[];
  /** The assistant's reply in words, where an instruction asked for one. */
  readonly chat?: string;
  /** Whether the engine stopped after the first hunk; `Engine.finish` returns the rest, too. */
  readonly partial?: boolean;
}
