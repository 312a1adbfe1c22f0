import { diffEdits } from '../../shared/edits/diff.ts';
import { splitsCharacter } from '../../shared/edits/lines.ts';
import type { Random } from './random.ts';
import type { SampleTarget } from './records.ts';

/** How the programmer's place is drawn (arXiv 2410.07002, Appendix F; the figures are those of the authors' scripts). */
export interface TargetChances {
  /** That there is a place at all. */
  readonly given: number;
  /** That it is a cursor and not a selection. */
  readonly cursor: number;
  /** That it is not exact: a cursor inside a change, a selection that reaches beyond. */
  readonly loose: number;
  /** That it says nothing. */
  readonly anywhere: number;
}

export const targetChances: TargetChances = { given: 0.75, cursor: 0.5, loose: 0.5, anywhere: 0.05 };

/** How far a selection may reach beyond the changes, in UTF-16 code units. */
export const looseReach = 32;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A place in `current` of a programmer who wants `next`, in UTF-16 offsets that part no character; null where none is given. */
export function drawTarget(
  current: string,
  next: string,
  random: Random,
  chances = targetChances,
): SampleTarget | null {
  if (!random.chance(chances.given)) return null;
  const whole = { start: 0, end: current.length };
  const changes: readonly Range[] = current === next ? [] : diffEdits(current, next);
  const [first, last] = [changes[0], changes.at(-1)];
  const isCursor = random.chance(chances.cursor);
  const isAnywhere = random.chance(chances.anywhere) || !first || !last;
  const isLoose = random.chance(chances.loose);
  const at = (offset: number) => (splitsCharacter(current, offset) ? offset - 1 : offset);
  const inside = ({ start, end }: Range) => at(random.between(start, end));

  if (isAnywhere) {
    if (isCursor) return { kind: 'cursor', offset: inside(whole), placed: 'anywhere' };
    const [a, b] = [inside(whole), inside(whole)];
    return { kind: 'selection', start: Math.min(a, b), end: Math.max(a, b), placed: 'anywhere' };
  }
  if (isCursor) {
    const change = random.pick(changes);
    const offset = isLoose ? inside(change) : random.pick([change.start, change.end]);
    return { kind: 'cursor', offset: Math.max(change.start, at(offset)), placed: 'change' };
  }
  if (!isLoose) return { kind: 'selection', start: first.start, end: last.end, placed: 'change' };
  const start = inside({ start: Math.max(0, first.start - looseReach), end: first.start });
  const end = inside({ start: last.end, end: Math.min(current.length, last.end + looseReach) });
  return { kind: 'selection', start, end, placed: 'near' };
}
