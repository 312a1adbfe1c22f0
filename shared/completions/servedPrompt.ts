import type { FileChange } from './fileChanges.ts';

/**
 * A parsed prompt that an editor wrote for a model that predicts edits: a part of a file, with a *region* around the
 * cursor to be rewritten. `before + region + after` is that part, without what the format does not carry: its final
 * line end.
 */
export interface ServedPrompt {
  readonly format: 'zeta1' | 'zeta2' | 'zeta2.1';
  /** As the editor spells it, with forward slashes. */
  readonly path: string;
  readonly before: string;
  readonly region: string;
  readonly after: string;
  /** Where the cursor is, in UTF-16 code units of `region`. */
  readonly cursor: number;
  /** Recent changes, in this file and others, oldest first. */
  readonly changes: readonly FileChange[];
  /** The model's answer that replaces the region by `newRegion`; a region without changes has an answer, too. */
  readonly answer: (newRegion: string) => string;
}
