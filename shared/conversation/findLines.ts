import { isNotBlank } from '../edits/lines.ts';

/** The place of search text: its first line, the line behind it, and the indentation needed there. */
export interface FoundLines {
  readonly first: number;
  readonly last: number;
  /** Indents the replacing lines like those found, if the search text was indented differently. */
  indent(line: string): string;
}

/**
 * Finds `search` among `lines` from `first` to `last`: first exactly, then ignoring white space at the ends of lines,
 * then at another depth. If it matches several places, or none, returns a word for that.
 */
export function findLines(
  lines: readonly string[],
  search: readonly string[],
  { first, last }: { readonly first: number; readonly last: number },
): FoundLines | 'nowhere' | 'several places' {
  for (const matches of [matchesExactly, matchesButForTrailingSpace, matchesAtAnotherDepth]) {
    const found: FoundLines[] = [];
    for (let at = first; at + search.length <= last && found.length < 2; at++) {
      const indent = matches(lines.slice(at, at + search.length), search);
      if (indent) found.push({ first: at, last: at + search.length, indent });
    }
    if (found.length > 1) return 'several places';
    if (found[0]) return found[0];
  }
  return 'nowhere';
}

type Indent = (line: string) => string;
type Match = (lines: readonly string[], search: readonly string[]) => Indent | undefined;

const same: Indent = (line) => line;

const matchesExactly: Match = (lines, search) => (lines.every((line, i) => line === search[i]) ? same : undefined);

const matchesButForTrailingSpace: Match = (lines, search) =>
  lines.every((line, i) => line.trimEnd() === search[i]?.trimEnd()) ? same : undefined;

/** The same lines, all indented or all unindented by the same white space. */
const matchesAtAnotherDepth: Match = (lines, search) => {
  if (!lines.every((line, i) => line.trim() === search[i]?.trim())) return undefined;
  const at = search.findIndex(isNotBlank);
  if (at < 0) return undefined;
  const [there, here] = [indentOf(lines[at] ?? ''), indentOf(search[at] ?? '')];
  const indent = there.endsWith(here)
    ? deeper(there.slice(0, there.length - here.length))
    : here.endsWith(there)
      ? shallower(here.slice(0, here.length - there.length))
      : undefined;
  return indent && lines.every((line, i) => line.trim() === '' || line.trimEnd() === indent(search[i] ?? '').trimEnd())
    ? indent
    : undefined;
};

function indentOf(line: string): string {
  return /^\s*/.exec(line)?.[0] ?? '';
}

function deeper(by: string): Indent {
  return (line) => (line.trim() === '' ? line : by + line);
}

function shallower(by: string): Indent {
  return (line) => (line.startsWith(by) ? line.slice(by.length) : line);
}
