import { hunksOfLines, narrowEdit } from '../../shared/edits/diff.ts';
import { lengthOfLines } from '../../shared/edits/lines.ts';
import { besideLastChange, type Judgement, judgeByRules } from './judgement.ts';
import { Random } from './random.ts';
import type { Sample } from './records.ts';
import { difference, withSegments } from './segments.ts';

/** The text with those of the changes to come that what was done points to. */
export function foreseenText({ history, current, next }: Sample): string {
  const change = difference(current, next);
  const verdicts = judgeByRules({ history, current, change });
  return withSegments(change, new Set(verdicts.flatMap((verdict, i) => (isForeseen(verdict) ? [i] : []))));
}

/** Whether what was done points to a change, more than by being near. */
function isForeseen({ kept, why }: Judgement): boolean {
  return kept && why !== besideLastChange;
}

/** A longer change is not typed at one go. */
const maxTyped = 60;

/**
 * The moment at which the last change of a sample was half typed. Its rest is wanted where what was done before points to
 * it; else nothing is, for nobody knows what it will be. Undefined where the last change is no typing in one line.
 */
export function halfTyped(sample: Sample, seed: string): Sample | undefined {
  const { id, history, current } = sample;
  const before = history.at(-1);
  if (before === undefined) return undefined;
  const { start, end, newText } = narrowEdit(before, { start: 0, end: before.length, newText: current });
  const isInLine = !`${before.slice(start, end)}${newText}`.includes('\n');
  if (!isInLine || newText.length < 2 || newText.length > maxTyped) return undefined;
  const typed = newText.slice(0, new Random(seed, `half ${id}`).between(1, newText.length - 1));
  const moment = { history: history.slice(0, -1), current: before, change: difference(before, current) };
  const goesOn = moment.history.length > 0 && judgeByRules(moment).every(isForeseen);
  const now = before.slice(0, start) + typed + before.slice(end);
  return {
    ...sample,
    id: `${id}:typed`,
    current: now,
    next: goesOn ? current : now,
    target: { kind: 'cursor', offset: start + typed.length, placed: 'change' },
  };
}

/** With fewer lines there is nothing to see. */
const fewestLines = 6;

/**
 * The sample as if the file ended below what was done, and the rest of it were another document, which was just opened.
 * Undefined where nothing was done, or no blank line ends it.
 */
export function doneElsewhere(sample: Sample, seed: string): Sample | undefined {
  const { id, path, language, history, current, next } = sample;
  const [before, now, then] = [history[0] ?? current, current, next].map((text) => text.split('\n'));
  if (!before || !now || !then) return undefined;
  const made = hunksOfLines(before, now).at(-1);
  const cut = made && now.findIndex((line, i) => i >= made.newEnd && line.trim() === '') + 1;
  if (!cut || now.length - cut < fewestLines) return undefined;
  // What remains above the cut is left undone.
  const grown = hunksOfLines(now, then)
    .filter(({ end }) => end <= cut)
    .reduce((sum, { start, end, newStart, newEnd }) => sum + newEnd - newStart - (end - start), 0);
  const rest = now.slice(cut);
  const random = new Random(seed, `place ${id}`);
  const line = random.below(Math.min(20, rest.length));
  const above = lengthOfLines(rest.slice(0, line));
  const firstLines = (lines: readonly string[], count: number) => `${lines.slice(0, count).join('\n')}\n`;
  const added = made.newEnd - made.end;
  return {
    ...sample,
    id: `${id}:elsewhere`,
    type: 'C',
    path: path.replace(/(?=[^/]*$)/, `${random.pick(['other', 'main', 'app', 'more', 'second'])}_`),
    history: [],
    current: rest.join('\n'),
    next: then.slice(cut + grown).join('\n'),
    target: { kind: 'cursor', offset: above, placed: 'anywhere' },
    related: [{ path, languageId: language, before: firstLines(before, cut - added), after: firstLines(now, cut) }],
  };
}
