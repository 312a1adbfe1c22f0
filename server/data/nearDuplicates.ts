import type { Process } from './records.ts';
import { difference } from './segments.ts';
import { digestOf, mixed, shinglesOf, tokensOf } from './shingles.ts';

/** MinHash over runs of tokens, in bands (locality-sensitive hashing): pairs this alike share a band nearly always. */
const bands = 16;
const rows = 4;
const shingleSize = 5;
/** Two changes are near-duplicates when this part of their runs of tokens is in both, as the signatures estimate it. */
const alikeFrom = 0.8;
/** A change of fewer runs has hardly any; it is a duplicate of its equals alone. */
const minShingles = 8;

const seeds = Array.from({ length: bands * rows }, (_, i) => mixed(i * 0x9e3779b9 + 1));

/**
 * Knows which changes have come before. What is compared is what a process changes: its last text and all others have most
 * lines in common with the process before it, when both are of one file.
 */
export class NearDuplicates {
  readonly #exact = new Set<string>();
  readonly #bands = Array.from({ length: bands }, () => new Map<number, number[]>());
  readonly #signatures: Uint32Array[] = [];

  /** Whether a process like this one came before; if not, it has come now. */
  isRepeated({ snippets }: Pick<Process, 'snippets'>): boolean {
    const changed = changedText(snippets);
    const digest = digestOf(changed);
    if (this.#exact.has(digest)) return true;
    this.#exact.add(digest);
    const shingles = shinglesOf(tokensOf(changed), shingleSize);
    if (shingles.size < minShingles) return false;
    const signature = signatureOf(shingles);
    const keys = this.#bands.map((_, band) => keyOf(signature, band));
    const candidates = new Set(this.#bands.flatMap((known, band) => known.get(keys[band] ?? 0) ?? []));
    for (const at of candidates) {
      const other = this.#signatures[at];
      if (other && alike(signature, other) >= alikeFrom) return true;
    }
    const index = this.#signatures.push(signature) - 1;
    for (const [band, known] of this.#bands.entries()) {
      const key = keys[band] ?? 0;
      const list = known.get(key);
      if (list) list.push(index);
      else known.set(key, [index]);
    }
    return false;
  }
}

/** What goes and what comes from the first text to the last, marked as such. */
function changedText(snippets: readonly string[]): string {
  const { before, after, segments } = difference(snippets[0] ?? '', snippets.at(-1) ?? '');
  return segments
    .map(({ start, end, newStart, newEnd }) => {
      const part = (mark: string, lines: readonly string[]) => lines.map((line) => `${mark} ${line.trim()}\n`).join('');
      return part('-', before.slice(start, end)) + part('+', after.slice(newStart, newEnd));
    })
    .join('');
}

function signatureOf(shingles: ReadonlySet<number>): Uint32Array {
  const signature = new Uint32Array(seeds.length).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let i = 0; i < seeds.length; i++) {
      const hash = mixed(shingle ^ (seeds[i] ?? 0));
      if (hash < (signature[i] ?? 0)) signature[i] = hash;
    }
  }
  return signature;
}

function keyOf(signature: Uint32Array, band: number): number {
  let key = band;
  for (let row = 0; row < rows; row++) key = mixed(key ^ (signature[band * rows + row] ?? 0));
  return key;
}

function alike(a: Uint32Array, b: Uint32Array): number {
  let equal = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal++;
  return equal / a.length;
}
