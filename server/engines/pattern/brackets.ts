/** How many brackets a text opens more than it closes; negative where it closes more. */
export function balance(text: string): number {
  let depth = 0;
  for (const char of text) {
    if (char === '(' || char === '[' || char === '{') depth++;
    else if (char === ')' || char === ']' || char === '}') depth--;
  }
  return depth;
}

/** 1 where a double quote is left open, else 0. */
export function quotesOpen(text: string): number {
  return (text.split('"').length - 1) % 2;
}

/** In these a single quote is not, or not always, a quote: `'a` in Rust, `'(a b)` in Lisp, `f'` in Haskell. */
const noSingleQuotes =
  /^(rust|lisp|commonlisp|emacs-lisp|elisp|clojure|scheme|racket|haskell|ocaml|fsharp|latex|markdown|plaintext)$/;

/** The quote that is still open at the end of a line, empty where none is. An apostrophe inside a word opens nothing. */
export function quoteLeftOpen(line: string, languageId: string): string {
  let open = '';
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === '\\') i++;
    else if (open !== '') open = char === open ? '' : open;
    else if (char === '"' || char === '`') open = char;
    else if (char === "'" && !noSingleQuotes.test(languageId) && !/[\p{L}\p{N}]/u.test(line.charAt(i - 1))) open = char;
  }
  return open;
}
