import type { Candidate } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { evidence } from '../evidence.ts';
import { itemsFrom, type NumberedLine, type NumberSlot, renumbered, slotsOf, valueAt } from '../numbered.ts';
import { oldTexts } from '../oldTexts.ts';
import type { Scene } from '../scene.ts';

const maxChangedLines = 30;
const maxProposed = 12;
/** A line of more numbers is data. */
const maxSlots = 8;

/** What the change did to a run of numbered lines. */
interface Broken {
  readonly slot: NumberSlot;
  readonly below: readonly NumberedLine[];
  readonly above: readonly NumberedLine[];
  /** The step of the run before the change, and from now on. */
  readonly step: number;
  readonly newStep: number;
  /** The number that the next line has to have. */
  readonly next: number;
  /** How many lines up from here were changed in the same way. */
  readonly support: number;
  readonly how: (typeof ways)[keyof typeof ways];
}

const ways = { collides: 0, moved: 1, duplicate: 2, deleted: -1 } as const;

/**
 * Numbered lines count up: after one was inserted, removed or given another number, those below are renumbered, one
 * by one. These are list items, rows, values of enumerations, comments on steps, and anything else counted by line.
 */
export function* sequenceGenerator(scene: Scene): Generator<Candidate> {
  const { latest } = scene;
  if (latest.elsewhere || latest.newLines.length > maxChangedLines || latest.oldLines.length > maxChangedLines) return;
  const example = scene.changes.indexOf(latest);
  const higher = slidUp(scene, latest);
  const broken = brokenRun(scene, latest) ?? (higher && brokenRun(scene, higher));
  if (!broken) return;
  const { slot, below, above, step, newStep, support, how } = broken;
  const items = how === ways.duplicate ? below.slice(0, 1) : below;
  let expected = items[0]?.value;
  for (const [k, { line, value }] of items.entries()) {
    // The run ends where the counting stops.
    if (k >= maxProposed || value !== expected) return;
    expected = value + step;
    const text = scene.lines[line] ?? '';
    // Another line of the run shows which other numbers on the line change with it.
    const model =
      scene.lines[(how === ways.duplicate ? above[1] : (items[k + 1] ?? items[k - 1] ?? above[0]))?.line ?? line];
    const made = renumbered(text, slot, broken.next + k * newStep, model ?? text);
    if (!made || made.text === text) return;
    yield {
      start: line,
      end: line + 1,
      lines: [made.text],
      evidence: evidence('sequence', scene, example, {
        support,
        left: Math.min(above.length, 20),
        right: Math.min(below.length, 20),
        sites: made.sites,
        allSites: items.length,
        oldTokens: Math.abs(step),
        newTokens: Math.min(Math.abs(broken.next - (items[0]?.value ?? 0)), 99),
        likeness: slot.strong ? 1 : 0.5,
        extra: how,
      }),
      reason: 'number it anew',
    };
  }
}

/** If an inserted block begins like the one behind it, it may as well be seen as starting further up. */
function slidUp({ lines }: Scene, change: Change): Change | undefined {
  if (change.oldLines.length > 0) return undefined;
  let { start, end } = change;
  while (start > 0 && end > change.start && lines[start - 1] === lines[end - 1]) {
    start--;
    end--;
  }
  return start < change.start ? { ...change, start, end, newLines: lines.slice(start, end) } : undefined;
}

function brokenRun(scene: Scene, change: Change): Broken | undefined {
  const seen = new Set<string>();
  const numbered = (lines: readonly string[]) => lines.findLast((line) => /\d/.test(line)) ?? '';
  for (const text of [numbered(change.newLines), numbered(change.oldLines)]) {
    for (const slot of slotsOf(text).slice(0, maxSlots)) {
      const key = `${slot.index} ${slot.strong} ${slot.signature}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const broken = inSlot(scene, change, slot);
      if (broken) return broken;
    }
  }
  return undefined;
}

function inSlot(scene: Scene, change: Change, slot: NumberSlot): Broken | undefined {
  const below = itemsFrom(scene, slot, change.end, 1);
  const above = itemsFrom(scene, slot, change.start - 1, -1);
  const news = valuesIn(change.newLines, slot);
  const olds = valuesIn(change.oldLines, slot);
  const [next, second] = below;
  const [prev, before] = above;
  const repeated = duplicate(scene, change, slot, above);
  if (repeated) return repeated;
  if (!next) return undefined;
  // The earlier step of the run, found from two of its lines.
  const last = olds.at(-1);
  const step = second
    ? second.value - next.value
    : last !== undefined
      ? next.value - last
      : prev && before
        ? prev.value - before.value
        : prev && news.length > 0
          ? next.value - prev.value
          : 0;
  if (step === 0) return undefined;
  const common = { slot, below, above, step, newStep: step, support: 1 };
  const lastNew = news.at(-1);
  if (olds.length === 0) {
    // Inserted before a line that has the number already: the run continued from the line above, or began here.
    const follows = prev ? prev.value + step === next.value : next.value === 0 || next.value === 1;
    if (lastNew === undefined || news[0] !== next.value || !follows || !isRun(news, step)) return undefined;
    return { ...common, next: lastNew + step, how: ways.collides };
  }
  if (last === undefined || last + step !== next.value) return undefined;
  if (lastNew === undefined) {
    if (change.newLines.length > 0) return undefined;
    const first = olds[0] ?? 0;
    if (!isRun(olds, step) || (prev && prev.value + step !== first)) return undefined;
    return { ...common, next: first, how: ways.deleted };
  }
  const moved = movedWith(scene, slot, above, { was: last, now: lastNew }, step);
  const newStep = moved?.newStep ?? step;
  const wanted = lastNew + newStep;
  if (wanted === next.value) return undefined;
  const how = lastNew === next.value ? ways.collides : ways.moved;
  // A single number that was set to something else means little unless a longer run follows.
  if (how === ways.moved && !moved && below.length < 2) return undefined;
  return { ...common, newStep, next: wanted, support: moved?.support ?? 1, how };
}

/** A line inserted as a copy of the last one, with its number not yet increased. */
function duplicate(scene: Scene, change: Change, slot: NumberSlot, above: readonly NumberedLine[]): Broken | undefined {
  const [prev, before] = above;
  if (!prev || !before || change.oldLines.length > 0 || change.end - change.start !== 1) return undefined;
  const text = scene.lines[change.start] ?? '';
  if (prev.line !== change.start - 1 || text !== scene.lines[prev.line]) return undefined;
  const step = prev.value - before.value;
  if (step === 0) return undefined;
  const below = [{ line: change.start, value: prev.value }];
  return { slot, below, above, step, newStep: step, next: prev.value + step, support: 1, how: ways.duplicate };
}

/** The lines above were renumbered in the same way: by the same amount, or with a new step from now on. */
function movedWith(
  scene: Scene,
  slot: NumberSlot,
  above: readonly NumberedLine[],
  { was, now }: { was: number; now: number },
  step: number,
): { newStep: number; support: number } | undefined {
  const old = oldTexts(scene);
  let [support, newStep] = [1, 0];
  let [laterOld, laterNew] = [was, now];
  for (const { line, value } of above) {
    const texts = [...(old.get(line) ?? [])];
    const earlier = texts
      .map((text) => valueAt(text, slot))
      .find((one) => one !== undefined && one + step === laterOld);
    if (earlier === undefined || earlier === value) break;
    const between = laterNew - value;
    if (support > 1 && between !== newStep) break;
    newStep = between;
    support++;
    [laterOld, laterNew] = [earlier, value];
  }
  return support > 1 && newStep !== 0 ? { newStep, support } : undefined;
}

function valuesIn(lines: readonly string[], slot: NumberSlot): number[] {
  return lines.map((line) => valueAt(line, slot)).filter((value) => value !== undefined);
}

function isRun(values: readonly number[], step: number): boolean {
  return values.every((value, i) => i === 0 || value === (values[i - 1] ?? 0) + step);
}
