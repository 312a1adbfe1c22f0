import { type Delta, spansOf } from '../../shared/edits/delta.ts';
import {
  begunUrlPassword,
  namedSecret,
  nameOfSecret,
  privateKey,
  type SecretShape,
  token,
  urlPassword,
} from './secretShapes.ts';

/** A part of a text, in UTF-16 offsets. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
}

/** How far around a change its line is read, in UTF-16 code units; tokens are shorter. */
const reach = 2048;
/** After more changes than this in one notification, the text between them is searched, too. */
const maxWindows = 64;
/** Text inserted inside a secret becomes part of it if it could be, up to this length. */
const withinSecret = /^[\w+/=.~-]{1,256}$/;
/** A rest of a secret shorter than this is no longer a secret, in UTF-16 code units. */
const minLeft = 8;
/** What a mask keeps: strings and lines end where they did. */
const kept = /[\s"'`\\]/;
export const maskCharacter = 'x';

/** The characters of tokens and of what surrounds them in a URL or an assignment: little code has such runs. */
const longRun = /[\w.+/=~$:%@-]{12,}/g;
/** Words of code, and paths, often have none of these. */
const hasMark = /[\d_-]/;
/** How far before such a run a token's name may begin, and how far behind it a shape may still match. */
const nameReach = 64;
const tail = 16;
/** How far behind its scheme the password of a URL may end. */
const urlReach = 320;

/**
 * The secrets in a text, sorted and disjoint. Costs a few nanoseconds per code unit: the shapes are tried on long runs
 * only.
 */
export function findSecrets(text: string): SecretSpan[] {
  const keys = text.includes('PRIVATE KEY') ? matchesOf(privateKey, text, 0) : [];
  return union([...tokensIn(text, 0), ...keys]);
}

function tokensIn(text: string, offset: number): SecretSpan[] {
  const spans: SecretSpan[] = [];
  longRun.lastIndex = 0;
  for (let run = longRun.exec(text); run; run = longRun.exec(text)) {
    const [word] = run;
    const { index } = run;
    if (!hasMark.test(word)) continue;
    const end = index + word.length;
    spans.push(...matchesOf(token, text.slice(index, end + tail), offset + index));
    const from = Math.max(0, index - nameReach);
    const named = text.slice(from, end);
    if (nameOfSecret.test(named)) spans.push(...matchesOf(namedSecret, named, offset + from));
  }
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 1)) {
    const from = Math.max(0, at - nameReach);
    spans.push(...matchesOf(urlPassword, text.slice(from, at + urlReach), offset + from));
  }
  return spans;
}

/** The text with all spans, sorted and disjoint, replaced by `x` of equal length, so that offsets stay valid. */
export function mask(text: string, spans: readonly SecretSpan[]): string {
  if (spans.length === 0) return text;
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    parts.push(text.slice(at, start), hidden(text.slice(start, end)));
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/** A short text, such as an instruction, without the secrets in it. */
export function maskSecrets(text: string): string {
  return mask(text, findSecrets(text));
}

function hidden(secret: string): string {
  return Array.from({ length: secret.length }, (_, i) => {
    const unit = secret.charAt(i);
    return kept.test(unit) ? unit : maskCharacter;
  }).join('');
}

/**
 * Where the secrets of an open document are. Each change is searched with the line around it. Once a secret is found,
 * its characters stay secret until nearly all are deleted: a token with a part removed stays hidden.
 */
export class SecretSpans {
  #found: readonly SecretSpan[];
  /** A possible secret in the newest change; it is dropped if the next change is elsewhere and did not complete it. */
  #begun: readonly SecretSpan[] = [];

  constructor(text: string) {
    this.#found = findSecrets(text);
  }

  /** Sorted and disjoint. */
  get all(): readonly SecretSpan[] {
    return this.#begun.length === 0 ? this.#found : union([...this.#found, ...this.#begun]);
  }

  /** Follows a change of the text, now `length` code units long; `slice` reads it, as `String.prototype.slice`. */
  change(delta: Delta, length: number, slice: (start: number, end: number) => string): void {
    if (this.#found.length > 0) this.#found = moveSpans(this.#found, delta, minLeft);
    const found: SecretSpan[] = [];
    const begun: SecretSpan[] = [];
    for (const { start, end } of windowsOf(delta)) {
      const from = Math.max(0, start - reach);
      const around = slice(from, Math.min(length, end + reach));
      const [lineStart, lineEnd] = linesAround(around, start - from, Math.min(around.length, end - from));
      const line = around.slice(lineStart, lineEnd);
      found.push(...tokensIn(line, from + lineStart));
      if (around.includes('PRIVATE KEY')) found.push(...matchesOf(privateKey, around, from));
      if (line.includes('://')) begun.push(...matchesOf(begunUrlPassword, line, from + lineStart));
    }
    if (found.length > 0) this.#found = union([...this.#found, ...found]);
    this.#begun = union(begun);
  }
}

function* matches(shape: SecretShape, text: string): Generator<RegExpExecArray> {
  const { pattern } = shape;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) yield match;
}

function matchesOf(shape: SecretShape, text: string, offset: number): SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (const match of matches(shape, text)) {
    if (shape.isSecret && !shape.isSecret(match)) continue;
    const end = match.index + match[0].length;
    const secret = match.findLast((group, i) => i > 0 && group !== undefined) ?? match[0];
    spans.push({ start: offset + end - secret.length, end: offset + end });
  }
  return spans;
}

/** Where the changes stand in the text after them. */
function windowsOf(delta: Delta): SecretSpan[] {
  const windows = spansOf(delta, 'after');
  const [first, last] = [windows[0], windows.at(-1)];
  return windows.length > maxWindows && first && last ? [{ start: first.start, end: last.end }] : windows;
}

/** The lines, without the last line break, that contain a part of a text. */
function linesAround(text: string, start: number, end: number): [number, number] {
  const lineEnd = text.indexOf('\n', end);
  return [start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1, lineEnd < 0 ? text.length : lineEnd];
}

/**
 * The spans after a change: what is left of them, with text inserted inside that could be part of them. If a span
 * became shorter, its pieces below `minLeft` code units are dropped.
 */
export function moveSpans(spans: readonly SecretSpan[], delta: Delta, minLeft = 1): SecretSpan[] {
  const moved: SecretSpan[] = [];
  const keep = (start: number, end: number, { end: e, start: s }: SecretSpan) => {
    if (end - start >= Math.min(minLeft, e - s)) moved.push({ start, end });
  };
  let shift = 0;
  let next = 0;
  for (const span of spans) {
    for (let change = delta[next]; change && change.start + change.removed.length <= span.start; change = delta[next]) {
      // An insertion at its start lies before it.
      shift += change.inserted.length - change.removed.length;
      next++;
    }
    let start = span.start + shift;
    let inner = shift;
    for (let i = next, change = delta[i]; change && change.start < span.end; change = delta[++i]) {
      const at = change.start + inner;
      const inside = change.start > span.start && change.start + change.removed.length < span.end;
      inner += change.inserted.length - change.removed.length;
      if (inside && (change.inserted === '' || withinSecret.test(change.inserted))) continue;
      keep(start, at, span);
      start = at + change.inserted.length;
    }
    const end = span.end + inner;
    keep(start, end, span);
  }
  return union(moved);
}

/** Sorted, with spans that overlap or touch merged. */
export function union(spans: readonly SecretSpan[]): SecretSpan[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  const joined: SecretSpan[] = [];
  for (const span of sorted) {
    const last = joined.at(-1);
    if (last && span.start <= last.end) joined[joined.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    else joined.push(span);
  }
  return joined;
}
