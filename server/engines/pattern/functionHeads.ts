import { isIdentifier, isSpace, isWord, tokenize } from './lexer.ts';

export const controlWords = wordSet(
  'if else while for foreach switch match case catch return throw when unless until elif elsif do try with new await yield ' +
    'in of is as and or not typeof instanceof delete goto print echo from import package export default extends implements ' +
    'throws raise assert del pass break continue then end begin public private protected where mut',
);
const functionWords = wordSet('def defp func fn fun function sub proc lambda constructor defun defmacro defn init');

export function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

export interface SolidToken {
  readonly text: string;
  /** UTF-16 columns. */
  readonly start: number;
  readonly end: number;
}

/** By the tokens of a line: cached, as each name searched on the line needs them. */
const known = new WeakMap<readonly string[], readonly SolidToken[]>();

/** The tokens of a line that are not white space, with their columns. */
export function solidTokensOf(line: string): readonly SolidToken[] {
  const all = tokenize(line);
  const seen = known.get(all);
  if (seen) return seen;
  const tokens: SolidToken[] = [];
  let at = 0;
  for (const text of all) {
    if (!isSpace(text)) tokens.push({ text, start: at, end: at + text.length });
    at += text.length;
  }
  known.set(all, tokens);
  return tokens;
}

/** Languages with a keyword before each function: `with(name) {` is a call. */
const keyworded = /^(kotlin|swift|rust|go|scala|ruby|python|lua|php|elixir|julia)$/;

/** Whether a line, joined with those its brackets span, begins a function: its brackets contain parameters. */
export function opensFunction(header: string, languageId: string): boolean {
  const first = /^[\s@]*([\p{L}_$][\p{L}\p{N}_$]*)/u.exec(header)?.[1] ?? '';
  if (
    /(^|[^\w$.])(def|func|fn|fun|function|sub|proc|lambda|constructor|defun|defmacro|defn|defp|init)(?=\s+[\w$*&<([]|\s*[(<*])/.test(
      header,
    )
  )
    return true;
  if (/=>|->\s*[{(]?\s*$|\)\s+->|->\s*\(/.test(header)) return true;
  if (controlWords.has(first) && !isModifier(first)) return false;
  if (keyworded.test(languageId)) return false;
  // A method: a name, brackets, and a block or a body behind them.
  return (
    /[\w$>\])]\s*\([^;]*\)\s*(const|override|noexcept|throws [\w., ]+|:\s*[^;{}]+|->\s*[^;{}]+)?\s*\{/.test(header) ||
    /^\s*[\w<>[\],.*&: ]+[\s*&]\w+\s*\([^;]*\)\s*$/.test(header)
  );
}

function isModifier(word: string): boolean {
  return /^(public|private|protected|export|default|extends|where)$/.test(word);
}

export interface Group {
  /** Indexes of the bracket that opens it and the one that closes it; the number of tokens where none does. */
  readonly open: number;
  readonly close: number;
}

/** The innermost `(…)` that contains the token. */
export function groupAround(tokens: readonly SolidToken[], index: number): Group | undefined {
  let open = index - 1;
  for (let depth = 0; open >= 0; open--) {
    const text = tokens[open]?.text;
    if (text === ')') depth++;
    else if (text === '(' && depth-- === 0) break;
  }
  if (open < 0) return undefined;
  let close = index;
  for (let depth = 0; close < tokens.length; close++) {
    const text = tokens[close]?.text;
    if (text === '(') depth++;
    else if (text === ')' && depth-- === 0) break;
  }
  return { open, close };
}

/** Whether brackets contain the parameters of a function, not the arguments of a call. */
export function isParameterList(tokens: readonly SolidToken[], { open, close }: Group): boolean {
  const text = (at: number) => tokens[at]?.text ?? '';
  if (text(close + 1) === '=>' || (text(close + 1) === '->' && isApart(tokens, close))) return true;
  if (text(close + 1) === ':') {
    for (let i = close + 2; i < tokens.length && !/^[;{,=]$/.test(text(i)); i++) if (text(i) === '=>') return true;
  }
  let name = open - 1;
  // `->(a) { … }`, and the results of Go's functions.
  if (text(name) === '->') return true;
  if (text(name) === ')' && text(close + 1) === '{') return tokens.slice(0, name).some(({ text }) => text === 'func');
  // `name<T>(`, `A::name(`, `self.name(`, `(s *Server) name(`
  if (text(name) === '>') while (name > 0 && text(name) !== '<') name--;
  if (text(name) === '<') name--;
  if (functionWords.has(text(name))) return true;
  const isJoined = (at: number) => /^(\.|:|::)$/.test(text(at)) && tokens[at]?.end === tokens[at + 1]?.start;
  while (isIdentifier(text(name)) && isJoined(name - 1) && isIdentifier(text(name - 2))) name -= 2;
  let before = name - 1;
  while (text(before) === '*') before--;
  if (functionWords.has(text(before))) return true;
  if (text(0) === 'func' && text(before) === ')') return true;
  // A method or a function of C: only words and marks of types before its name, and a body or nothing behind it.
  if (controlWords.has(text(before))) return false;
  const behind = text(close + 1);
  if (behind === '' ? !isWord(text(before)) && !/^[&>]$/.test(text(name - 1)) : /^[;,)]$/.test(behind)) return false;
  return tokens.slice(0, open).every(({ text }) => isWord(text) || /^[*&<>[\],:@~?#]$|^::$/.test(text));
}

/** Languages that write a parameter's name before its type, with no mark between them. */
const nameFirst = /^(go|swift|sql)$/;

/** Whether a name in the brackets of a function's head is a parameter, not a type or default. */
export function isParameter(tokens: readonly SolidToken[], index: number, languageId: string): boolean {
  const previous = tokens[index - 1]?.text ?? '';
  const next = tokens[index + 1]?.text ?? '';
  if (previous === '=' || previous === ':' || previous === '->' || previous === '.' || next === '.' || next === '(')
    return false;
  if (next === ':' || next === '=' || next === '?') return true;
  if (isIdentifier(next)) return nameFirst.test(languageId) && !controlWords.has(next) && /^[(,]$/.test(previous);
  return /^[({[,]$/.test(previous) || isTyped(tokens, index) || /^[*&.]+$/.test(previous) || isIdentifier(previous);
}

/** `|name|` of Ruby and Rust, `{ name in`, `{ name ->`, `name =>`, `lambda name:`, `(name) =>`. */
export function isBlockParameter(tokens: readonly SolidToken[], index: number): boolean {
  const previous = tokens[index - 1]?.text;
  const next = tokens[index + 1]?.text;
  if (next === '=>' && previous !== '.') return true;
  // Java's lambda; C's arrow has no spaces.
  if (next === '->' && /^(\(|,|=|return|fn|fun|\\)$/.test(previous ?? '') && isApart(tokens, index)) return true;
  if ((previous === '{' || previous === ',') && (next === 'in' || next === '->')) return true;
  if (previous === '|' || (next !== undefined && /^(\||\(|,|&|\*|mut)$/.test(previous ?? ''))) {
    const bar = tokens.slice(0, index).findLastIndex(({ text }) => text === '|');
    const bars = tokens.slice(0, index).filter(({ text }) => text === '|').length;
    const behind = tokens.slice(index + 1).some(({ text }) => text === '|');
    if (bars % 2 === 1 && behind && /^([({,=]|do|move|)$/.test(tokens[bar - 1]?.text ?? '')) return true;
  }
  const lambda = tokens
    .slice(0, index)
    .map(({ text }) => text)
    .lastIndexOf('lambda');
  return (
    lambda >= 0 && !tokens.slice(lambda, index).some(({ text }) => text === ':') && tokens[index]?.text !== 'lambda'
  );
}

function isApart(tokens: readonly SolidToken[], index: number): boolean {
  return (tokens[index + 1]?.start ?? 0) > (tokens[index]?.end ?? 0);
}

/** `Type name`, `Type* name`, `List<T> name`, `int[] name` before an end, a value, brackets or a comma. */
export function isTyped(tokens: readonly SolidToken[], index: number): boolean {
  const previous = tokens[index - 1];
  const next = tokens[index + 1]?.text;
  if (!previous || !isIdentifier(tokens[index]?.text)) return false;
  if (next !== undefined && !['=', ';', ',', ')', '[', ':', '(', '{'].includes(next)) return false;
  if (next === undefined && tokens.length > 3) return false;
  let i = index - 1;
  while (i > 0 && /^[*&\]>?[]+$/.test(tokens[i]?.text ?? '')) i--;
  const type = tokens[i]?.text ?? '';
  if (!isIdentifier(type) || controlWords.has(type)) return false;
  // `a * b;` and `a > b` are not declarations: before a type's name is nothing, a bracket, a comma or a word.
  if (i < index - 1) {
    const before = tokens[i - 1]?.text;
    const marks = tokens
      .slice(i + 1, index)
      .map(({ text }) => text)
      .join('');
    if (/^[*&]+$/.test(marks) && next === '(') return false;
    if (before !== undefined && !isWord(before) && !'(,;{}<'.includes(before)) return false;
    if (before !== undefined && (before === 'return' || before === 'in')) return false;
  }
  return next !== '(' || i === 0 || isWord(tokens[i - 1]?.text) || i < index - 1 || index === 1;
}
