import type { Candidate } from './candidate.ts';
import { indentOf } from './lexer.ts';
import type { Scene } from './scene.ts';

/** How many lines around a place show how it is indented. */
const reach = 60;

/**
 * The candidate with its new lines indented like the lines around its place: an example from elsewhere may be
 * indented with tabs while this place has spaces. If both or neither occur around it, it stays as it is.
 */
export function indentedLikePlace(scene: Scene, candidate: Candidate): Candidate {
  const { start, end, lines } = candidate;
  if (!lines.some((line) => isStrange(scene, candidate, line))) return candidate;
  const around = scene.lines.slice(Math.max(0, start - reach), end + reach).map(indentOf);
  const tabs = around.some((indent) => indent.includes('\t'));
  const spaces = around.filter((indent) => indent.includes(' '));
  if (tabs === spaces.length > 0) return candidate;
  const unit = tabs ? '\t' : ' '.repeat(unitOf(spaces));
  const fitted = lines.map((line) => {
    const indent = indentOf(line);
    return isStrange(scene, candidate, line) ? reindented(indent, unit) + line.slice(indent.length) : line;
  });
  return fitted.every((line, i) => line === lines[i]) ? candidate : { ...candidate, lines: fitted };
}

/** Whether none of the lines that a candidate replaces is indented like this one. */
function isStrange({ lines }: Scene, { start, end }: Candidate, line: string): boolean {
  const indent = indentOf(line);
  if (indent === '') return false;
  for (let at = start; at < end; at++) if (indentOf(lines[at] ?? '') === indent) return false;
  return true;
}

/** The narrowest indentation, which is the unit of the others. */
function unitOf(indents: readonly string[]): number {
  const widths = indents.map((indent) => indent.length).filter((width) => width > 1);
  return widths.length > 0 ? Math.min(8, ...widths) : 4;
}

function reindented(indent: string, unit: string): string {
  if (unit !== '\t') return indent.replaceAll('\t', unit);
  if (!indent.includes(' ')) return indent;
  const spaces = indent.replaceAll('\t', '').length;
  const width = spaces % 4 === 0 ? 4 : spaces % 2 === 0 ? 2 : spaces;
  return indent.replaceAll(' ', '') + '\t'.repeat(spaces / width);
}
