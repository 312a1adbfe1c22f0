import { isIdentifier, isSpace, isWord, tokenize } from './lexer.ts';

/**
 * How a line brings a name in, which says how far the name reaches. Told by the shape of the line, in any language:
 * `header`: by a line whose block it is good for, such as a parameter or a loop's variable; `local`: by a statement, for
 * the rest of its block; `callable`: a function or a type, for all of the block it stands in; `line`: for its line alone.
 */
export type DeclarationKind = 'header' | 'local' | 'callable' | 'line';

const callableWords = wordSet(
  'def func fn fun function class struct enum interface type trait object module namespace union record protocol ' +
    'extension sub proc defun defmacro defn defvar defconst macro_rules typedef actor',
);
const localWords = wordSet('let const var val mut my our local static final auto dim ref constexpr readonly lateinit');
const loopWords = wordSet('for foreach catch except rescue using each');
const controlWords = wordSet(
  'if else while for foreach switch match case catch return throw when unless until elif elsif do try with new await yield ' +
    'in of is as and or not typeof instanceof delete void goto print echo from import package export default extends implements ' +
    'throws raise assert del pass break continue then end begin public private protected where',
);
/** Languages in which a plain assignment brings a name in. */
const assigning = wordSet(
  'python ruby php shellscript bash sh zsh lua r julia makefile perl elixir coffeescript matlab powershell starlark tcl',
);

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

export interface SolidToken {
  readonly text: string;
  /** UTF-16 columns. */
  readonly start: number;
  readonly end: number;
}

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

/** By the tokens of a line: every name that is looked for on it asks again. */
const known = new WeakMap<readonly string[], readonly SolidToken[]>();

/** Whether a line, joined with those its brackets go on over, begins a function: what stands in its brackets are parameters. */
export function opensFunction(header: string): boolean {
  const first = /^[\s@]*([\p{L}_$][\p{L}\p{N}_$]*)/u.exec(header)?.[1] ?? '';
  if (
    /(^|[^\w$.])(def|func|fn|fun|function|sub|proc|lambda|constructor|defun|defmacro|defn|init)(?![\w$])/.test(header)
  )
    return true;
  if (/=>|->\s*[{(]?\s*$/.test(header)) return true;
  if (controlWords.has(first) && !isModifier(first)) return false;
  // A method: a name, brackets, and a block or a body behind them.
  return (
    /[\w$>\])]\s*\([^;]*\)\s*(const|override|noexcept|throws [\w., ]+|:\s*[^;{}]+|->\s*[^;{}]+)?\s*\{/.test(header) ||
    /^\s*[\w<>[\],.*&: ]+[\s*&]\w+\s*\([^;]*\)\s*$/.test(header)
  );
}

function isModifier(word: string): boolean {
  return /^(public|private|protected|export|default|extends|where)$/.test(word);
}

/** How the token at `index` is brought in by its line, if it is. `isHeader`: the line begins a function, see `opensFunction`. */
export function declarationAt(
  tokens: readonly SolidToken[],
  index: number,
  languageId: string,
  isHeader: boolean,
): DeclarationKind | undefined {
  const text = (offset: number) => tokens[index + offset]?.text;
  const [previous, next] = [text(-1), text(1)];
  if (previous === '.' || previous === '->' || (previous === '::' && next !== '=')) return undefined;
  if (previous === 'as' || previous === 'AS')
    return firstOf(tokens) === 'import' || firstOf(tokens) === 'from' ? 'local' : aliasKind(tokens);
  if (previous !== undefined && callableWords.has(previous)) return 'callable';
  // Go: `func (s *Server) name(`.
  if (firstOf(tokens) === 'func' && previous === ')' && next === '(' && depthAt(tokens, index) === 0) return 'callable';
  if (previous !== undefined && localWords.has(previous) && next !== '.')
    return isHeader && depthAt(tokens, index) > 0 ? 'header' : loopOr('local', tokens, index);
  if (isPattern(tokens, index)) return loopOr('local', tokens, index);
  const loop = loopVariable(tokens, index);
  if (loop) return loop;
  if (isBlockParameter(tokens, index)) return 'header';
  if (isHeader && depthAt(tokens, index) > 0) return isParameter(tokens, index) ? 'header' : undefined;
  if (isHeader && next === '=>') return 'header';
  if (next === ':' && text(2) === '=') return loopOr('local', tokens, index);
  if (next === ',' && comesToWalrus(tokens, index)) return loopOr('local', tokens, index);
  if (isTyped(tokens, index)) return next === '(' ? 'callable' : 'local';
  if (assigning.has(languageId) && assigns(tokens, index)) return 'local';
  if (languageId === 'shellscript' && index === 0 && next === '=') return 'local';
  return undefined;
}

function firstOf(tokens: readonly SolidToken[]): string | undefined {
  return tokens[0]?.text;
}

/** `with … as f:` and `except E as e:` are good for their blocks, an alias of a query for all of it. */
function aliasKind(tokens: readonly SolidToken[]): DeclarationKind {
  const first = firstOf(tokens);
  return first === 'with' || first === 'except' || first === 'async' ? 'header' : 'callable';
}

/** What a loop's head brings in is good for its block. */
function loopOr(kind: DeclarationKind, tokens: readonly SolidToken[], index: number): DeclarationKind {
  const head = tokens.slice(0, index).map(({ text }) => text);
  const first = head.find((text) => isWord(text));
  if (
    first !== undefined &&
    (loopWords.has(first) || first === 'if' || first === 'while' || first === 'switch' || first === 'with')
  )
    return 'header';
  return kind;
}

function loopVariable(tokens: readonly SolidToken[], index: number): DeclarationKind | undefined {
  let i = index - 1;
  // Back over the other names of the loop, their types and brackets.
  while (i >= 0 && !loopWords.has(tokens[i]?.text ?? '')) {
    const text = tokens[i]?.text ?? '';
    if (text === 'in' || text === 'of' || text === '=' || text === ':' || text === ';' || text === '{' || text === ')')
      return undefined;
    i--;
  }
  if (i < 0) return undefined;
  const word = tokens[i]?.text;
  for (let j = index + 1; j < tokens.length; j++) {
    const text = tokens[j]?.text ?? '';
    if (text === 'in' || text === 'of' || text === ':' || text === '=' || text === 'do')
      return i === 0 || isStatementStart(tokens, i) ? 'header' : 'line';
    if (text === ')' && (word === 'catch' || word === 'rescue')) return 'header';
    if (text !== ',' && text !== ')' && !isIdentifier(text)) return undefined;
  }
  return word === 'rescue' ? 'header' : undefined;
}

/** Whether all before `at` are marks and words that may stand before a loop, so that it is no comprehension. */
function isStatementStart(tokens: readonly SolidToken[], at: number): boolean {
  return tokens
    .slice(0, at)
    .every(
      ({ text }) =>
        text === '}' || text === '@' || text === 'async' || text === 'await' || text === '(' || text === 'parallel',
    );
}

/** `|name|` of Ruby and Rust, `{ name in`, `{ name ->`, `name =>`, `lambda name:`, `(name) =>`. */
function isBlockParameter(tokens: readonly SolidToken[], index: number): boolean {
  const previous = tokens[index - 1]?.text;
  const next = tokens[index + 1]?.text;
  if (next === '=>' && previous !== '.') return true;
  if ((previous === '{' || previous === ',') && (next === 'in' || next === '->')) return true;
  if (previous === '|' || next === '|') {
    const bars = tokens.slice(0, index).filter(({ text }) => text === '|').length;
    const behind = tokens.slice(index + 1).some(({ text }) => text === '|');
    const opener = tokens[tokens.findIndex(({ text }) => text === '|') - 1]?.text;
    if (bars % 2 === 1 && behind && (opener === undefined || '({,=do'.includes(opener) || opener === 'move'))
      return true;
  }
  const lambda = tokens
    .slice(0, index)
    .map(({ text }) => text)
    .lastIndexOf('lambda');
  return (
    lambda >= 0 && !tokens.slice(lambda, index).some(({ text }) => text === ':') && tokens[index]?.text !== 'lambda'
  );
}

/** `{ name, other: name } =` or `[name, other] =`, behind `const` and the like. */
function isPattern(tokens: readonly SolidToken[], index: number): boolean {
  const opener = tokens.findIndex(
    ({ text }, i) => (text === '{' || text === '[' || text === '(') && localWords.has(tokens[i - 1]?.text ?? ''),
  );
  if (opener < 0 || opener > index) return false;
  const close = tokens.findIndex(({ text }, i) => i > index && (text === '}' || text === ']' || text === ')'));
  if (close < 0 || tokens.slice(opener + 1, index).some(({ text }) => text === '=')) return false;
  const next = tokens[index + 1]?.text;
  return next !== ':' && tokens[index - 1]?.text !== '=';
}

/** How many brackets are open before the token. */
export function depthAt(tokens: readonly SolidToken[], index: number): number {
  let depth = 0;
  for (let i = 0; i < index; i++) {
    const text = tokens[i]?.text ?? '';
    if (text === '(' || text === '[' || text === '<') depth += text === '(' ? 1 : 0;
    else if (text === ')') depth--;
  }
  return depth;
}

/** Whether a name in the brackets of a function's head is a parameter, and no type or default. */
function isParameter(tokens: readonly SolidToken[], index: number): boolean {
  const previous = tokens[index - 1]?.text ?? '';
  const next = tokens[index + 1]?.text ?? '';
  if (previous === '=' || previous === ':' || previous === '->' || previous === '.' || next === '.' || next === '(')
    return false;
  if (next === ':' || next === '=' || next === '?') return true;
  if (isIdentifier(next)) return !controlWords.has(next) && (previous === '(' || previous === ',');
  return (
    previous === '(' ||
    previous === ',' ||
    isTyped(tokens, index) ||
    /^[*&.]+$/.test(previous) ||
    isIdentifier(previous)
  );
}

/** `Type name`, `Type* name`, `List<T> name`, `int[] name` before an end, a value, brackets or a comma. */
function isTyped(tokens: readonly SolidToken[], index: number): boolean {
  const previous = tokens[index - 1];
  const next = tokens[index + 1]?.text;
  if (!previous || !isIdentifier(tokens[index]?.text)) return false;
  if (next !== undefined && !['=', ';', ',', ')', '[', ':', '(', '{'].includes(next)) return false;
  if (next === undefined && tokens.length > 3) return false;
  let i = index - 1;
  while (i > 0 && /^[*&\]>?[]+$/.test(tokens[i]?.text ?? '')) i--;
  const type = tokens[i]?.text ?? '';
  if (!isIdentifier(type) || controlWords.has(type)) return false;
  // `a * b;` and `a > b` are no declarations: what comes before a type's name is nothing, a bracket, a comma or a word.
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

function assigns(tokens: readonly SolidToken[], index: number): boolean {
  const start = tokens[0]?.text === '$' || tokens[0]?.text === '@' ? 1 : 0;
  for (let i = start; i < index; i++) {
    const text = tokens[i]?.text ?? '';
    if (text !== ',' && text !== '(' && !isIdentifier(text)) return false;
    if (isIdentifier(text) && i === index - 1) return false;
  }
  for (let i = index + 1; i < tokens.length; i++) {
    const text = tokens[i]?.text ?? '';
    if (text === '=') return true;
    if (text === ':' && i === index + 1 && tokens.slice(i).some(({ text: later }) => later === '=')) return true;
    if (text !== ',' && text !== ')' && !isIdentifier(text)) return false;
  }
  return false;
}

/** Go: `a, name := f()`. */
function comesToWalrus(tokens: readonly SolidToken[], index: number): boolean {
  for (let i = index + 1; i < tokens.length; i++) {
    const text = tokens[i]?.text ?? '';
    if (text === ':' && tokens[i + 1]?.text === '=') return true;
    if (text !== ',' && !isIdentifier(text)) return false;
  }
  return false;
}
