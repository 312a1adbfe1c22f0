import { isName } from './codeNames.ts';
import { differingParts, isNamePart, nameForms, substitute } from './wordForms.ts';

const leastPart = 3;

/** Every form of `from`, each with `to` in the same form; only those that can be names. */
export function formsOf(from: string, to: string): Map<string, string> {
  return new Map([...nameForms(from, to)].filter(([form]) => isName(form)));
}

/** The same, plus what is left of names without their common parts: `OP_SUB` and `OP_MUL` are `sub` and `mul`. */
export function wideFormsOf(from: string, to: string): Map<string, string> {
  const { oldParts, newParts } = differingParts(from, to);
  const [a, b] = [oldParts.join('_'), newParts.join('_')];
  const parts = a.length >= 3 && b.length >= 3 ? formsOf(a, b) : new Map<string, string>();
  return new Map([...parts, ...formsOf(from, to)]);
}

/** Text about one member, rewritten for another: `from` in every form, also inside longer names. */
export function reword(
  lines: readonly string[],
  from: string,
  to: string,
  words: ReadonlyMap<string, string> = new Map(),
): string[] {
  const forms = new Map([...words, ...wideFormsOf(from, to)]);
  const inQuotes = quotedWords(from, to);
  return lines.map((line) => inQuotes(substitute(line, forms)));
}

/**
 * Rewrites the forms that are words of a language, which names cannot be, where they stand in quotes: `"string"` for
 * `TOKEN_STRING`.
 */
function quotedWords(from: string, to: string): (line: string) => string {
  const { oldParts, newParts } = differingParts(from, to);
  if (oldParts.length === 0 || newParts.length === 0) return (line) => line;
  const forms = nameForms(oldParts.join('_'), newParts.join('_'));
  return (line) =>
    line.replace(/(["'`])([A-Za-z]+)\1/g, (all, quote: string, word: string) => {
      const now = isName(word) ? undefined : forms.get(word);
      return now === undefined ? all : quote + now + quote;
    });
}

/** The same, also where a longer name contains the member's: `drawSquare` for `square`. */
export function rewordParts(lines: readonly string[], from: string, to: string): string[] {
  const forms = [...wideFormsOf(from, to)].filter(([form]) => form.length >= leastPart);
  const inWords = (line: string) =>
    line.replace(/[\w$\u00aa-\uffff]+/g, (word) => {
      for (const [old, now] of forms) {
        if (word === old) return now;
        const at = word.indexOf(old);
        if (at >= 0 && isNamePart(word, at, at + old.length))
          return word.slice(0, at) + now + word.slice(at + old.length);
      }
      return word;
    });
  const inQuotes = quotedWords(from, to);
  return lines.map((line) => inQuotes(inWords(line)));
}
