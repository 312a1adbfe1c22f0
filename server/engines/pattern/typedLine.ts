import { isWord } from './lexer.ts';
import type { Scene } from './scene.ts';

/** The line at the cursor, where the newest change is there. */
export interface TypedLine {
  readonly line: string;
  /** What stood there before; empty for a new line. */
  readonly old: string;
  /** Of the cursor, in UTF-16 code units. */
  readonly column: number;
}

/** Whether the newest change is where the cursor is. */
export function isAtCursor({ latest, cursorLine }: Scene): boolean {
  return cursorLine >= latest.start && cursorLine < latest.end;
}

/** What the newest change has made of the line at the cursor; undefined if the change is elsewhere. */
export function typedLine(scene: Scene): TypedLine | undefined {
  if (!isAtCursor(scene)) return undefined;
  const { latest, lines, lineStarts, cursorLine, cursorOffset } = scene;
  const isPaired = latest.oldLines.length === latest.newLines.length;
  return {
    line: lines[cursorLine] ?? '',
    old: isPaired ? (latest.oldLines[cursorLine - latest.start] ?? '') : '',
    column: cursorOffset - (lineStarts[cursorLine] ?? 0),
  };
}

/** The part of a word that ends at the cursor; empty where none does. */
export function wordBefore({ text, cursorOffset }: Scene): string {
  let start = cursorOffset;
  while (start > 0 && isWord(text[start - 1])) start--;
  return text.slice(start, cursorOffset);
}
