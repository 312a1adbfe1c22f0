import { type Delta, type DeltaChange, narrowDelta } from '../../shared/edits/delta.ts';
import type { Incoming } from './incoming.ts';
import { mask, moveSpans, type SecretSpan, SecretSpans, union } from './secretSpans.ts';

/** Reads a part of the current text, as `String.prototype.slice`. */
export type Slice = (start: number, end: number) => string;

export interface MaskedChange {
  /** Changes of equal length to the earlier text: what must be masked there from now on, or no longer. */
  readonly remasked: Delta;
  /** The earlier masked text after `remasked`. */
  readonly between: string;
  /** The delta from `between` to the current masked text. */
  readonly delta: Delta;
}

/**
 * A document's real text, and its text as engines may see it. Secrets are masked and the document is not excluded,
 * because most documents with secrets are ordinary code with a URL or a test's token; a mask is as long as its secret,
 * so that offsets are equal in both texts and edits of one can be made in the other, unless they touch the secrets.
 */
export class MaskedText {
  readonly #secrets: SecretSpans;
  #spans: readonly SecretSpan[];
  #real: string;
  #text: string;

  constructor(text: string) {
    this.#secrets = new SecretSpans(text);
    this.#spans = this.#secrets.all;
    this.#real = text;
    this.#text = mask(text, this.#spans);
  }

  /** The real text. */
  get real(): string {
    return this.#real;
  }

  get text(): string {
    return this.#text;
  }

  get spans(): readonly SecretSpan[] {
    return this.#spans;
  }

  /** Takes in a change of the real text and returns it as a change of the masked text. */
  change({ delta, text }: Incoming, slice: Slice = (start, end) => text.slice(start, end)): MaskedChange {
    const [realBefore, before, spansBefore] = [this.#real, this.#text, this.#spans];
    this.#real = text;
    this.#secrets.change(delta, text.length, slice);
    this.#spans = this.#secrets.all;
    if (spansBefore.length === 0 && this.#spans.length === 0) {
      this.#text = text;
      return { delta, remasked: [], between: before };
    }
    this.#text = mask(text, this.#spans);
    const between = mask(realBefore, spansThatStay(spansBefore, this.#spans, delta));
    return {
      remasked: differences(before, between),
      between,
      delta: narrowDelta(maskedDelta(delta, between, this.#text)),
    };
  }
}

/** Spans of the text before `delta`: removed parts as they were masked there, kept parts as they are masked now. */
function spansThatStay(before: readonly SecretSpan[], now: readonly SecretSpan[], delta: Delta): SecretSpan[] {
  const inverse: DeltaChange[] = [];
  let shift = 0;
  for (const { start, removed, inserted } of delta) {
    inverse.push({ start: start + shift, removed: inserted, inserted: removed });
    shift += inserted.length - removed.length;
  }
  const removedParts = delta.map(({ start, removed }) => ({ start, end: start + removed.length }));
  return union([...intersect(before, removedParts), ...splitAt(moveSpans(now, inverse), removedParts)]);
}

function intersect(spans: readonly SecretSpan[], parts: readonly SecretSpan[]): SecretSpan[] {
  return parts.flatMap((part) =>
    spans.flatMap((span) => {
      const [start, end] = [Math.max(span.start, part.start), Math.min(span.end, part.end)];
      return start < end ? [{ start, end }] : [];
    }),
  );
}

/** The spans without their overlap with the parts, which are sorted. */
function splitAt(spans: readonly SecretSpan[], parts: readonly SecretSpan[]): SecretSpan[] {
  return spans.flatMap((span) => {
    const left: SecretSpan[] = [];
    let start = span.start;
    for (const part of parts) {
      if (part.end <= start || part.start >= span.end) continue;
      if (part.start > start) left.push({ start, end: part.start });
      start = part.end;
    }
    if (start < span.end) left.push({ start, end: span.end });
    return left;
  });
}

/** Where two texts of equal length differ, each run as one change. */
function differences(before: string, after: string): Delta {
  if (before === after) return [];
  const changes: DeltaChange[] = [];
  for (let at = 0; at < before.length; at++) {
    if (before[at] === after[at]) continue;
    const start = at;
    while (at < before.length && before[at] !== after[at]) at++;
    changes.push({ start, removed: before.slice(start, at), inserted: after.slice(start, at) });
  }
  return changes;
}

/** The same change between the masked texts. */
function maskedDelta(delta: Delta, before: string, after: string): Delta {
  let shift = 0;
  return delta.map(({ start, removed, inserted }) => {
    const at = start + shift;
    shift += inserted.length - removed.length;
    return {
      start,
      // Copied strings: a slice would keep the whole text in memory.
      removed: ` ${before.slice(start, start + removed.length)}`.slice(1),
      inserted: ` ${after.slice(at, at + inserted.length)}`.slice(1),
    };
  });
}
