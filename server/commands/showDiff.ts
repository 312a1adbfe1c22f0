import { structuredPatch } from 'diff';
import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours for standard output, or none: not a terminal, NO_COLOR, a dumb terminal. */
export const outputColors: Colors = picocolors.createColors(picocolors.isColorSupported);

export interface DiffOptions {
  readonly colors?: Colors;
  /** Unchanged lines shown above and below each change. */
  readonly context?: number;
  /** Leaves out the two lines that name the file. */
  readonly bare?: boolean;
}

/** A unified diff of two texts, with a final newline; empty for equal texts. */
export function showDiff(file: string, before: string, after: string, options: DiffOptions = {}): string {
  const { colors = outputColors, context = 3, bare = false } = options;
  const { hunks } = structuredPatch(file, file, before, after, undefined, undefined, { context });
  if (hunks.length === 0) return '';
  const lines = bare ? [] : [colors.bold(`--- ${file}`), colors.bold(`+++ ${file}`)];
  for (const hunk of hunks) {
    lines.push(colors.cyan(`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`));
    for (const line of hunk.lines) lines.push(paint(line, colors));
  }
  return `${lines.join('\n')}\n`;
}

function paint(line: string, colors: Colors): string {
  // A carriage return would send the terminal's cursor back over the line.
  const shown = line.replace(/\r$/, '');
  if (shown.startsWith('+')) return colors.green(shown);
  return shown.startsWith('-') ? colors.red(shown) : shown;
}
