import { structuredPatch } from 'diff';
import picocolors from 'picocolors';
import { printable, printableText } from '../../shared/printable.ts';

export type Colors = ReturnType<typeof picocolors.createColors>;

/**
 * Whether to colour what goes to `stream`: never with NO_COLOR (https://no-color.org), always with FORCE_COLOR unless
 * that is `0` or `false`, else in a terminal that is not dumb. picocolors would also colour every pipe where CI is set.
 */
export function wantsColors(env: NodeJS.ProcessEnv, stream: { readonly isTTY?: boolean }): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Colours for standard output, or none. */
export const outputColors: Colors = picocolors.createColors(wantsColors(process.env, process.stdout));

export interface DiffOptions {
  readonly colors?: Colors;
  /** Whether a terminal shows it: carriage returns are left out, and other characters that steer it escaped. Else it can be applied. */
  readonly isTerminal?: boolean;
  /** Unchanged lines shown above and below each change. */
  readonly context?: number;
  /** Leaves out the two lines that name the file. */
  readonly bare?: boolean;
}

/** A unified diff of two texts, with a final newline; empty for equal texts. */
export function showDiff(file: string, before: string, after: string, options: DiffOptions = {}): string {
  const { colors = outputColors, isTerminal = process.stdout.isTTY === true, context = 3, bare = false } = options;
  const { hunks } = structuredPatch(file, file, before, after, undefined, undefined, { context });
  if (hunks.length === 0) return '';
  // `patch` takes a name to end at the first blank, unless a tab ends it.
  const shown = isTerminal ? printable(file) : file;
  const name = /\s/.test(shown) ? `${shown}\t` : shown;
  const lines = bare ? [] : [colors.bold(`--- ${name}`), colors.bold(`+++ ${name}`)];
  for (const hunk of hunks) {
    const [old, now] = [range(hunk.oldStart, hunk.oldLines), range(hunk.newStart, hunk.newLines)];
    lines.push(colors.cyan(`@@ -${old} +${now} @@`));
    for (const line of hunk.lines)
      lines.push(paint(isTerminal ? printableText(line.replaceAll('\r', '')) : line, colors));
  }
  return `${lines.join('\n')}\n`;
}

/** POSIX diff, "Unified Format": a range of no lines is named by the line before it. */
function range(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

function paint(line: string, colors: Colors): string {
  if (line.startsWith('+')) return colors.green(line);
  return line.startsWith('-') ? colors.red(line) : line;
}
