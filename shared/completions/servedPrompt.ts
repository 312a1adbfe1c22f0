import type { FileChange } from './fileChanges.ts';

/**
 * What an editor wrote for a model that predicts edits, read back: a part of a file, of which a *region* around the cursor is to
 * be written anew. `before + region + after` is that part, less what the format does not carry: its final line end.
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
  /** What was changed lately, in this file and others, oldest first. */
  readonly changes: readonly FileChange[];
  /** The model's answer by which the region becomes `newRegion`; what is not to change has one, too. */
  readonly answer: (newRegion: string) => string;
}
