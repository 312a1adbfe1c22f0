import { isName } from './codeNames.ts';
import { isSpace, isWord, tokenize } from './lexer.ts';
import { isCloser, isOpener, pairsOf } from './pairs.ts';

/** A place in some lines: a line, and a column in UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

export interface Argument {
  readonly from: TextPlace;
  readonly to: TextPlace;
  /** White space between its lines is one space. */
  readonly text: string;
}

/** A call or a definition, `name(…)`, which may continue over several lines. */
export interface Call {
  readonly callee: string;
  readonly args: readonly Argument[];
  /** Where the name begins, behind the opening bracket and before the closing one. */
  readonly start: TextPlace;
  readonly open: TextPlace;
  readonly close: TextPlace;
  /** Whether a comma stands behind the last argument. */
  readonly trailing: boolean;
  readonly isDefinition: boolean;
}

interface Bracket {
  readonly callee: { readonly name: string; readonly start: TextPlace } | undefined;
  readonly open: TextPlace;
  readonly args: { from: TextPlace; to: TextPlace }[];
  from: TextPlace | undefined;
  /** The end, so far, of the argument that is being read. */
  toLine: number;
  toColumn: number;
}

/** Which calls are wanted, if not all. */
export interface Reach {
  /** Those that begin before this line. */
  readonly beginsBefore?: number;
  /** Those that end on this line or further down. */
  readonly endsFrom?: number;
}

/** The calls that begin and end in some lines, inner ones first; only those of `callee` where that is given. */
export function callsIn(
  lines: readonly string[],
  from: number,
  to: number,
  callee?: string,
  { beginsBefore = to, endsFrom = from }: Reach = {},
): Call[] {
  const calls: Call[] = [];
  const stack: Bracket[] = [];
  for (let line = from; line < to; line++) {
    if (line >= beginsBefore && !stack.some((one) => one.callee && one.callee.start.line < beginsBefore)) break;
    const row = lines[line] ?? '';
    const tokens = tokenize(row);
    const { string } = pairsOf(tokens);
    let column = 0;
    let word: { name: string; column: number } | undefined;
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i] ?? '';
      const start = column;
      column += token.length;
      const top = stack.at(-1);
      const isCode = (string[i] ?? -1) < 0;
      if (isCode && isCloser(token)) {
        const bracket = stack.pop();
        if (bracket) {
          const trailing = bracket.from === undefined && bracket.args.length > 0;
          endArgument(bracket);
          const named = token === ')' ? bracket.callee : undefined;
          const isWanted = named && named.start.line < beginsBefore && line >= endsFrom;
          if (isWanted && (callee === undefined || named.name === callee)) {
            calls.push({
              callee: named.name,
              args: bracket.args.map((arg) => ({ ...arg, text: textBetween(lines, arg.from, arg.to) })),
              start: named.start,
              open: bracket.open,
              close: { line, column: start },
              trailing,
              isDefinition: isDefinition(
                (lines[named.start.line] ?? '').slice(0, named.start.column),
                row.slice(column),
              ),
            });
          }
          const outer = stack.at(-1);
          if (outer) [outer.toLine, outer.toColumn] = [line, column];
        }
      } else if (isCode && token === ',') {
        if (top) endArgument(top);
      } else if (top && !isSpace(token)) {
        top.from ??= { line, column: start };
        top.toLine = line;
        top.toColumn = column;
      }
      if (isCode && isOpener(token)) {
        const isCall = word !== undefined && token === '(' && isName(word.name);
        stack.push({
          callee: isCall ? { name: word?.name ?? '', start: { line, column: word?.column ?? 0 } } : undefined,
          open: { line, column },
          args: [],
          from: undefined,
          toLine: -1,
          toColumn: -1,
        });
      }
      word = isWord(token) ? { name: token, column: start } : undefined;
    }
  }
  return calls;
}

function endArgument(bracket: Bracket): void {
  const { from, toLine, toColumn } = bracket;
  if (from && toLine >= 0) bracket.args.push({ from, to: { line: toLine, column: toColumn } });
  bracket.from = undefined;
  bracket.toLine = -1;
}

function textBetween(lines: readonly string[], from: TextPlace, to: TextPlace): string {
  if (from.line === to.line) return (lines[from.line] ?? '').slice(from.column, to.column);
  const rows = lines.slice(from.line, to.line + 1);
  const last = rows.length - 1;
  return rows
    .map((row, i) => (i === 0 ? row.slice(from.column) : i === last ? row.slice(0, to.column) : row).trim())
    .join(' ');
}

const definesBefore = /\b(def|function|fn|func|fun|proc|sub|macro|defun|void)\s*$|^\s*func\s*\([^)]*\)\s*$/;
const modifiersBefore =
  /^\s*((public|private|protected|internal|static|async|override|final|abstract|virtual|export|default|get|set|inline|suspend|open)\s+)*$/;
const bodyBehind = /^\s*((:|->)[^=;]*)?\{\s*$/;
/** `static int f(`, `std::string f(`, `List<T> f(`: nothing but types before the name. */
const typesBefore = /^\s*[A-Za-z_][\w:<>,.*&[\]? ]*[\w>\]*&?] [*&]?$/;
const noTypeBefore =
  /\b(return|new|await|yield|throw|else|in|not|and|or|case|if|while|until|unless|when|do|then|puts|echo|print|raise|import|delete|typeof|go|defer|assert|co_await|try)\s*$/;

/** Whether what stands before and behind `name(…)` makes it a definition and not a call. */
function isDefinition(head: string, rest: string): boolean {
  if (definesBefore.test(head)) return true;
  if (modifiersBefore.test(head)) return bodyBehind.test(rest);
  return typesBefore.test(head) && !noTypeBefore.test(head);
}
