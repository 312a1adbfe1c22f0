/** Words, digits, blanks, marks, and whatever else there is, a character at a time. */
const pieces = /([A-Za-z]+)|([0-9])|(\s+)|([!-/:-@[-`{-~]+)|./gsu;

/**
 * How many tokens a text takes with any usual tokenizer for code, rather too many than too few: at least four letters
 * of a word per token on average, each digit possibly one, and two per UTF-16 code unit of other scripts.
 * The last of several blanks may be a separate token.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece, word, digit, blanks, marks] of text.matchAll(pieces)) {
    if (word !== undefined) tokens += Math.ceil(word.length / 4);
    else if (digit !== undefined) tokens += 1;
    else if (blanks !== undefined) tokens += Math.ceil((blanks.length + 14) / 16);
    else if (marks !== undefined) tokens += Math.ceil(marks.length / 1.5);
    else tokens += 2 * piece.length;
  }
  return tokens;
}

/**
 * Splits `total`, the tokens of all texts, in proportion to each text's estimate, rounded up, so the
 * sum is not lower.
 */
export function shareTokens(texts: readonly string[], total: number): number[] {
  const estimates = texts.map(estimateTokens);
  const sum = estimates.reduce((all, one) => all + one, 0);
  return estimates.map((estimate) => (sum === 0 ? 0 : Math.ceil((estimate * total) / sum)));
}
