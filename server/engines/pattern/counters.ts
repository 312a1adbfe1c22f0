const romans = ['i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix', 'x', 'xi', 'xii'];
const series: readonly (readonly string[])[] = [
  'monday tuesday wednesday thursday friday saturday sunday'.split(' '),
  'mon tue wed thu fri sat sun'.split(' '),
  'january february march april may june july august september october november december'.split(' '),
  'jan feb mar apr may jun jul aug sep oct nov dec'.split(' '),
  'first second third fourth fifth sixth seventh eighth ninth tenth'.split(' '),
  'one two three four five six seven eight nine ten eleven twelve'.split(' '),
  romans,
];

/** A word with the number in it: `item07` is `item`, 7, two digits wide. */
export interface Counter {
  readonly head: string;
  readonly value: number;
  readonly tail: string;
  readonly width: number;
  readonly radix: 10 | 16;
  readonly upper: boolean;
}

/** The last number in a word; undefined where there is none or it is too long to count with. */
export function counterOf(word: string | undefined): Counter | undefined {
  if (word === undefined) return undefined;
  const hex = /^(.*?0[xX])([0-9a-fA-F]{1,8})$/.exec(word);
  if (hex) {
    const [, head = '', digits = ''] = hex;
    const upper = digits !== digits.toLowerCase();
    return { head, value: Number.parseInt(digits, 16), tail: '', width: digits.length, radix: 16, upper };
  }
  const match = /^(.*?)(\d{1,9})(\D*)$/.exec(word);
  if (!match) return undefined;
  const [, head = '', digits = '', tail = ''] = match;
  if (/\d$/.test(head)) return undefined;
  const width = digits.startsWith('0') ? digits.length : 0;
  return { head, value: Number(digits), tail, width, radix: 10, upper: false };
}

/** The word with another number in it; undefined below zero. */
export function withValue({ head, tail, width, radix, upper }: Counter, value: number): string | undefined {
  if (value < 0 || !Number.isSafeInteger(value)) return undefined;
  const digits = value.toString(radix).padStart(width, '0');
  return head + (upper ? digits.toUpperCase() : digits) + tail;
}

/** The step from `a` to `b`; 0 if they do not count. */
export function countingStep(a: string | undefined, b: string | undefined): number {
  const [x, y] = [counterOf(a), counterOf(b)];
  return x && y && x.head === y.head && x.tail === y.tail && x.radix === y.radix ? y.value - x.value : 0;
}

/**
 * What follows `a` and `b`: numbers continue by the same step, or by the same factor if `earlier`, before both, shows
 * this; letters, days, months and ordinals continue by one place.
 */
export function nextAfter(a: string, b: string, earlier?: string): string | undefined {
  if (a === b) return undefined;
  const step = countingStep(a, b);
  const counter = counterOf(b);
  if (counter) {
    if (step === 0) return undefined;
    const factor = earlier !== undefined && countingStep(earlier, a) !== step ? factorOf(earlier, a, b) : undefined;
    if (earlier !== undefined && factor === undefined && countingStep(earlier, a) !== step) return undefined;
    return withValue(counter, factor === undefined ? counter.value + step : counter.value * factor);
  }
  const spelt = nextInSeries(a, b);
  if (spelt !== undefined) return spelt;
  if (!/^[A-Za-z]$/.test(a) || !/^[A-Za-z]$/.test(b) || isUpper(a) !== isUpper(b)) return undefined;
  const code = b.charCodeAt(0) - a.charCodeAt(0);
  if (Math.abs(code) !== 1) return undefined;
  const next = String.fromCharCode(b.charCodeAt(0) + code);
  return /^[A-Za-z]$/.test(next) && isUpper(next) === isUpper(b) ? next : undefined;
}

function factorOf(a: string, b: string, c: string): number | undefined {
  const [x, y, z] = [a, b, c].map((word) => counterOf(word)?.value ?? 0) as [number, number, number];
  const factor = y / x;
  return x > 0 && Number.isInteger(factor) && factor > 1 && z === y * factor ? factor : undefined;
}

function nextInSeries(a: string, b: string): string | undefined {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  for (const names of series) {
    const at = names.indexOf(x);
    if (at < 0 || names[at + 1] !== y) continue;
    const next = names[at + 2];
    if (next === undefined) return undefined;
    if (b === b.toUpperCase() && b.length > 1) return next.toUpperCase();
    return isUpper(b.charAt(0)) ? next.charAt(0).toUpperCase() + next.slice(1) : next;
  }
  return undefined;
}

function isUpper(letter: string): boolean {
  return letter !== letter.toLowerCase();
}
