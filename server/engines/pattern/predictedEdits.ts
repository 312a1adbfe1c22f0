import type { PredictedEdit } from '../../../shared/conversation/conversation.ts';
import { narrowEdit } from '../../../shared/edits/diff.ts';
import { lineEndOf } from '../../../shared/edits/lines.ts';
import type { Candidate, Ranked } from './candidate.ts';
import { propose } from './propose.ts';
import type { Scene } from './scene.ts';
import { tellRefused, type Watcher } from './watcher.ts';

/** What the engine predicts for a scene. */
export function editsOf(scene: Scene, minConfidence: number, watcher?: Watcher): PredictedEdit[] {
  const ranked = propose(scene, watcher);
  const shown = confident(ranked, minConfidence);
  tellRefused(watcher, ranked, shown, `is less certain than ${minConfidence}`);
  return toEdits(scene, shown, watcher);
}

/** Candidates that do the same as a shown one may be this much less certain: half of a rename helps nobody. */
const leniency = 0.6;

function confident(ranked: readonly Ranked[], least: number): Ranked[] {
  const titleOf = ({ evidence, reason }: Ranked) => `${evidence.kind}\0${reason}`;
  const shown = new Set(ranked.filter((one) => one.confidence >= least).map(titleOf));
  return ranked.filter((one) => one.confidence >= (shown.has(titleOf(one)) ? leniency * least : least));
}

/** The best candidates that neither overlap nor touch, as edits in the order of the text. */
function toEdits(scene: Scene, ranked: readonly Ranked[], watcher: Watcher | undefined): PredictedEdit[] {
  const chosen: Ranked[] = [];
  for (const candidate of [...ranked].sort((a, b) => b.confidence - a.confidence || a.start - b.start)) {
    if (chosen.every((other) => liesApart(candidate, other) && !isHeldBackBy(candidate, other))) chosen.push(candidate);
  }
  tellRefused(watcher, ranked, chosen, 'overlaps or touches one that is more certain');
  const eol = lineEndOf(scene.text);
  const made = new Map(chosen.map((candidate) => [toEdit(scene, candidate, eol), candidate]));
  const tell = (edit: PredictedEdit, refusal?: string) => {
    const candidate = made.get(edit);
    if (candidate && refusal !== undefined) watcher?.refused(candidate, refusal);
    else if (candidate) watcher?.shown(candidate);
  };
  const edits = [...made.keys()]
    .filter((edit) => {
      const changes = edit.start < edit.end || edit.newText !== '';
      if (!changes) tell(edit, 'changes nothing');
      return changes;
    })
    .sort((a, b) => a.start - b.start || a.end - b.end);
  // In repeated text an edit's lines can differ from its candidate's: if two edits touch, the surer one stays.
  const kept: PredictedEdit[] = [];
  for (const edit of edits) {
    const last = kept.at(-1);
    if (last && edit.start <= last.end) {
      const isSurer = last.confidence >= edit.confidence;
      tell(isSurer ? edit : last, 'meets one that is more certain in repeated text');
      if (isSurer) continue;
      kept.pop();
    }
    kept.push(edit);
  }
  for (const edit of kept) tell(edit);
  return kept;
}

/** What stands right beside an edit is offered with it if it is at least this share as certain. */
const leastBeside = 0.6;

/** Whether a much surer edit stands right beside a candidate: both would be shown as one, and be taken for as sure. */
function isHeldBackBy(a: Ranked, b: Ranked): boolean {
  return (a.start === b.end || a.end === b.start) && a.confidence < leastBeside * b.confidence;
}

function rewrites({ start, end, lines }: Candidate): boolean {
  return start < end && lines.length > 0;
}

/** Lines that are both rewritten may be neighbours: the line break between them stays. */
function liesApart(a: Candidate, b: Candidate): boolean {
  if (rewrites(a) && rewrites(b)) return a.start >= b.end || a.end <= b.start;
  return a.start > b.end || a.end < b.start;
}

function toEdit(scene: Scene, candidate: Ranked, eol: string): PredictedEdit {
  const { text, lines, lineStarts } = scene;
  const { start, end, confidence, reason } = candidate;
  const startOf = (line: number) => lineStarts[line] ?? text.length;
  const endOf = (line: number) => startOf(line) + (lines[line]?.length ?? 0);
  const added = candidate.lines.join(eol);
  const whole = (from: number, to: number, newText: string) =>
    narrowEdit(text, { start: from, end: to, newText, confidence, reason });
  if (candidate.lines.length === 0) {
    if (end < lines.length) return whole(startOf(start), startOf(end), '');
    return whole(start > 0 ? endOf(start - 1) : 0, text.length, '');
  }
  if (start < end) return whole(startOf(start), endOf(end - 1), added);
  if (start < lines.length) return whole(startOf(start), startOf(start), added + eol);
  return whole(text.length, text.length, eol + added);
}
