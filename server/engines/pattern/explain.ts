import type { Conversation, PredictedEdit } from '../../../shared/conversation/conversation.ts';
import { type Candidate, type GeneratorKind, generatorKinds, type Ranked } from './candidate.ts';
import { type FeatureVector, featureNames } from './features.ts';
import { editsOf } from './patternEngine.ts';
import { buildScene, type Scene } from './scene.ts';

/** Why the pattern engine predicts what it does: everything it thought of for one conversation. Plain data, to be printed. */
export interface Explanation {
  /** The threshold, 0 to 1. */
  readonly minConfidence: number;
  /** Why nothing was thought of, a sentence. */
  readonly silence?: string;
  /** The programmer's changes that it goes by; those in this document in the order of the text. */
  readonly changes: readonly ExplainedChange[];
  /** Those shown first, then those that were ranked, the most certain first, then those that were not even ranked. */
  readonly candidates: readonly ExplainedCandidate[];
  /** The prediction. */
  readonly edits: readonly PredictedEdit[];
}

export interface ExplainedChange {
  /** Lines of the current text, half-open, from 0; of another document where `elsewhere`. */
  readonly start: number;
  readonly end: number;
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  /** Steps since; 0 for the newest edit. */
  readonly age: number;
  readonly elsewhere: boolean;
}

export interface ExplainedCandidate {
  /** The lines that it replaces, half-open, from 0. */
  readonly start: number;
  readonly end: number;
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  /** What it would be called where it is shown. */
  readonly reason: string;
  /** The generators' kinds that proposed it, the first one's first. */
  readonly kinds: readonly GeneratorKind[];
  /** Index into `changes` of the example it goes by. */
  readonly example: number;
  /** The probability that it is wanted, 0 to 1; absent where it was not ranked. */
  readonly confidence?: number;
  /** Whether a rule gave it its confidence, not the ranker. */
  readonly byRule: boolean;
  /** What the ranker was told of it, by name; absent where it was not ranked. */
  readonly features?: { readonly [name: string]: number };
  /** Why it is not shown, the end of a sentence about it; absent where it is. */
  readonly refused?: string;
}

interface Found {
  readonly candidate: Candidate & Partial<Ranked>;
  readonly features?: FeatureVector;
  /** The ranker's confidence; absent where only a rule gave one. */
  readonly judgement?: number;
  readonly refused?: string;
}

/** What `PatternEngine.predict` gives for the same conversation and threshold, and how it comes to that. */
export function explain(conversation: Conversation, minConfidence: number): Explanation {
  let silence: string | undefined;
  const scene = buildScene(conversation, undefined, (why) => {
    silence = why;
  });
  if (!scene) {
    return { minConfidence, ...(silence === undefined ? {} : { silence }), changes: [], candidates: [], edits: [] };
  }
  const unfit = new Map<string, Found>();
  const ranked = new Map<string, Found>();
  // A rule can propose the very edit that the ranker judged: it is one candidate, with the higher confidence.
  const note = (candidate: Ranked, told: Omit<Found, 'candidate'>) => {
    const key = keyOf(candidate);
    const { refused: _, ...known } = ranked.get(key) ?? { candidate };
    const best = (known.candidate.confidence ?? 0) > candidate.confidence ? known.candidate : candidate;
    ranked.set(key, { ...known, ...told, candidate: best });
  };
  const edits = editsOf(scene, minConfidence, {
    judged: (candidate, features) => note(candidate, { features, judgement: candidate.confidence }),
    unfit: (candidate, refused) => unfit.set(keyOf(candidate), { candidate, refused }),
    refused: (candidate, refused) => note(candidate, { refused }),
    // Comes last.
    shown: (candidate) => note(candidate, {}),
  });
  const candidates = [...ranked.values(), ...unfit.values()].map((found) => explained(scene, found)).sort(inOrder);
  const changes = scene.changes.map(({ start, end, oldLines, newLines, age, elsewhere }) => {
    return { start, end, oldLines, newLines, age, elsewhere };
  });
  return { minConfidence, changes, candidates, edits };
}

function keyOf({ start, end, lines }: Candidate): string {
  return `${start}:${end}:${lines.join('\n')}`;
}

function explained(scene: Scene, { candidate, features, judgement, refused }: Found): ExplainedCandidate {
  const { start, end, lines, reason, evidence, kinds = 0, confidence } = candidate;
  const others = generatorKinds.filter((kind, i) => (kinds & (1 << i)) !== 0 && kind !== evidence.kind);
  return {
    start,
    end,
    oldLines: scene.lines.slice(start, end),
    newLines: lines,
    reason,
    kinds: [evidence.kind, ...others],
    example: evidence.example,
    ...(confidence === undefined ? {} : { confidence }),
    byRule: confidence !== judgement,
    ...(features ? { features: Object.fromEntries(featureNames.map((name, i) => [name, features[i] ?? 0])) } : {}),
    ...(refused === undefined ? {} : { refused }),
  };
}

function inOrder(a: ExplainedCandidate, b: ExplainedCandidate): number {
  const isShown = ({ refused }: ExplainedCandidate) => Number(refused === undefined);
  return isShown(b) - isShown(a) || (b.confidence ?? -1) - (a.confidence ?? -1) || a.start - b.start;
}
