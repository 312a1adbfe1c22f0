import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { systemErrorWords } from '../../../shared/errors.ts';
import { CaseFileError, utf16Offset } from '../cases.ts';

const range = { start: v.number(), end: v.number() };
/** `t` types over a selection, `b` types behind as many backspaces, `p` puts all there at once. */
const changeSchema = v.object({ ...range, text: v.string(), mode: v.picklist(['t', 'b', 'p']) });
const siteSchema = v.object({ ...range, alts: v.array(v.string()), optional: v.boolean() });
const caseSchema = v.object({
  id: v.string(),
  kind: v.string(),
  lang: v.string(),
  path: v.string(),
  want: v.picklist(['edits', 'silence', 'either']),
  mode: v.picklist(['edits', 'multi', 'full']),
  before: v.string(),
  steps: v.array(v.array(changeSchema)),
  after: v.string(),
  cursor: v.number(),
  sites: v.array(siteSchema),
});

/**
 * An everyday edit: a text, what the user does to it in `steps` with a pause after each, and where `after`, which these
 * lead to, is still to change: at a site any of `alts` is right. Offsets are UTF-16 code units; those of a change are of
 * the text that the changes before it left.
 */
export type EverydayCase = v.InferOutput<typeof caseSchema>;
export type EverydayChange = v.InferOutput<typeof changeSchema>;
export type EverydaySite = v.InferOutput<typeof siteSchema>;

/** The cases of a JSON Lines file, in which offsets count code points. Throws a CaseFileError that names file and line. */
export async function readEverydayCases(file: string): Promise<EverydayCase[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CaseFileError(`${file} cannot be read: ${systemErrorWords(error)}`);
  });
  return text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [inUtf16(parseCase(line, `${file}:${i + 1}`))]));
}

function parseCase(line: string, where: string): EverydayCase {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new CaseFileError(`${where}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = v.safeParse(caseSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new CaseFileError(`${where}: \`${v.getDotPath(issue) ?? 'a case'}\` must be ${issue.expected}`);
}

function inUtf16(example: EverydayCase): EverydayCase {
  const { before, after, cursor, steps, sites } = example;
  const moved = <T extends { start: number; end: number }>(text: string, at: T): T => ({
    ...at,
    start: utf16Offset(text, at.start),
    end: utf16Offset(text, at.end),
  });
  let text = before;
  return {
    ...example,
    steps: steps.map((step) =>
      step.map((change) => {
        const here = moved(text, change);
        text = text.slice(0, here.start) + here.text + text.slice(here.end);
        return here;
      }),
    ),
    cursor: utf16Offset(after, cursor),
    sites: sites.map((site) => moved(after, site)),
  };
}
