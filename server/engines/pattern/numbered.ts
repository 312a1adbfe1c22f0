import { type Counter, counterOf, withValue } from './counters.ts';
import { lexedAt } from './knownLines.ts';
import { isWord, tokenize } from './lexer.ts';
import type { Scene } from './scene.ts';

/** A line with a number where the surrounding lines count. */
export interface NumberedLine {
  readonly line: number;
  readonly value: number;
}

/** Which number on a line is meant, and how a line must look to belong to the run. */
export interface NumberSlot {
  readonly index: number;
  readonly signature: string;
  /** Whether the words before the number are equal on all lines, not only of the same kind. */
  readonly strong: boolean;
}

const maxTokens = 24;
/** Lines that are recognized by the words in front of the number need not be adjacent; others must be. */
const maxGap = { strong: 40, weak: 2 };
const maxItems = 24;

/** The places of numbers on a line, from the left: with the words before them as they are, and with any words. */
export function slotsOf(line: string): NumberSlot[] {
  const tokens = tokenize(line);
  const slots: NumberSlot[] = [];
  for (let index = 0; index < Math.min(tokens.length, maxTokens); index++) {
    if (!numberAt(tokens, index)) continue;
    for (const strong of [true, false]) slots.push({ index, signature: signatureOf(tokens, index, strong), strong });
  }
  return slots;
}

/** The number of a line that belongs to the run; undefined for other lines. */
export function valueAt(line: string, slot: NumberSlot): number | undefined {
  return valueIn(tokenize(line), slot);
}

function valueIn(tokens: readonly string[], { index, signature, strong }: NumberSlot): number | undefined {
  const counter = numberAt(tokens, index);
  return counter && signatureOf(tokens, index, strong) === signature ? counter.value : undefined;
}

function numberAt(tokens: readonly string[], index: number): Counter | undefined {
  const token = tokens[index];
  return isWord(token) && /\d/.test(token ?? '') ? counterOf(token) : undefined;
}

/** Indentation and the text before the number and right behind it; numbers before it may differ. */
function signatureOf(tokens: readonly string[], index: number, strong: boolean): string {
  const own = counterOf(tokens[index]);
  const left = tokens.slice(0, index).map((token) => {
    if (!isWord(token)) return token;
    return strong ? token.replace(/\d+/g, '0') : 'w';
  });
  const head = strong || own?.head === '' ? own?.head : 'w';
  return `${left.join('')}|${head}|${own?.tail}|${tokens[index + 1] ?? ''}`;
}

/** The lines of the run from `from` on, downwards or upwards; it ends when no more are near. */
export function itemsFrom(scene: Scene, slot: NumberSlot, from: number, step: 1 | -1): NumberedLine[] {
  const { lines } = scene;
  const items: NumberedLine[] = [];
  let gap = 0;
  const most = slot.strong ? maxGap.strong : maxGap.weak;
  for (let line = from; line >= 0 && line < lines.length && gap <= most && items.length < maxItems; line += step) {
    const value = valueIn(lexedAt(scene, line).tokens, slot);
    if (value === undefined) gap++;
    else {
      items.push({ line, value });
      gap = 0;
    }
  }
  return items;
}

/** The line with another number in the slot, and in those places where `model` repeats the slot's number. */
export function renumbered(
  line: string,
  slot: NumberSlot,
  value: number,
  model: string,
): { text: string; sites: number } | undefined {
  const tokens = tokenize(line);
  const other = tokenize(model);
  const [own, known] = [numberAt(tokens, slot.index), numberAt(other, slot.index)];
  if (!own || !known) return undefined;
  let sites = 0;
  const made = tokens.map((token, i) => {
    const counter = i === slot.index ? own : numberAt(tokens, i);
    if (!counter || counter.value !== own.value) return token;
    if (i !== slot.index && (known.value === own.value || numberAt(other, i)?.value !== known.value)) return token;
    const next = withValue(counter, value);
    if (next !== undefined) sites++;
    return next ?? token;
  });
  return sites === 0 ? undefined : { text: made.join(''), sites };
}
