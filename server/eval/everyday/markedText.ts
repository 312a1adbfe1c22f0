import type { EverydayChange } from './everydayCase.ts';

/** A mark that cannot be read; `offset` is in the marked text. */
export class MarkError extends Error {
  override readonly name = 'MarkError';
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export interface Site {
  readonly type: 'site';
  readonly old: string;
  readonly alts: readonly string[];
  readonly optional: boolean;
}

/** A place the user edits, once or several times; what was edited last may hold further marks. */
export interface Edit {
  readonly type: 'edit';
  readonly offset: number;
  /** The step, from 1, of the first change here; undefined where edits are in reading order. */
  readonly number: number | undefined;
  readonly mode: EverydayChange['mode'];
  /** What stands there before each change. */
  readonly earlier: readonly string[];
  readonly last: readonly Node[];
}

export type Node = string | Site | Edit;

const MARKS = /[«»⟦⟧]/u;
/** `#2 `, `#2b ` or `#b ` at the start of an edit. */
const PREFIX = /^#(?:(\d+)([tbp])?|([tbp])) /;

/** The tree of a marked text. Throws a MarkError. */
export function parseMarks(text: string): Node[] {
  const { nodes, at } = parseNodes(text, 0, '');
  if (at < text.length) throw new MarkError(`${text[at]} closes nothing`, at);
  return nodes;
}

/** Nodes up to one of `stops` or to a closing mark. */
function parseNodes(text: string, from: number, stops: string): { nodes: Node[]; at: number } {
  const nodes: Node[] = [];
  let at = from;
  let plain = from;
  const endPlain = () => {
    if (plain < at) nodes.push(text.slice(plain, at));
  };
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '»' || character === '⟧' || stops.includes(character)) break;
    if (character === '«' || character === '⟦') {
      endPlain();
      const { node, end } = character === '«' ? parseEdit(text, at) : parseSite(text, at);
      nodes.push(node);
      at = end;
      plain = end;
    } else {
      at++;
    }
  }
  endPlain();
  return { nodes, at };
}

function parseEdit(text: string, offset: number): { node: Edit; end: number } {
  const prefix = PREFIX.exec(text.slice(offset + 1));
  const parts: Node[][] = [];
  let at = offset + 1 + (prefix?.[0].length ?? 0);
  for (;;) {
    const part = parseNodes(text, at, '→');
    parts.push(part.nodes);
    at = part.at + 1;
    if (text[part.at] === '»') break;
    if (text[part.at] !== '→') throw new MarkError('« is not closed by »', offset);
  }
  if (parts.length < 2) throw new MarkError('an edit is written «old→new»; here is no →', offset);
  const earlier = parts.slice(0, -1).map((part) => {
    if (part.some((node) => typeof node !== 'string')) {
      throw new MarkError('only what an edit makes in the end may hold marks', offset);
    }
    return part.join('');
  });
  const node: Edit = {
    type: 'edit',
    offset,
    number: prefix?.[1] === undefined ? undefined : Number(prefix[1]),
    mode: modeOf(prefix?.[2] ?? prefix?.[3]),
    earlier,
    last: parts.at(-1) ?? [],
  };
  const texts = [...earlier, render(node.last, before)];
  if (texts.some((each, i) => each === texts[i + 1])) throw new MarkError('an edit that changes nothing', offset);
  return { node, end: at };
}

function modeOf(letter: string | undefined): EverydayChange['mode'] {
  return letter === 'b' || letter === 'p' ? letter : 't';
}

function parseSite(text: string, offset: number): { node: Site; end: number } {
  const end = text.indexOf('⟧', offset);
  if (end < 0) throw new MarkError('⟦ is not closed by ⟧', offset);
  const inner = text.slice(offset + 1, end);
  const arrow = /[→⇢]/u.exec(inner);
  if (!arrow) throw new MarkError('a site is written ⟦old→new⟧; here is no → or ⇢', offset);
  const old = inner.slice(0, arrow.index);
  const alts = inner.slice(arrow.index + 1).split('¦');
  if (MARKS.test(inner)) throw new MarkError('a site may not hold marks', offset);
  if (alts.some((alt) => /[→⇢]/u.test(alt)))
    throw new MarkError('a site has one arrow; ¦ is between alternatives', offset);
  if (alts.includes(old)) throw new MarkError('a site that changes nothing', offset);
  if (new Set(alts).size < alts.length) throw new MarkError('a site has an alternative twice', offset);
  return { node: { type: 'site', old, alts, optional: arrow[0] === '⇢' }, end: end + 1 };
}

/** How many changes of an edit are done. */
export type Progress = (edit: Edit) => number;
export const before: Progress = () => 0;

/** The text that a tree stands for. */
export function render(nodes: readonly Node[], done: Progress): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      if (node.type === 'site') return node.old;
      return node.earlier[done(node)] ?? render(node.last, done);
    })
    .join('');
}

/** Every edit and site that can be seen, with its offset in the text. */
export function* positions(nodes: readonly Node[], done: Progress, from = 0): Generator<[Edit | Site, number]> {
  let at = from;
  for (const node of nodes) {
    if (typeof node !== 'string') yield [node, at];
    if (typeof node !== 'string' && node.type === 'edit' && done(node) >= node.earlier.length) {
      yield* positions(node.last, done, at);
    }
    at += render([node], done).length;
  }
}
