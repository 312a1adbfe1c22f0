/** How a language writes comments and strings: a few marks, no grammar. */
export interface Syntax {
  readonly line: readonly string[];
  readonly block: readonly (readonly [open: string, close: string])[];
  /** Quotes of strings that end on their line; if the closing one is missing, the quote is an apostrophe. */
  readonly quotes: string;
  /** Pairs of strings over several lines. */
  readonly long: readonly (readonly [open: string, close: string])[];
  /** Whether a backslash escapes the closing mark of such a string. */
  readonly escapes: boolean;
  /** Whether `'x'` is a character, but a `'` elsewhere is part of a lifetime or a name. */
  readonly characters: boolean;
  /** Whether `/…/` is a regular expression if no operand is before it. */
  readonly regexps: boolean;
  /** The quotes of strings that can contain code, and its opening mark: up to the closing bracket, or `$` a name. */
  readonly filled: string;
  readonly fills: readonly string[];
}

const slashes: Syntax = {
  line: ['//'],
  block: [['/*', '*/']],
  quotes: '"\'',
  long: [['`', '`']],
  escapes: true,
  characters: false,
  regexps: false,
  filled: '`',
  fills: ['${'],
};
const hashes: Syntax = { ...slashes, line: ['#'], block: [], long: [], filled: '"\'' };
const triple: Syntax['long'] = [
  ['"""', '"""'],
  ["'''", "'''"],
];
const plain: Syntax = { ...slashes, long: [], filled: '' };
const scripts: Syntax = { ...slashes, regexps: true };
const python: Syntax = { ...hashes, long: triple, filled: '' };
const shell: Syntax = { ...hashes, filled: '"', fills: ['${', '$(', '$'] };
const ruby: Syntax = { ...hashes, filled: '"', fills: ['#{'] };
const kotlin: Syntax = { ...slashes, long: triple, filled: '"', fills: ['${', '$'] };
const prose: Syntax = { ...python, line: [], quotes: '', block: [['<!--', '-->']], long: [] };
const markup: Syntax = { ...scripts, block: [['<!--', '-->'], ...slashes.block] };
const lisp: Syntax = { ...python, line: [';'], quotes: '', long: [['"', '"']] };
const haskell: Syntax = { ...plain, line: ['--'], block: [['{-', '-}']], quotes: '"', characters: true };
const rawStrings: Syntax['long'] = [['r#"', '"#']];

const syntaxes: readonly (readonly [languages: string, syntax: Syntax])[] = [
  ['javascript javascriptreact typescript typescriptreact', scripts],
  ['go', { ...slashes, escapes: false, filled: '' }],
  ['python starlark graphql', python],
  ['toml', { ...python, filled: '"\'' }],
  ['yaml properties dockerfile gitignore', hashes],
  ['makefile', { ...hashes, fills: ['${', '$('] }],
  ['shellscript bash sh zsh perl r tcl', shell],
  ['powershell', { ...shell, block: [['<#', '#>']] }],
  ['ruby crystal', ruby],
  ['elixir coffeescript', { ...ruby, long: triple }],
  ['julia', { ...shell, long: triple.slice(0, 1) }],
  ['nix', { ...hashes, block: slashes.block, quotes: '"', long: [["''", "''"]], escapes: false }],
  ['kotlin scala groovy', kotlin],
  ['swift', { ...kotlin, fills: ['\\('] }],
  ['dart', { ...kotlin, filled: '"\'' }],
  ['php', { ...plain, line: ['//', '#'], filled: '"', fills: ['${', '{$', '$'] }],
  ['rust', { ...plain, quotes: '"', long: rawStrings, escapes: false, characters: true, filled: '"', fills: ['{'] }],
  ['java csharp c cpp objective-c', { ...plain, long: triple.slice(0, 1) }],
  ['css', { ...plain, line: [] }],
  ['scss less', { ...plain, filled: '"\'', fills: ['#{', '@{'] }],
  // Text in double quotes is a name.
  ['sql', { ...plain, line: ['--'], quotes: "'" }],
  ['lua', { ...plain, line: ['--'], block: [['--[[', ']]']], long: [['[[', ']]']], escapes: false }],
  ['haskell elm', haskell],
  ['html xml', { ...prose, quotes: '"' }],
  ['vue', markup],
  ['svelte', { ...markup, filled: '`"', fills: ['${', '{'] }],
  ['markdown plaintext latex restructuredtext asciidoc', prose],
  ['elisp emacs-lisp lisp clojure scheme racket', lisp],
  ['ini', { ...prose, line: [';', '#'], quotes: '"', block: [] }],
];
const syntaxOf = new Map(
  syntaxes.flatMap(([names, syntax]) => names.split(' ').map((name) => [name, syntax] as const)),
);

/** An unknown language gets the most common syntax. */
export function syntaxFor(languageId: string): Syntax {
  return syntaxOf.get(languageId) ?? slashes;
}

/** What to search for in a line: marks that may begin a comment or a string, and those that may continue behind it. */
export interface SyntaxMarks {
  readonly any: RegExp;
  readonly carried: RegExp | undefined;
}

const marksOf = new Map<Syntax, SyntaxMarks>();

export function marksFor(syntax: Syntax): SyntaxMarks {
  const known = marksOf.get(syntax);
  if (known) return known;
  const carried = [...syntax.block, ...syntax.long].map(([opener]) => opener);
  const quotes = [...syntax.quotes, ...(syntax.characters ? ["'"] : []), ...(syntax.regexps ? ['/'] : [])];
  const first = [...syntax.line, ...carried, ...quotes].map((mark) => mark.charAt(0));
  const any = new RegExp(`[${[...new Set(['\\', ...first])].map(escaped).join('')}]`, 'g');
  const made = { any, carried: carried.length > 0 ? new RegExp(carried.map(escaped).join('|')) : undefined };
  marksOf.set(syntax, made);
  return made;
}

function escaped(mark: string): string {
  return mark.replace(/[\\[\](){}*#^-]/g, '\\$&');
}
