import type { Ranked } from './candidate.ts';
import { evidence } from './evidence.ts';
import { indentOf } from './lexer.ts';
import type { Scene } from './scene.ts';
import { similarity } from './tokenAlignment.ts';
import { reindent, solidTokens } from './transfer.ts';

const minTimes = 3;
/** Fewer are enough where the programmer has begun to type the next one. */
const minTimesBegun = 2;
const minLines = 2;
/** A line of fewer tokens, such as a bracket, is no habit. */
const minTokens = 3;
const minLikeness = 0.5;
const habitConfidence = 0.35;

/**
 * A block of lines that has just been written below similar lines, for the third time or more, is proposed below the
 * other similar lines too. This is too rare in commits for the ranker to learn it, so it is a rule.
 */
export function repeatedHabits(scene: Scene, ranked: readonly Ranked[]): Ranked[] {
  const places = new Map<string, readonly number[]>();
  const latest = trimmed(scene.latest.newLines);
  return ranked.map((one) => {
    const block = one.lines;
    if (one.evidence.kind !== 'insertBlock' || block.length < minLines || one.confidence >= habitConfidence) return one;
    // The newest change has to be, or to end, such a block.
    const text = trimmed(block);
    if (latest === '' || !(text === latest || text.endsWith(`\n${latest}`))) return one;
    const known = places.get(text) ?? placesOf(scene, block);
    places.set(text, known);
    const above = scene.lines[one.start - 1] ?? '';
    const alike = below(scene, known, above);
    const taken = known.some((line) => line === one.start || line + block.length === one.start);
    return alike.length < minTimes || taken ? one : { ...one, confidence: habitConfidence };
  });
}

/**
 * The line at the cursor is new and empty, or starts as a written block does, and the line above it is like the lines
 * above that block in at least two places: propose the block. Commits never show a half-typed line, so this is a rule.
 * A completion of its first line alone is not better: the whole block is as likely.
 */
export function finishHabits(scene: Scene, ranked: readonly Ranked[]): Ranked[] {
  const { latest, cursorLine, lines } = scene;
  const line = lines[cursorLine] ?? '';
  if (!isOpenedLine(scene)) return [];
  const above = lines[cursorLine - 1] ?? '';
  const seen = new Set<string>();
  return scene.changes.flatMap((change, index): Ranked[] => {
    const [first = '', ...rest] = change.newLines;
    const text = trimmed(change.newLines);
    if (change === latest || change.elsewhere || change.oldLines.length > 0 || seen.has(text)) return [];
    seen.add(text);
    if (first.trim() === line.trim() || !first.trim().startsWith(line.trim())) return [];
    if (solidTokens([first]) < minTokens) return [];
    const alike = below(scene, placesOf(scene, change.newLines), above);
    if (alike.length < minTimesBegun) return [];
    const made = reindent([first, ...rest], indentOf(first), line === '' ? indentOf(first) : indentOf(line));
    return [
      {
        start: cursorLine,
        end: cursorLine + 1,
        lines: made,
        confidence: Math.max(habitConfidence, ...confidencesOf(ranked, cursorLine, made[0] ?? '')),
        reason: 'write the lines here too',
        evidence: evidence('completion', scene, index, { support: alike.length, newTokens: solidTokens(made) }),
      },
    ];
  });
}

/** The candidates that turn a line into exactly this one. */
function confidencesOf(ranked: readonly Ranked[], at: number, line: string): number[] {
  const alone = ranked.filter(({ start, end, lines }) => start === at && end === at + 1 && lines.length === 1);
  return alone.filter(({ lines }) => lines[0] === line).map(({ confidence }) => confidence);
}

/** Whether the newest change is a line whose first word is still being typed: there is nothing to learn from it yet. */
export function isBarelyBegun(scene: Scene): boolean {
  const line = scene.lines[scene.cursorLine] ?? '';
  return isOpenedLine(scene) && solidTokens([line]) < minTokens && /[\p{L}\p{N}_$.]$/u.test(line);
}

/** Whether the newest change is a new line, with the cursor at its end. */
function isOpenedLine({ latest, cursorLine, cursorOffset, lines, lineStarts }: Scene): boolean {
  if (latest.age > 0 || latest.oldLines.length > 0 || latest.newLines.length !== 1) return false;
  return cursorLine === latest.start && cursorOffset - (lineStarts[cursorLine] ?? 0) === lines[cursorLine]?.length;
}

function placesOf(scene: Scene, block: readonly string[]): number[] {
  const wanted = block.map((line) => line.trim());
  const places: number[] = [];
  scene.lines.forEach((line, i) => {
    if (line.trim() !== wanted[0]) return;
    if (wanted.every((text, k) => (scene.lines[i + k] ?? '').trim() === text)) places.push(i);
  });
  return places;
}

/** The places that stand below a line like `above`. */
function below(scene: Scene, places: readonly number[], above: string): number[] {
  return places.filter((at) => similarity(scene.lines[at - 1] ?? '', above) >= minLikeness);
}

function trimmed(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).join('\n');
}
