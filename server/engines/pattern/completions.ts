import { nextAfter } from './counters.ts';
import { indentOf, isSpace, isWord, tokenize } from './lexer.ts';
import { fitHead } from './partialLine.ts';
import type { Scene } from './scene.ts';
import { blockBelow, type SiblingLine, siblingLines } from './siblingLines.ts';
import { successorOf, wordLike } from './successor.ts';
import { reindent } from './transfer.ts';

/** A way in which the line at the cursor may continue. */
export interface Completion {
  readonly lines: readonly string[];
  /** How many lines agree with it, and how many do not. */
  readonly support: number;
  readonly against: number;
  /** How far away the nearest of them is, in lines. */
  readonly distance: number;
  /** How much of the typed text is the same on the model, 0 to 1. */
  readonly likeness: number;
  /** How many words differ from the model's. */
  readonly adapted: number;
  /** Whether it is the whole line, not only its predictable part. */
  readonly whole: boolean;
}

interface Rest {
  readonly text: string;
  readonly adapted: number;
  readonly support: number;
  readonly against: number;
  readonly whole: boolean;
  readonly model: SiblingLine;
  readonly block: readonly string[];
}

const maxModels = 5;
const maxPeers = 4;
const maxCompletions = 3;

/** The likeliest first: those that most lines support, then those that the nearest supports. */
export function completions(scene: Scene, head: string, tail: string): Completion[] {
  const siblings = siblingLines(scene, head);
  const isEmpty = head.trim() === '';
  const models = [...siblings].sort((a, b) => rank(b, scene) - rank(a, scene)).slice(0, maxModels);
  const rests: Rest[] = [];
  const around = new Around(scene, siblings);
  for (const model of models) {
    scene.signal?.throwIfAborted();
    const rest = restAfter(scene, head, model, siblings, around);
    // Of a line that is still empty only what follows from counting can be predicted.
    if (!rest || (isEmpty && (!rest.whole || rest.support < 2 || rest.adapted === 0))) continue;
    rests.push(rest);
  }
  return chosen(scene, head, tail, rests);
}

function rank(sibling: SiblingLine, { cursorLine }: Scene): number {
  const away = Math.abs(sibling.line - cursorLine);
  return (
    sibling.fit.likeness +
    (sibling.near ? 0.5 : 0) +
    (sibling.exact ? 0.3 : 0) +
    0.6 * sibling.context -
    Math.min(away, 400) / 400
  );
}

function chosen(scene: Scene, head: string, tail: string, rests: readonly Rest[]): Completion[] {
  const made = new Map<string, Completion & { order: number; near: boolean }>();
  const hasBody = blockBelow(scene.lines, scene.cursorLine).length > 0;
  const add = (rest: Rest, lines: readonly string[], support: number, order: number) => {
    const key = lines.join('\n');
    const known = made.get(key);
    const distance = Math.abs(rest.model.line - scene.cursorLine);
    const { against, adapted, whole } = rest;
    if (!known)
      made.set(key, {
        lines,
        support,
        against,
        distance,
        likeness: rest.model.fit.likeness,
        adapted,
        whole,
        order,
        near: rest.model.near,
      });
    else
      made.set(key, {
        ...known,
        distance: Math.min(known.distance, distance),
        support: Math.max(known.support, support),
      });
  };
  for (const [order, rest] of rests.entries()) {
    const first = head + rest.text;
    if (tail !== '' && !(rest.whole && first.endsWith(tail))) continue;
    if (rest.text.trim() !== '') add(rest, [first], rest.support, order);
    if (!rest.whole || hasBody || tail !== '' || rest.block.length === 0) continue;
    const agreeing = rests.filter(
      (other) => other.text === rest.text && other.block.join('\n') === rest.block.join('\n'),
    );
    // A line that is complete already may have any body, unless others show which.
    if (rest.text.trim() === '' && agreeing.length < 2) continue;
    add(rest, [first, ...rest.block], agreeing.length, order + 0.5);
  }
  const all = [...made.values()];
  const weight = (one: (typeof all)[number]) => one.support - 2 * one.against + (one.near ? 1 : 0);
  const best = (some: typeof all) => some.sort((a, b) => weight(b) - weight(a) || a.order - b.order)[0];
  const line = best(all.filter(({ lines, whole }) => whole && lines.length === 1));
  const block = best(all.filter(({ lines }) => lines.length > 1));
  const part = best(all.filter(({ whole }) => !whole));
  const nearest = all.filter(({ whole, lines }) => whole && lines.length === 1).sort((a, b) => a.order - b.order)[0];
  const list = [line, block, line && line.support > line.against ? undefined : part, nearest];
  return [...new Set(list.filter((one) => one !== undefined))].slice(0, maxCompletions);
}

/** What follows `head` if the line continues as `model` does, as far as the other siblings confirm it. */
function restAfter(
  scene: Scene,
  head: string,
  model: SiblingLine,
  siblings: readonly SiblingLine[],
  around: Around,
): Rest | undefined {
  const typed = head.trimStart();
  const { fit, text, line } = model;
  const indent = indentOf(scene.lines[line] ?? '');
  const above = siblings.filter(
    (other) => other.line < line && other.exact === model.exact && indentOf(scene.lines[other.line] ?? '') === indent,
  );
  // Only the last line before the cursor shows what comes next.
  const isLast =
    line < scene.cursorLine &&
    !siblings.some((other) => other.line > line && other.line < scene.cursorLine && other.exact === model.exact);
  const [previous, earlier] = isLast ? above : [];
  let opened = '';
  if (fit.open) {
    const word = around.openWord(fit.open, previous?.fit.open?.other);
    if (word !== undefined) opened = word.slice(fit.open.typed.length);
    fit.pairs.learn(fit.open.other, word ?? fit.open.typed);
  }
  let tokens = adaptedRest(text, fit.cut, fit.pairs);
  const counted = previous && countOn(around, tokens, model, previous, earlier);
  let whole = true;
  let adapted = fit.pairs.rewrite(text.slice(fit.cut)).sites + (opened === '' ? 0 : 1);
  if (counted) {
    tokens = counted.tokens;
    adapted += counted.sites;
  }
  let [support, against, agreed] = [1, 0, counted?.upTo ?? tokens.length];
  if (counted && counted.upTo < tokens.length) against++;
  else if (counted) support += earlier && counted.sites > 0 ? 2 : 1;
  const others = siblings.filter((other) => other !== model);
  // Lines that begin differently, and those further away, may well continue differently.
  const exact = model.exact ? others.filter((other) => other.exact) : [];
  const alike = exact.length > 0 ? exact : others;
  const near = model.near ? alike.filter((other) => other.near) : [];
  for (const peer of (near.length > 0 ? near : alike).slice(0, maxPeers)) {
    if (counted && peer === previous) continue;
    const shared = agreement(model, peer);
    if (shared === undefined || (counted?.sites && shared >= counted.first)) continue;
    if (shared === Number.POSITIVE_INFINITY) support++;
    else {
      against++;
      agreed = Math.min(agreed, shared);
    }
  }
  if (agreed < tokens.length && support < 2) {
    tokens = tokens.slice(0, agreed);
    whole = false;
  }
  const rest = joined(typed + opened, tokens);
  const block = whole ? bodyOf(scene, head, model) : [];
  if (rest === undefined && block.length === 0) return undefined;
  return { text: opened + (rest ?? ''), adapted, support, against, whole, model, block };
}

/** What the siblings of one line have in common, looked up once. */
class Around {
  readonly #scene: Scene;
  readonly #siblings: readonly SiblingLine[];
  #words: ReadonlySet<string> | undefined;
  #like: { readonly word: string | undefined } | undefined;

  constructor(scene: Scene, siblings: readonly SiblingLine[]) {
    this.#scene = scene;
    this.#siblings = siblings;
  }

  /** What follows `a` and `b` elsewhere and is not among the siblings yet. */
  successor(a: string, b: string): string | undefined {
    this.#words ??= new Set(this.#siblings.flatMap((other) => tokenize(other.text)));
    return successorOf(this.#scene, a, b, this.#words);
  }

  /** The word that is being typed in place of `other`, if the file shows it. */
  openWord({ typed, other }: { typed: string; other: string }, previous: string | undefined): string | undefined {
    const next = previous === undefined ? undefined : this.successor(previous, other);
    if (next !== undefined && next.length > typed.length && next.startsWith(typed)) return next;
    const others = this.#siblings.flatMap(({ fit }) => (fit.open ? [fit.open.other] : []));
    this.#like ??= { word: wordLike(this.#scene, typed, others) };
    return this.#like.word;
  }
}

function adaptedRest(text: string, cut: number, pairs: SiblingLine['fit']['pairs']): string[] {
  return [...tokenize(pairs.rewrite(text, cut).text.slice(cut))];
}

/**
 * The rest with the step from the line before the model to the model applied once more. `upTo` is where that becomes
 * uncertain, `first` where it begins.
 */
function countOn(
  around: Around,
  own: readonly string[],
  model: SiblingLine,
  previous: SiblingLine,
  earlier: SiblingLine | undefined,
): { tokens: string[]; sites: number; upTo: number; first: number } | undefined {
  const was = seenFrom(previous, model);
  const now = tokenize(model.text.slice(model.fit.cut));
  if (!was || was.length !== now.length || own.length !== now.length) return undefined;
  const before = earlier && tokenize(earlier.text.slice(earlier.fit.cut));
  const tokens = [...own];
  let [sites, first] = [0, tokens.length];
  for (let i = 0; i < now.length; i++) {
    const [a = '', b = ''] = [was[i], now[i]];
    if (a === b) continue;
    if (!isWord(a) || !isWord(b)) return { tokens, sites, upTo: i, first };
    const next = nextAfter(a, b, before?.length === now.length ? before[i] : undefined) ?? around.successor(a, b);
    if (next === undefined) return { tokens, sites, upTo: i, first };
    first = Math.min(first, i);
    tokens[i] = next;
    sites++;
  }
  return { tokens, sites, upTo: tokens.length, first };
}

/** How the model would continue if `from` were the only reference line. */
function seenFrom(from: SiblingLine, to: SiblingLine): string[] | undefined {
  const fit = fitHead(to.text.slice(0, to.fit.cut), from.text);
  if (!fit) return undefined;
  if (fit.open) fit.pairs.learn(fit.open.other, fit.open.typed);
  return adaptedRest(from.text, fit.cut, fit.pairs);
}

/** The number of tokens after which the two differ, if one is made from the other; else infinite. */
function agreement(model: SiblingLine, peer: SiblingLine): number | undefined {
  const made = seenFrom(model, peer);
  if (!made) return undefined;
  const real = tokenize(peer.text.slice(peer.fit.cut));
  let shared = 0;
  while (shared < real.length && real[shared] === made[shared]) shared++;
  return shared === real.length && shared === made.length ? Number.POSITIVE_INFINITY : shared;
}

/** The text of the tokens after what was typed; undefined if it is blank. */
function joined(typed: string, tokens: readonly string[]): string | undefined {
  const rest =
    isSpace(typed.at(-1)) || typed === '' ? tokens.slice(tokens.findIndex((token) => !isSpace(token))) : tokens;
  const text = rest.join('');
  return text.trim() === '' ? undefined : text;
}

function bodyOf(scene: Scene, head: string, model: SiblingLine): string[] {
  const block = blockBelow(scene.lines, model.line).map(
    (line) => model.fit.pairs.rewrite(line, indentOf(line).length).text,
  );
  return reindent(block, indentOf(scene.lines[model.line] ?? ''), indentOf(head));
}
