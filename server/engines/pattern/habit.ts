import { similarity } from './alignment.ts';
import type { Ranked } from './propose.ts';
import type { Scene } from './scene.ts';

const minTimes = 3;
const minLines = 2;
const minLikeness = 0.5;
const habitConfidence = 0.35;

/**
 * A block of lines that has just been written for the third time or more after like lines is wanted after the other
 * like lines too. That is too rare in commits for the ranker to have learnt it, hence a rule.
 */
export function knowHabits(scene: Scene, ranked: readonly Ranked[]): Ranked[] {
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
    const alike = known.filter((line) => similarity(scene.lines[line - 1] ?? '', above) >= minLikeness);
    const taken = known.some((line) => line === one.start || line + block.length === one.start);
    return alike.length < minTimes || taken ? one : { ...one, confidence: habitConfidence };
  });
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

function trimmed(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).join('\n');
}
