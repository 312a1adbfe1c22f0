import type { Conversation } from '../../../shared/conversation/conversation.ts';
import type { CandidateExplanation, ExplainedCandidate } from '../explanation.ts';
import { type Candidate, generatorKinds, type Ranked } from './candidate.ts';
import { type FeatureVector, featureNames } from './features.ts';
import { editsOf } from './predictedEdits.ts';
import { buildScene, type Scene } from './scene.ts';

interface Found {
  readonly candidate: Candidate & Partial<Ranked>;
  readonly features?: FeatureVector;
  /** The ranker's confidence; absent where only a rule gave one. */
  readonly judgement?: number;
  readonly refused?: string;
}

/** What `PatternEngine.predict` returns for the same conversation and threshold, and the reasons for it. */
export function explain(conversation: Conversation, minConfidence: number): CandidateExplanation {
  let silence: string | undefined;
  const scene = buildScene(conversation, undefined, (why) => {
    silence = why;
  });
  if (!scene) {
    return {
      kind: 'candidates',
      minConfidence,
      ...(silence === undefined ? {} : { silence }),
      changes: [],
      candidates: [],
      edits: [],
    };
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
  return { kind: 'candidates', minConfidence, changes, candidates, edits };
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
