import * as v from 'valibot';
import { lengthOfLines } from '../../../shared/edits/lines.ts';

const aString = v.string('must be a string');
const natural = 'must be a whole number, 0 or more';
const index = v.pipe(v.number(natural), v.integer(natural), v.minValue(0, natural));
const aBoolean = v.boolean('must be true or false');
const anObject = 'must be an object';
const list = <T extends v.GenericSchema>(item: T) => v.array(item, 'must be a list');

const changeSchema = v.object(
  {
    start: index,
    end: index,
    text: aString,
    /** Typed letter by letter over a selection, typed after as many backspaces, or put there at once. */
    mode: v.picklist(['t', 'b', 'p'], 'must be t, b or p'),
  },
  anObject,
);

const siteSchema = v.object(
  {
    start: index,
    end: index,
    /** Any of these is right there; the first is the best. */
    alts: v.pipe(list(aString), v.minLength(1, 'must not be empty')),
    /** Right where it is offered, and no loss where it is not. */
    optional: aBoolean,
  },
  anObject,
);

const expectedHunkSchema = v.object(
  {
    start: index,
    end: index,
    lines: list(aString),
    optional: v.exactOptional(aBoolean),
    /** For each site of these lines that has several, its `alts`. */
    alternatives: v.exactOptional(list(list(aString))),
  },
  anObject,
);

export const everydayCaseSchema = v.object(
  {
    id: aString,
    kind: aString,
    lang: aString,
    path: aString,
    /** `either`: an offer may be made, and if so has to be right. */
    want: v.picklist(['edits', 'silence', 'either'], 'must be edits, silence or either'),
    /** How a step reaches the server: a notification a change, one for all its changes, or the full text. */
    mode: v.picklist(['edits', 'multi', 'full'], 'must be edits, multi or full'),
    before: aString,
    /** What the user does, with a pause after every step. Offsets are those of the text the change is made to. */
    steps: v.pipe(list(v.pipe(list(changeSchema), v.minLength(1, 'must not be empty'))), v.minLength(1)),
    after: aString,
    cursor: index,
    /** Where `after` is still to change, in its order. */
    sites: list(siteSchema),
    /** `sites` as hunks of lines of `after`, half-open from 0, with the first of the alternatives. */
    expect: v.exactOptional(
      v.union([list(expectedHunkSchema), v.literal('silence')], 'must be a list of hunks or "silence"'),
    ),
    /** Lines of `after`, the empty one after its last line end counted. */
    lines: v.exactOptional(index),
  },
  anObject,
);

/** An everyday edit: a text, what the user does to it, and the rest of the change, or that there is none. Offsets are in UTF-16. */
export type EverydayCase = v.InferOutput<typeof everydayCaseSchema>;
export type EverydayChange = v.InferOutput<typeof changeSchema>;
export type EverydaySite = v.InferOutput<typeof siteSchema>;
export type ExpectedHunk = v.InferOutput<typeof expectedHunkSchema>;

/** `text` with one change made. */
export function applyChange(text: string, { start, end, text: added }: Omit<EverydayChange, 'mode'>): string {
  return text.slice(0, start) + added + text.slice(end);
}

/** What is wrong with a case whose fields do not agree, or undefined. */
export function inconsistency({ before, steps, after, cursor, sites, want }: EverydayCase): string | undefined {
  let text = before;
  for (const change of steps.flat()) {
    if (change.start > change.end || change.end > text.length) return '`steps` has a change outside the text';
    text = applyChange(text, change);
  }
  if (text !== after) return '`steps` do not lead from `before` to `after`';
  if (cursor > after.length) return '`cursor` lies behind the end of `after`';
  let at = 0;
  for (const { start, end, alts } of sites) {
    if (start < at || end < start || end > after.length) return '`sites` overlap or lie outside `after`';
    if (alts.includes(after.slice(start, end))) return '`sites` has one that is what it should become';
    at = end;
  }
  if (want === 'silence' && sites.length > 0) return '`want` is silence, but there are `sites`';
  if (want !== 'silence' && sites.length === 0) return `\`want\` is ${want}, but there are no \`sites\``;
  return undefined;
}

/** `sites` as the lines of `after` that change; sites that share a line make one hunk. */
export function expectedHunks(after: string, sites: readonly EverydaySite[]): ExpectedHunk[] {
  const lineOf = (offset: number) => after.slice(0, offset).split('\n').length - 1;
  const groups: { first: number; last: number; sites: EverydaySite[] }[] = [];
  for (const site of sites) {
    const group = groups.at(-1);
    if (group && lineOf(site.start) <= group.last) {
      group.sites.push(site);
      group.last = Math.max(group.last, lineOf(site.end));
    } else {
      groups.push({ first: lineOf(site.start), last: lineOf(site.end), sites: [site] });
    }
  }
  const lines = after.split('\n');
  const startOf = (line: number) => lengthOfLines(lines.slice(0, line));
  return groups.map((group) => {
    const from = startOf(group.first);
    let text = lines.slice(group.first, group.last + 1).join('\n');
    for (const { start, end, alts } of group.sites.toReversed()) {
      text = applyChange(text, { start: start - from, end: end - from, text: alts[0] ?? '' });
    }
    const hunk = trimmed(lines, group.first, group.last + 1, text.split('\n'));
    const alternatives = group.sites.filter(({ alts }) => alts.length > 1).map(({ alts }) => alts);
    return {
      ...hunk,
      ...(group.sites.every(({ optional }) => optional) ? { optional: true } : {}),
      ...(alternatives.length > 0 ? { alternatives } : {}),
    };
  });
}

/** Without the lines that stay as they are at the hunk's ends. */
function trimmed(lines: readonly string[], start: number, end: number, added: readonly string[]): ExpectedHunk {
  let skip = 0;
  while (start < end && skip < added.length && lines[start] === added[skip]) {
    start++;
    skip++;
  }
  let keep = added.length;
  while (start < end && keep > skip && lines[end - 1] === added[keep - 1]) {
    end--;
    keep--;
  }
  return { start, end, lines: added.slice(skip, keep) };
}
