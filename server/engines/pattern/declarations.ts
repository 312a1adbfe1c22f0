import {
  controlWords,
  type Group,
  groupAround,
  isBlockParameter,
  isParameter,
  isParameterList,
  isTyped,
  type SolidToken,
  wordSet,
} from './functionHeads.ts';
import { isIdentifier, isWord } from './lexer.ts';

/**
 * How a line declares a name, which determines its scope. Found by the shape of the line, in any language:
 * `header`: by a line, for its block, such as a parameter or a loop's variable; `local`: by a statement, for
 * the rest of its block; `callable`: a function or a type, for the whole enclosing block; `line`: for its line alone.
 */
export type DeclarationKind = 'header' | 'local' | 'callable' | 'line';

const callableWords = wordSet(
  'def func fn fun function class struct enum interface type trait object module namespace union record protocol ' +
    'extension sub proc define defun defmacro defn defvar defconst macro_rules typedef actor',
);
const localWords = wordSet('let const var val mut my our local auto dim');
const loopWords = wordSet('for foreach catch except rescue using each');
/** Languages in which a plain assignment declares a name. */
const assigning = wordSet(
  'python ruby php shellscript bash sh zsh lua r julia makefile perl elixir coffeescript matlab powershell starlark tcl',
);

/** How a name is declared; if by brackets or a lambda, also the tokens around it. */
export interface DeclarationShape {
  readonly kind: DeclarationKind;
  readonly group?: Group;
}

/** How its line declares the token at `index`, if so. `isHeader`: the line begins a function, see `opensFunction`. */
export function declarationAt(
  tokens: readonly SolidToken[],
  index: number,
  languageId: string,
  isHeader: boolean,
): DeclarationShape | undefined {
  const group = isHeader ? groupAround(tokens, index) : undefined;
  const parameters = group && isParameterList(tokens, group) ? group : undefined;
  if (isBlockParameter(tokens, index)) return { kind: 'header', group: { open: index, close: index } };
  const kind = kindAt(tokens, index, languageId, parameters !== undefined);
  return kind && (kind === 'header' && parameters ? { kind, group: parameters } : { kind });
}

function kindAt(
  tokens: readonly SolidToken[],
  index: number,
  languageId: string,
  inParameters: boolean,
): DeclarationKind | undefined {
  const [twoBefore, previous, next] = [tokens[index - 2]?.text, tokens[index - 1]?.text, tokens[index + 1]?.text];
  if (isImported(tokens, index)) return 'callable';
  if (previous === '.' || previous === '->' || (previous === '::' && next !== '=')) return undefined;
  if (previous === 'as' || previous === 'AS')
    return firstOf(tokens) === 'import' || firstOf(tokens) === 'from' ? 'local' : aliasKind(tokens);
  if (previous !== undefined && callableWords.has(previous)) return 'callable';
  const group = groupAround(tokens, index);
  // Go: `func (s *Server) name(`.
  if (firstOf(tokens) === 'func' && previous === ')' && next === '(' && !group) return 'callable';
  const isReference = previous === 'mut' && twoBefore === '&';
  if (previous !== undefined && localWords.has(previous) && next !== '.' && !isReference)
    return inParameters ? 'header' : loopOr('local', tokens, index);
  if (isPattern(tokens, index)) return loopOr('local', tokens, index);
  const loop = loopVariable(tokens, index);
  if (loop) return loop;
  if (isListed(tokens, index)) return 'local';
  if (inParameters) return isParameter(tokens, index, languageId) ? 'header' : undefined;
  if (next === ':' && tokens[index + 2]?.text === '=') return loopOr('local', tokens, index);
  if (next === ',' && comesToWalrus(tokens, index)) return loopOr('local', tokens, index);
  if (isTyped(tokens, index)) {
    if (next === '(') return 'callable';
    // In brackets: a resource or a condition, or a prototype's parameter.
    if (!group || twoBefore === 'out') return 'local';
    return controlWords.has(firstOf(tokens) ?? '') ? 'header' : 'line';
  }
  if (assigning.has(languageId) && assigns(tokens, index)) return 'local';
  if (languageId === 'shellscript' && index === 0 && next === '=') return 'local';
  return undefined;
}

function firstOf(tokens: readonly SolidToken[]): string | undefined {
  return tokens[0]?.text;
}

/** `import name from`, `import { name }`, `from a import name`, `use a::name`, for all of the document. */
function isImported(tokens: readonly SolidToken[], index: number): boolean {
  const first = firstOf(tokens);
  const [previous, next] = [tokens[index - 1]?.text ?? '', tokens[index + 1]?.text ?? ''];
  if (index === 0 || (isIdentifier(previous) && !/^(import|type|static)$/.test(previous))) return false;
  if (/^(\.|::|as|AS|\/)$/.test(next) || /^[./"']$/.test(previous)) return false;
  if (first === 'from') return tokens.slice(0, index).some(({ text }) => text === 'import');
  if (first === 'import')
    return tokens.slice(index).some(({ text }) => text === 'from') || (previous === 'import' && next === '');
  return first === 'use' && isIdentifier(tokens[1]?.text) && /^[{,]$|^::$/.test(previous);
}

/** `with … as f:` and `except E as e:` are valid in their blocks, an alias of a query in all of it. */
function aliasKind(tokens: readonly SolidToken[]): DeclarationKind {
  const first = firstOf(tokens);
  return first === 'with' || first === 'except' || first === 'async' ? 'header' : 'callable';
}

/** Names declared in a loop's head are valid in its block. */
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
  const behind = tokens[index + 1]?.text ?? '';
  // A type stands before the name.
  if (isIdentifier(behind) && behind !== 'in' && behind !== 'of' && behind !== 'do') return undefined;
  for (let j = index + 1; j < tokens.length; j++) {
    const text = tokens[j]?.text ?? '';
    if (text === 'in' || text === 'of' || text === ':' || text === '=' || text === 'do')
      return i === 0 || isStatementStart(tokens, i) ? 'header' : 'line';
    if (text === ')' && (word === 'catch' || word === 'rescue')) return 'header';
    if (text !== ',' && text !== ')' && !isIdentifier(text)) return undefined;
  }
  return word === 'rescue' ? 'header' : undefined;
}

/** Whether only marks and words that may precede a loop are before `at`, so it is not a comprehension. */
function isStatementStart(tokens: readonly SolidToken[], at: number): boolean {
  return tokens
    .slice(0, at)
    .every(
      ({ text }) =>
        text === '}' || text === '@' || text === 'async' || text === 'await' || text === '(' || text === 'parallel',
    );
}

/** `{ name, other: name } =` or `[name, other] =`, behind `const` and the like. */
function isPattern(tokens: readonly SolidToken[], index: number): boolean {
  const opener = tokens.findIndex(
    ({ text }, i) =>
      /^[{[(]$/.test(text) && localWords.has(tokens[isWord(tokens[i - 1]?.text) ? i - 1 : -1]?.text ?? ''),
  );
  if (opener < 0 || opener > index) return isCase(tokens, index);
  const close = tokens.findIndex(({ text }, i) => i > index && (text === '}' || text === ']' || text === ')'));
  if (close < 0 || tokens.slice(opener + 1, index).some(({ text }) => text === '=')) return false;
  const next = tokens[index + 1]?.text;
  return next !== ':' && tokens[index - 1]?.text !== '=';
}

/** `let Some(name) =`. */
function isCase(tokens: readonly SolidToken[], index: number): boolean {
  const opener = tokens.findIndex(({ text }, i) => /^[{(]$/.test(text) && localWords.has(tokens[i - 2]?.text ?? ''));
  if (opener < 0 || opener > index || !isIdentifier(tokens[opener - 1]?.text)) return false;
  const equals = tokens.findIndex(({ text }) => text === '=');
  return equals > index && tokens.slice(opener, equals).every(({ text }) => !isWord(text) || isIdentifier(text));
}

function assigns(tokens: readonly SolidToken[], index: number): boolean {
  const start = tokens[0]?.text === '$' || tokens[0]?.text === '@' ? 1 : 0;
  for (let i = start; i < index; i++) {
    const text = tokens[i]?.text ?? '';
    // `(a, name) =` is a pattern, `f(name=` a keyword's argument.
    if (text !== ',' && !(text === '(' && i === start) && !isIdentifier(text)) return false;
    if (isIdentifier(text) && tokens[i + 1]?.text !== ',') return false;
  }
  for (let i = index + 1; i < tokens.length; i++) {
    const text = tokens[i]?.text ?? '';
    if (text === '=') return true;
    if (text === ':' && i === index + 1 && tokens.slice(i).some(({ text: later }) => later === '=')) return true;
    if (text !== ',' && text !== ')' && !isIdentifier(text)) return false;
  }
  return false;
}

/** `let a = 1, name = 2`, `int a, *name;` */
function isListed(tokens: readonly SolidToken[], index: number): boolean {
  const next = tokens[index + 1]?.text;
  let comma = index - 1;
  while (tokens[comma]?.text === '*') comma--;
  if (tokens[comma]?.text !== ',' || (next !== undefined && !/^[=;,[]$/.test(next))) return false;
  let depth = 0;
  for (const { text } of tokens.slice(0, index)) {
    if (/^[([{]$/.test(text)) depth++;
    else if (/^[)\]}]$/.test(text)) depth--;
  }
  if (depth !== 0) return false;
  const first = firstOf(tokens) ?? '';
  if (localWords.has(first)) return true;
  const second = tokens.findIndex(({ text }, i) => i > 0 && text !== '*');
  return tokens.at(-1)?.text === ';' && second < comma && isIdentifier(first) && isTyped(tokens, second);
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
