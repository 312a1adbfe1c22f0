import type { Candidate, GeneratorKind } from './candidate.ts';
import { alreadyThere } from './generators/insertBlock.ts';
import { inChange, isMeant } from './generators/replace.ts';
import { learnRules } from './generators/rules.ts';
import { tokenize } from './lexer.ts';
import type { Scene } from './scene.ts';
import { isRename, looksOf } from './siteLook.ts';
import { diffTokens } from './tokenAlignment.ts';
import { isBlank } from './transfer.ts';

/** Why a candidate is not even ranked; undefined if it is. */
export function unfit(scene: Scene, candidate: Candidate): string | undefined {
  if (bringsReturn(scene, candidate)) return 'brings in a lone carriage return';
  if (doublesComma(scene, candidate)) return 'puts one comma behind another';
  if (redoes(scene, candidate)) return 'does to a changed line what was done to others';
  if (isThere(scene, candidate)) return 'stands there already';
  if (renamesOther(scene, candidate)) return 'renames what stands for something else there';
  return undefined;
}

/** Whether a candidate leaves an empty place between two commas, which its example does not have. */
function doublesComma({ lines: current, changes }: Scene, { start, end, lines, evidence }: Candidate): boolean {
  const doubled = doubledCommas(lines);
  if (doubled === 0 || doubled <= doubledCommas(current.slice(start, end))) return false;
  return doubledCommas(changes[evidence.example]?.newLines ?? []) === 0;
}

/** How many commas follow another one, with nothing but blanks between them. */
function doubledCommas(lines: readonly string[]): number {
  return lines.reduce((count, line) => count + (line.match(/,(?=[ \t]*,)/g)?.length ?? 0), 0);
}

/** Generators that continue a line that has been changed already, rather than repeat another line's change on it. */
const goesOn: ReadonlySet<GeneratorKind> = new Set([
  'completion',
  'halfTyped',
  'restOfLine',
  'closingTag',
  'copyAdapt',
  'sequence',
]);

/** Whether a candidate rewrites a line that the programmer has changed, as if the change were incomplete. */
function redoes(scene: Scene, { start, end, evidence }: Candidate): boolean {
  if (goesOn.has(evidence.kind)) return false;
  for (let line = start; line < end; line++) {
    if (inChange(scene, line) && inChange(scene, line, { examples: [evidence.example] })) return true;
  }
  return false;
}

/** Whether the text to insert is there already. */
function isThere(scene: Scene, { start, end, lines }: Candidate): boolean {
  return start === end && !isBlank(lines) && alreadyThere(scene, start, lines);
}

/** Generators that take a whole line as example, and so may also change a name. */
const byLine: ReadonlySet<GeneratorKind> = new Set(['analogy', 'transform', 'completion']);

/** Whether a candidate only renames names on its line that refer to something else there. */
function renamesOther(scene: Scene, { start, end, lines, evidence }: Candidate): boolean {
  const [now] = lines;
  if (!byLine.has(evidence.kind) || end - start !== 1 || lines.length !== 1 || now === undefined) return false;
  const rules = learnRules(scene).filter(isRename);
  if (rules.length === 0) return false;
  const before = tokenize(scene.lines[start] ?? '');
  const after = tokenize(now);
  return diffTokens(before, after).every(({ aStart, aEnd, bStart, bEnd }) => {
    if (aEnd - aStart !== 1 || bEnd - bStart !== 1) return false;
    const rule = rules.find(({ oldText, newText }) => oldText === before[aStart] && newText === after[bStart]);
    return rule !== undefined && !isMeant(looksOf(scene, rule)(start, before.slice(0, aStart).join('').length));
  });
}

/** A lone `\r` ends a line for some editors: none is inserted, and none is moved before the end of its line. */
function bringsReturn({ lines: current }: Scene, { start, end, lines }: Candidate): boolean {
  const added = returnsIn(lines);
  if (added === 0) return false;
  return added > returnsIn(current.slice(start, end)) || lines.some((line) => line.endsWith('\r'));
}

function returnsIn(lines: readonly string[]): number {
  return lines.reduce((count, line) => count + (line.includes('\r') ? line.split('\r').length - 1 : 0), 0);
}
