/** What says nothing of the code: housekeeping, and what a tool wrote. */
const housekeeping =
  /^(?:merge|revert|wip|tmp|temp|fixup!|squash!|amend!|bump|release|version|prepare (?:for )?(?:next|release)|initial commit|first commit|update (?:change ?log|readme|copyright|submodule|dependenc)|auto-?generated|v?\d+[.\d]*\b)/i;

/**
 * A commit's subject as an instruction: without its type (`fix(parser):`) and without issue numbers. Undefined where it
 * would be none: too short or too long, housekeeping, or little but names and addresses.
 */
export function instructionOf(subject: string): string | undefined {
  const plain = subject
    .replace(/^\s*(?:\[[^\]]{1,40}\]\s*)+/, '')
    .replace(/^(?:build|chore|ci|docs?|feat|fix|perf|refactor|style|tests?|core|deps)(?:\([^)]*\))?!?:\s*/i, '')
    .replace(/\s*\(?(?:#|gh-)\d+\)?\s*/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const words = plain.split(' ').filter((word) => /\p{L}{2}/u.test(word));
  if (words.length < 3 || words.length > 40 || plain.length > 240) return undefined;
  if (housekeeping.test(plain) || /https?:\/\/|\S+@\S+\.\S+/.test(plain)) return undefined;
  return plain;
}
