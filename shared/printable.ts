/**
 * Characters that control a terminal or reorder a line: C0 and C1 controls, line separators, and the marks, embeddings,
 * overrides and isolates of bidirectional text (Unicode UAX #9).
 */
const steering = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The same, without the characters needed in a text of several lines. */
const steeringInText = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069](?<![\t\n])/gu;

/**
 * Text of a file, a model or a path as one line that is safe for a terminal: unsafe characters become `\u001b` and the
 * like.
 */
export function printable(text: string): string {
  return text.replace(steering, escaped);
}

/** The same for a text that keeps its tabs and line ends; a carriage return before a line end is removed. */
export function printableText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(steeringInText, escaped);
}

/** The characters of `text` that are neither printable nor tabs or line ends, each once. */
export function steeringCharacters(text: string): readonly string[] {
  return [...new Set(text.match(steeringInText))].filter((character) => character !== '\r');
}

/** A text without the user names and passwords of its URLs. */
export function withoutPasswords(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/gi, '$1***@');
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
