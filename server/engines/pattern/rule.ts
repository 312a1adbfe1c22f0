/** A run of tokens that the programmer replaced by another, and its surroundings on the line. */
export interface Rule {
  readonly oldText: string;
  readonly newText: string;
  /** Tokens of the example's old line before and after `oldText`. */
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly oldTokens: number;
  readonly newTokens: number;
  /** Which share of the change on the example's line the rule explains, 0 to 1. */
  readonly share: number;
  /** The newest example's old line, and the UTF-16 column of `oldText` on it. */
  readonly line: string;
  readonly column: number;
  /** Indexes of the changes that show it, and the age of the newest. */
  readonly examples: readonly number[];
  readonly age: number;
}

/** What a place and the example of a rule have in common, apart from the text. */
export interface SiteLook {
  /** Whether the name here refers to the same as the example's: 1 yes, 0 no, 0.5 if uncertain. */
  readonly scope: number;
  readonly declared: number;
  /** Whether the declaration that the name refers to has been renamed, so here it has no declaration any more. */
  readonly orphaned: boolean;
  /** Whether it is a member of something. */
  readonly member: boolean;
  readonly inString: boolean;
  readonly inComment: boolean;
  readonly asMember: boolean;
  readonly asLabel: boolean;
}

export type LookAt = (line: number, column: number) => SiteLook;

/** A place on a line where a rule could be applied. */
export interface RuleSite {
  readonly line: number;
  /** UTF-16 columns of the text to be replaced. */
  readonly start: number;
  readonly end: number;
  readonly newText: string;
  /** Agreeing context in tokens, white space not counted. */
  readonly left: number;
  readonly right: number;
  readonly look: SiteLook;
}
