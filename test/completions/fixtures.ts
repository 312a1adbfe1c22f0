import { readFileSync } from 'node:fs';

export const formats = ['zeta1', 'zeta2', 'zeta2.1'] as const;
export type Format = (typeof formats)[number];

/** A prompt as Zed writes it, in three formats; see fixtures/README.md. */
export interface Fixture {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly cursor: number;
  readonly events: readonly { readonly path: string; readonly before: string; readonly after: string }[];
  readonly excerpt: string;
  readonly region: string;
  readonly newRegion: string;
  readonly prompts: Readonly<Record<Format, string>>;
  readonly answers: Readonly<Record<Format, string>>;
}

export const fixtures: readonly Fixture[] = JSON.parse(
  readFileSync(new URL('fixtures/zed.json', import.meta.url), 'utf8'),
);

export function fixture(name: string): Fixture {
  const found = fixtures.find((one) => one.name === name);
  if (!found) throw new Error(`no fixture "${name}"`);
  return found;
}

/** The formats do not carry whether a text ends with a line end. */
export function withoutLastLineEnd(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
