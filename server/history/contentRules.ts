/** How much of a text is checked for properties of the whole text, in UTF-16 code units. */
const sampleLength = 64 * 1024;
/** A line this long is not handwritten code. */
const hugeLine = 10_000;
/** Minified code has long lines throughout. */
const minifiedMeanLine = 250;
const minifiedLength = 5000;

/** A private key in PEM or OpenPGP armour; the header alone, as in code that reads keys, does not count. */
const privateKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\sA-Za-z0-9+/=:,.()\\-]{64}/;
const generatedMark =
  /@generated\b|\bcode generated\b.*\bdo not edit\b|\bauto-?generated\b.*\bdo not (?:edit|modify)\b/i;
const undecodable = /[\ufffd\p{Surrogate}]/gu;

/**
 * Why a text is not one that people edit, or undefined. Reads a bounded part of it, except for line lengths and keys.
 */
export function contentReason(text: string, { minified }: { readonly minified: boolean }): string | undefined {
  const sample = text.slice(0, sampleLength);
  if (sample.includes('\0')) return 'binary content';
  const broken = sample.match(undecodable)?.length ?? 0;
  if (broken > Math.max(16, sample.length / 100)) return 'binary content';
  if (privateKey.test(text)) return 'holds a private key';
  if (!minified) return undefined;
  if (longestLine(text) > hugeLine) return `looks minified: a line of more than ${hugeLine} characters`;
  if (text.length > minifiedLength && meanLine(sample) > minifiedMeanLine) return 'looks minified: its lines are long';
  if (generatedMark.test(firstLines(sample))) return 'looks generated: it says so at its top';
  return undefined;
}

/**
 * Whether a change, however short, may make a text excluded; `head` is the beginning of the text, if it changed there.
 */
export function isTelling(inserted: string, head: string): boolean {
  return /\0|PRIVATE KEY/.test(inserted) || (head !== '' && generatedMark.test(firstLines(head)));
}

function longestLine(text: string): number {
  let longest = 0;
  for (let start = 0; start < text.length; ) {
    const lineBreak = text.indexOf('\n', start);
    const end = lineBreak < 0 ? text.length : lineBreak;
    if (end - start > longest) longest = end - start;
    start = end + 1;
  }
  return longest;
}

function meanLine(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return text.length / lines;
}

/** The first ten lines. */
function firstLines(text: string): string {
  return text.split('\n', 10).join('\n');
}
