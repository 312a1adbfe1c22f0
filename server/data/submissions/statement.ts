import { maskSecrets } from '../../history/secretSpans.ts';
import { readSmallFile } from '../../history/workspaceFile.ts';

const maxBytes = 1024 * 1024;
/** Longer than this, a statement would leave no room for code, in UTF-16 code units. */
const maxLength = 4000;

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  nbsp: ' ',
  le: '≤',
  ge: '≥',
};

/** The words of a problem's page, or undefined where there is none, or none short enough to be an instruction. */
export async function statementOf(file: string): Promise<string | undefined> {
  const html = readSmallFile(file, maxBytes);
  if (html === undefined) return undefined;
  const words = html
    .replace(/<(script|style)\b[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/<(?:br|\/p|\/h\d|\/pre|\/li|\/div|\/section)\b[^>]*>/gi, '\n')
    .replace(/<[^>]{0,1000}>/g, '')
    .replace(/&(?:#(\d{1,6})|([a-z]+));/gi, (whole, code?: string, name?: string) =>
      code === undefined ? (entities[(name ?? '').toLowerCase()] ?? whole) : String.fromCodePoint(Number(code)),
    )
    .replace(/[ \t]+/g, ' ')
    .replace(/ *\n\s*/g, '\n')
    .trim();
  return words.length < 20 || words.length > maxLength ? undefined : maskSecrets(words);
}
