import { basename } from 'node:path';
import { readEverydayCases } from '../eval/everyday/caseFile.ts';
import { DataError } from './dataError.ts';
import { readLines } from './jsonLines.ts';
import { shinglesOf, tokensOf } from './shingles.ts';

const shingleSize = 10;
/** A text of a benchmark is found again where this part of its runs of tokens stands in a process. */
const foundFrom = 0.5;
/** A text of fewer runs says too little to be known again. */
const minShingles = 12;

/** Texts of evaluation sets, which must not be trained on. */
export class Benchmarks {
  readonly names: readonly string[];
  /** For each run of tokens the texts that it stands in. */
  readonly #texts = new Map<number, number[]>();
  /** For each text the benchmark, and how many runs it has. */
  readonly #about: { readonly name: string; readonly size: number }[] = [];

  private constructor(names: readonly string[]) {
    this.names = names;
  }

  /**
   * Reads files: `.cases` files or a folder of them (docs/everyday.md), or JSON or JSON Lines, of which every string counts
   * as a text, `.gz` or not. Throws a DataError for one that cannot be read.
   */
  static async read(files: readonly string[]): Promise<Benchmarks> {
    const benchmarks = new Benchmarks(files.map((file) => basename(file)));
    for (const file of files) {
      const texts = new Set<string>();
      for await (const text of textsOf(file)) texts.add(text);
      for (const text of texts) benchmarks.#add(basename(file), text);
    }
    return benchmarks;
  }

  get size(): number {
    return this.#about.length;
  }

  #add(name: string, text: string): void {
    const shingles = shinglesOf(tokensOf(text), shingleSize);
    if (shingles.size < minShingles) return;
    const index = this.#about.push({ name, size: shingles.size }) - 1;
    for (const shingle of shingles) {
      const list = this.#texts.get(shingle);
      if (list) list.push(index);
      else this.#texts.set(shingle, [index]);
    }
  }

  /** The benchmark that one of the texts holds a part of, or undefined. */
  overlap(texts: readonly string[]): string | undefined {
    if (this.size === 0) return undefined;
    const shingles = new Set<number>();
    for (const text of texts) for (const shingle of shinglesOf(tokensOf(text), shingleSize)) shingles.add(shingle);
    const counts = new Map<number, number>();
    for (const shingle of shingles) {
      for (const index of this.#texts.get(shingle) ?? []) {
        const count = (counts.get(index) ?? 0) + 1;
        counts.set(index, count);
        const about = this.#about[index];
        if (about && count >= about.size * foundFrom) return about.name;
      }
    }
    return undefined;
  }
}

async function* textsOf(file: string): AsyncGenerator<string> {
  if (!/\.jsonl?(\.gz)?$/.test(file)) {
    for (const { before, after } of await readEverydayCases(file)) yield* [before, after];
    return;
  }
  const lines: string[] = [];
  const whole = /\.json(\.gz)?$/.test(file);
  for await (const { line, number } of readLines(file)) {
    if (whole) lines.push(line);
    else yield* stringsIn(parsed(line, `${file}:${number}`));
  }
  if (whole) yield* stringsIn(parsed(lines.join('\n'), file));
}

function parsed(json: string, where: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new DataError(`${where}: not JSON`);
  }
}

function* stringsIn(value: unknown): Generator<string> {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') yield next;
    else if (typeof next === 'object' && next !== null) open.push(...Object.values(next));
  }
}
