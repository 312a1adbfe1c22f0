import {
  type Candidate,
  type CandidateGenerator,
  type Evidence,
  type GeneratorKind,
  generatorKinds,
  type PooledCandidate,
  type Ranked,
} from './candidate.ts';
import { describeAll } from './features.ts';
import { analogyGenerator } from './generators/analogy.ts';
import { argumentGenerator } from './generators/argument.ts';
import { awaitedGenerator } from './generators/awaited.ts';
import { closingTagGenerator } from './generators/closingTag.ts';
import { completionGenerator } from './generators/completion.ts';
import { copyAdaptGenerator } from './generators/copyAdapt.ts';
import { extractedGenerator } from './generators/extracted.ts';
import { halfTypedGenerator } from './generators/halfTyped.ts';
import { insertBlockGenerator } from './generators/insertBlock.ts';
import { likeLineGenerator } from './generators/likeLine.ts';
import { movedGenerator } from './generators/moved.ts';
import { parallelGenerator } from './generators/parallel.ts';
import { removedNameGenerator } from './generators/removedName.ts';
import { renameGenerator } from './generators/rename.ts';
import { replaceGenerator } from './generators/replace.ts';
import { restOfLineGenerator } from './generators/restOfLine.ts';
import { sequenceGenerator } from './generators/sequence.ts';
import { siblingGenerator } from './generators/sibling.ts';
import { transformGenerator } from './generators/transform.ts';
import { finishHabits, isBarelyBegun, repeatedHabits } from './habit.ts';
import { indentedLikePlace } from './indentation.ts';
import { isWord } from './lexer.ts';
import { shippedRanker } from './ranker.ts';
import type { Scene } from './scene.ts';
import { endsInHalfWord, isUnfinished } from './unfinished.ts';
import { unfit } from './unfit.ts';
import { tellRefused, type Watcher } from './watcher.ts';

export const generators: readonly CandidateGenerator[] = [
  replaceGenerator,
  renameGenerator,
  analogyGenerator,
  insertBlockGenerator,
  siblingGenerator,
  removedNameGenerator,
  argumentGenerator,
  movedGenerator,
  extractedGenerator,
  completionGenerator,
  copyAdaptGenerator,
  halfTypedGenerator,
  sequenceGenerator,
  closingTagGenerator,
  restOfLineGenerator,
  transformGenerator,
  parallelGenerator,
  likeLineGenerator,
  awaitedGenerator,
];

const maxCandidates = 64;

/** All candidates with the confidence the ranker gives them. */
export function propose(scene: Scene, watcher?: Watcher): Ranked[] {
  const candidates = collect(scene, watcher);
  const ranker = shippedRanker();
  scene.signal?.throwIfAborted();
  const features = describeAll(scene, candidates);
  const confidences = ranker.confidences(features);
  const ranked: Ranked[] = [];
  candidates.forEach((candidate, i) => {
    const [vector, confidence] = [features[i], confidences[i]];
    if (!vector || confidence === undefined) return;
    const judged = { ...candidate, confidence };
    ranked.push(judged);
    watcher?.judged(judged, vector);
  });
  const known = [...finishHabits(scene, ranked), ...repeatedHabits(scene, ranked)];
  return whileTyping(scene, known, watcher);
}

/**
 * Selects what may be shown while the line at the cursor is still being typed: its completions. Everything else
 * waits until the line is complete, unless two changes already show it.
 */
function whileTyping(scene: Scene, ranked: readonly Ranked[], watcher: Watcher | undefined): Ranked[] {
  const isHalf = endsInHalfWord(scene);
  const keep = (some: readonly Ranked[], isKept: (one: Ranked) => boolean, why: string): Ranked[] => {
    const kept = some.filter(isKept);
    tellRefused(watcher, some, kept, why);
    return kept;
  };
  const some = keep(
    ranked,
    (one) => !isHalf || !isCompletion(one.evidence) || goesOnInWord(scene, one),
    'takes the half-typed word at the cursor for whole',
  );
  if (some.some(isLikelyCompletion)) {
    const completions = keep(
      some,
      ({ evidence }) => isCompletion(evidence),
      'waits while a likely completion is shown',
    );
    const whole = wholeOnes(completions);
    tellRefused(watcher, completions, whole, 'is only the beginning of one that is about as likely');
    return whole;
  }
  if (isBarelyBegun(scene)) {
    return keep(some, (one) => !learntFromLatest(scene, one), 'is learnt from a line that has hardly been begun');
  }
  if (!isUnfinished(scene)) return some;
  // The names of tags are short, and the two of a pair change together.
  const closes = ({ kinds = 0, lines }: Ranked) =>
    (kinds & bitOf('closingTag')) !== 0 && !(isHalf && /<\/?[\w-]{3,}>/.test(lines[0] ?? ''));
  return keep(
    some,
    (one) => isCompletion(one.evidence) || closes(one) || (isShownBefore(one) && isOfLatest(scene, one)),
    'waits until the line at the cursor is finished',
  );
}

/** The shorter of two completions is left out if the longer one has at least this share of its confidence. */
const leastOfPart = 0.8;

/** Completions without those that are only the beginning of an about equally likely one. */
function wholeOnes(ranked: readonly Ranked[]): Ranked[] {
  const isPart = (one: Ranked, other: Ranked) => {
    const [part = '', whole = ''] = [one.lines[0], other.lines[0]];
    return one.lines.length === 1 && whole.length > part.length && whole.startsWith(part) && other.start === one.start;
  };
  return ranked.filter(
    (one) => !ranked.some((other) => isPart(one, other) && other.confidence >= leastOfPart * one.confidence),
  );
}

/** Whether a completion treats the word at the cursor as incomplete. */
function goesOnInWord({ lines, lineStarts, cursorLine, cursorOffset }: Scene, { lines: made }: Ranked): boolean {
  const column = cursorOffset - (lineStarts[cursorLine] ?? 0);
  const text = made[0] ?? '';
  return text.slice(0, column) === lines[cursorLine]?.slice(0, column) && isWord(text[column]);
}

const rewriting: ReadonlySet<GeneratorKind> = new Set([
  'replace',
  'replaceAll',
  'rename',
  'renamePart',
  'transform',
  'argument',
]);

/** Whether another change shows exactly the same, so the text being typed is not the only evidence. */
function isShownBefore({ evidence }: Ranked): boolean {
  return rewriting.has(evidence.kind) && evidence.support > 1;
}

const likely = 0.2;

function isLikelyCompletion({ evidence, confidence }: Ranked): boolean {
  return isCompletion(evidence) && confidence >= likely;
}

/** A line that is becoming a known text is not yet an example of anything. */
function learntFromLatest(scene: Scene, one: Ranked): boolean {
  return !isCompletion(one.evidence) && isOfLatest(scene, one);
}

function isOfLatest({ changes, latest }: Scene, { evidence }: Ranked): boolean {
  return changes[evidence.example] === latest;
}

function isCompletion({ kind }: Evidence): boolean {
  return kind === 'completion' || kind === 'halfTyped';
}

/** The generators' proposals, one for each different edit, those nearest the cursor. */
export function collect(scene: Scene, watcher?: Watcher): PooledCandidate[] {
  const byEdit = new Map<string, PooledCandidate>();
  for (const generate of generators) {
    scene.signal?.throwIfAborted();
    for (const proposed of generate(scene)) {
      const candidate = indentedLikePlace(scene, proposed);
      const why = unfit(scene, candidate);
      if (why !== undefined) {
        watcher?.unfit(candidate, why);
        continue;
      }
      const key = `${candidate.start}:${candidate.end}:${candidate.lines.join('\n')}`;
      const known = byEdit.get(key);
      byEdit.set(key, known ? pool(known, candidate) : pooled(candidate));
    }
  }
  const all = [...byEdit.values()];
  if (all.length <= maxCandidates) return all;
  const away = ({ start }: Candidate) =>
    start >= scene.cursorLine ? start - scene.cursorLine : 3 * (scene.cursorLine - start);
  all.sort((a, b) => away(a) - away(b));
  const far = all.splice(maxCandidates);
  for (const one of far) watcher?.unfit(one, `is not among the ${maxCandidates} nearest to the cursor`);
  return all;
}

function bit(candidate: Candidate): number {
  return bitOf(candidate.evidence.kind);
}

function bitOf(kind: GeneratorKind): number {
  return 1 << generatorKinds.indexOf(kind);
}

/** All have the same shape then, whichever generator made them: they are read faster. */
function pooled(candidate: Candidate): PooledCandidate {
  const { start, end, lines, evidence, reason } = candidate;
  return { start, end, lines, evidence, reason, kinds: bit(candidate) };
}

/** The same edit proposed twice: the first reason, the best values of both evidences. */
function pool(a: PooledCandidate, b: Candidate): PooledCandidate {
  const { evidence: x, kinds: known } = a;
  const { evidence: y } = b;
  const kinds = known | bit(b);
  // Most of what is proposed twice brings nothing new.
  const isBetter =
    y.support > x.support || y.age < x.age || y.left > x.left || y.right > x.right || y.likeness > x.likeness;
  if (!isBetter) return kinds === known ? a : { ...a, kinds };
  const evidence = {
    ...x,
    support: Math.max(x.support, y.support),
    age: Math.min(x.age, y.age),
    left: Math.max(x.left, y.left),
    right: Math.max(x.right, y.right),
    likeness: Math.max(x.likeness, y.likeness),
  };
  return { ...a, evidence, kinds };
}
