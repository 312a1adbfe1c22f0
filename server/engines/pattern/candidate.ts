import type { Scene } from './scene.ts';

/** The source of a candidate. The order is the ranker's encoding: append, never reorder, or fit again. */
export const generatorKinds = [
  'replace',
  'replaceAll',
  'rename',
  'renamePart',
  'analogy',
  'insertBlock',
  'deleteBlock',
  'sibling',
  'removedName',
  'completion',
  'argument',
  'moved',
  'extracted',
  'copyAdapt',
  'halfTyped',
  'sequence',
  'closingTag',
  'restOfLine',
  'transform',
  'parallel',
  'likeLine',
  'awaited',
] as const;

export type GeneratorKind = (typeof generatorKinds)[number];

/** What a generator knows about why it proposes something; the ranker sees all of it. */
export interface Evidence {
  readonly kind: GeneratorKind;
  /** How many of the programmer's changes show this very pattern. */
  readonly support: number;
  /** Steps since the most recent of them; 0 for the latest. */
  readonly age: number;
  /** Tokens to the left and right of the changed ones that agree with the example, white space not counted. */
  readonly left: number;
  readonly right: number;
  /** Changed places in this candidate. */
  readonly sites: number;
  /** Places in the file where the same change is possible. */
  readonly allSites: number;
  /** Places that the programmer skipped. */
  readonly skipped: number;
  /** Non-space tokens removed and inserted at one place. */
  readonly oldTokens: number;
  readonly newTokens: number;
  /** Similarity of the example's and the candidate's surroundings, 0 to 1. */
  readonly likeness: number;
  /** Generator's own number, e.g. how many names were substituted. */
  readonly extra: number;
  /** Whether the changed name refers to the same as the example's: 1 yes, 0 no, between if uncertain. */
  readonly scope: number;
  /** Whether no changed name has a declaration any more, as it has been renamed. */
  readonly orphaned: boolean;
  /** How the example's name is declared: an index into `declarationKinds`, -1 where it is not. */
  readonly declared: number;
  /** Changed places of another kind than the example's: inside a string, a comment, a member of something, a label. */
  readonly inString: number;
  readonly inComment: number;
  readonly asMember: number;
  readonly asLabel: number;
  /** Index into the scene's changes of the example. */
  readonly example: number;
}

/** Lines `start` to `end` of the current text replaced by `lines`; half-open, from 0. */
export interface Candidate {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
  readonly evidence: Evidence;
  readonly reason: string;
}

/** A candidate that may have been proposed by several generators. */
export interface PooledCandidate extends Candidate {
  /** Bit `i` is set when `generatorKinds[i]` proposed it. */
  readonly kinds: number;
}

/** A candidate with the ranker's judgement, or a rule's. */
export interface Ranked extends Candidate {
  /** See `PooledCandidate`; absent where a rule proposed it. */
  readonly kinds?: number;
  /** The probability that the candidate is wanted. */
  readonly confidence: number;
}

export type CandidateGenerator = (scene: Scene) => Iterable<Candidate>;
