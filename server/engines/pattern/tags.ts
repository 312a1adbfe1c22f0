/** An opening or closing tag in a text, of one of the paired notations. */
export interface Tag {
  readonly name: string;
  /** Offsets of the name. */
  readonly start: number;
  readonly end: number;
  readonly opens: boolean;
  readonly family: Family;
}

export type Family = 'markup' | 'latex' | 'bracket' | 'statement' | 'block';

/** Elements of HTML that have no end tag. */
const voidElements = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));

/** A tag longer than this is something else. */
const maxTag = 4000;

const patterns: Readonly<Record<Exclude<Family, 'markup'>, RegExp>> = {
  latex: /\\(begin|end)\{([\w*-]+)\}/g,
  bracket: /\[(\/?)([A-Za-z*]\w*)(?:=[^\]\n]*)?\](?!\()/g,
  statement: /\{%[-+]?\s*(end(?=\w))?(\w+)/g,
  block: /\{([#/])(\w+)/g,
};

/** Whether a tag of this name has no partner. */
export function isVoid(family: Family, name: string): boolean {
  return family === 'markup' && voidElements.has(name.toLowerCase());
}

/** The tags in `text`, in order; elements without an end tag and comments are left out. */
export function tagsIn(text: string, family: Family): Tag[] {
  return family === 'markup' ? markupTags(text) : matchedTags(text, family);
}

function matchedTags(text: string, family: Exclude<Family, 'markup'>): Tag[] {
  const tags: Tag[] = [];
  for (const match of text.matchAll(patterns[family])) {
    const [all, mark = '', name = ''] = match;
    const start = match.index + all.lastIndexOf(name);
    const opens = family === 'block' ? mark === '#' : mark !== 'end' && mark !== '/';
    tags.push({ name, start, end: start + name.length, opens, family });
  }
  return tags;
}

function markupTags(text: string): Tag[] {
  const tags: Tag[] = [];
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    if (text.startsWith('<!--', at)) {
      const end = text.indexOf('-->', at + 4);
      if (end < 0) break;
      at = end;
      continue;
    }
    const closes = text[at + 1] === '/';
    const start = at + (closes ? 2 : 1);
    const end = endOfName(text, start);
    if (end === start) continue;
    const name = text.slice(start, end);
    if (!closes) {
      const close = endOfTag(text, end);
      // Text in attributes is not a tag of the document.
      if (close >= 0) at = close;
      if (isVoid('markup', name) || (close >= 0 && text[close - 1] === '/')) continue;
    }
    tags.push({ name, start, end, opens: !closes, family: 'markup' });
  }
  return tags;
}

function endOfName(text: string, start: number): number {
  if (!/[A-Za-z_]/.test(text.charAt(start))) return start;
  let end = start + 1;
  while (end < text.length && /[\w.:-]/.test(text.charAt(end))) end++;
  return end;
}

/** Where the `>` of a tag is whose name ends at `from`; attributes may have others in quotes and braces. -1 if none. */
function endOfTag(text: string, from: number): number {
  let depth = 0;
  let quote = '';
  const to = Math.min(text.length, from + maxTag);
  for (let at = from; at < to; at++) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || (char === "'" && depth === 0)) quote = char;
    else if (char === '{') depth++;
    else if (char === '}') depth--;
    else if (char === '>' && depth <= 0) return at;
    else if (char === '<' && depth <= 0) return -1;
  }
  return -1;
}

/**
 * The partner of `tags[at]`, by counting those of the same name. If a tag named `already` comes first and has no
 * other partner, the pair has been changed on both sides: undefined.
 */
export function partnerOf(
  tags: readonly Tag[],
  at: number,
  name: string,
  already: string,
): { tag: Tag; depth: number } | undefined {
  const from = tags[at];
  if (!from) return undefined;
  const step = from.opens ? 1 : -1;
  let [same, changed, deepest] = [0, 0, 0];
  for (let i = at + step; i >= 0 && i < tags.length; i += step) {
    const tag = tags[i];
    if (!tag) return undefined;
    if (tag.name === already) {
      if (tag.opens === from.opens) changed++;
      else if (changed > 0) changed--;
      else return undefined;
    }
    if (tag.name !== name) continue;
    if (tag.opens === from.opens) deepest = Math.max(deepest, ++same);
    else if (same > 0) same--;
    else return { tag, depth: deepest };
  }
  return undefined;
}
