import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { estimateTokens, shareTokens } from '../../../server/engines/remote/tokenEstimate.ts';

it('is no fewer than the pieces that any tokenizer for code cuts a text into', () => {
  // Tokenizers made like GPT-4's cut first into words of letters, up to three digits, marks, and blanks, and then further.
  const words =
    /'(?:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;
  const folder = path.resolve('server/engines/remote');
  for (const name of readdirSync(folder)) {
    const lines = readFileSync(path.join(folder, name), 'utf8').split('\n');
    for (const line of lines) expect(estimateTokens(line)).toBeGreaterThanOrEqual(line.match(words)?.length ?? 0);
  }
});

it('grows with the text, and is 0 for none', () => {
  expect(estimateTokens('')).toBe(0);
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(estimateTokens(a + b)).toBeGreaterThanOrEqual(Math.max(estimateTokens(a), estimateTokens(b)));
      expect(estimateTokens(a) > 0).toBe(a !== '');
    }),
  );
});

it('shares out a total so that no token is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.nat(10_000), (texts, total) => {
      const shares = shareTokens(texts, total);
      expect(shares).toHaveLength(texts.length);
      const sum = shares.reduce((all, one) => all + one, 0);
      if (texts.some((text) => text !== '')) expect(sum).toBeGreaterThanOrEqual(total);
    }),
  );
});
