import { createHash } from 'node:crypto';

const word = /[\p{L}_][\p{L}\p{N}_]*|\d+|[^\s\p{L}\p{N}_]/gu;

/** The words, numbers and marks of a text; white space tells nothing. */
export function tokensOf(text: string): string[] {
  return text.match(word) ?? [];
}

/** A number for each run of `size` tokens, each once. 32 bits: two runs in four thousand million share one. */
export function shinglesOf(tokens: readonly string[], size: number): Set<number> {
  const hashes = tokens.map(hashOf);
  const shingles = new Set<number>();
  for (let i = 0; i + size <= hashes.length; i++) {
    let hash = 0x811c9dc5;
    for (let k = i; k < i + size; k++) hash = Math.imul(hash ^ (hashes[k] ?? 0), 0x01000193);
    shingles.add(mixed(hash));
  }
  return shingles;
}

/** FNV-1a over UTF-16 code units. */
function hashOf(token: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < token.length; i++) hash = Math.imul(hash ^ token.charCodeAt(i), 0x01000193);
  return mixed(hash);
}

/** Spreads the bits (the finaliser of MurmurHash3). */
export function mixed(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
