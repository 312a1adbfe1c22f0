import type { LineRange } from '../edits/lines.ts';
import type { TargetArea } from './conversation.ts';
import { control, cursorCoreTokens, joinTexts, type Prompt, type PromptPart, text } from './prompt.ts';
import type { Snippet } from './snippet.ts';

/** The authors' training data's names of languages, where they differ from LSP's identifiers. */
const languageNames: Readonly<Record<string, string>> = {
  cpp: 'c++',
  'cuda-cpp': 'c++',
  csharp: 'c#',
  shellscript: 'shell',
  javascriptreact: 'javascript',
  typescriptreact: 'typescript',
  'objective-c': 'objective-c',
  plaintext: '',
};

/** The name to put behind a fence; empty where the identifier is unknown or would break the fence. */
export function languageName(languageId: string): string {
  const lower = languageId.toLowerCase();
  const name = Object.hasOwn(languageNames, lower) ? (languageNames[lower] ?? '') : lower;
  return /^[\p{L}\p{N}_#+.-]*$/u.test(name) ? name : '';
}

export interface SnippetStyle {
  readonly language: string;
  /** Each line begins with its number in the whole text, counted from 1, and a blank. */
  readonly lineNumbers?: boolean;
  readonly excerpt?: LineRange | undefined;
  /** `control` marks it with CursorCore's tokens, `text` with their spelling as plain text. */
  readonly target?: { readonly area: TargetArea; readonly as: 'control' | 'text' } | undefined;
}

/** Lines between fences, with `...` in place of lines above or below an excerpt (the authors' `decorate_code`). */
export function fencedSnippet(snippet: Snippet, style: SnippetStyle): Prompt {
  const { first, last } = snippet.shown(style.excerpt);
  const marks = style.target ? targetMarks(snippet, style.target.area, { first, last }) : [];
  const parts: PromptPart[] = [text(`\`\`\`${style.language}\n${first > 0 ? '...\n' : ''}`)];
  for (let line = first; line < last; line++) {
    if (line > first) parts.push(text('\n'));
    if (style.lineNumbers) parts.push(text(`${line + 1} `));
    const content = snippet.lines[line] ?? '';
    let column = 0;
    for (const mark of marks) {
      if (mark.line !== line) continue;
      parts.push(text(content.slice(column, mark.column)));
      parts.push(style.target?.as === 'text' ? text(mark.token) : control(mark.token));
      column = mark.column;
    }
    parts.push(text(content.slice(column)));
  }
  parts.push(text(`${last < snippet.lineCount ? '\n...' : ''}\n\`\`\``));
  return joinTexts(parts);
}

interface Mark {
  readonly line: number;
  readonly column: number;
  readonly token: string;
}

/** The places of the target area's tokens. A selection is cut to the lines shown; outside them nothing is marked. */
function targetMarks(snippet: Snippet, area: TargetArea, { first, last }: LineRange): Mark[] {
  if (first >= last) return [];
  const { target, targetStart, targetEnd } = cursorCoreTokens;
  if (area.kind === 'cursor') {
    const place = snippet.placeOf(area.offset);
    return place.line < first || place.line >= last ? [] : [{ ...place, token: target }];
  }
  const start = snippet.placeOf(Math.min(area.start, area.end));
  const end = snippet.placeOf(Math.max(area.start, area.end));
  if (end.line < first || start.line >= last) return [];
  const shownStart = start.line < first ? { line: first, column: 0 } : start;
  const shownEnd = end.line < last ? end : { line: last - 1, column: snippet.lines[last - 1]?.length ?? 0 };
  return [
    { ...shownStart, token: targetStart },
    { ...shownEnd, token: targetEnd },
  ];
}
