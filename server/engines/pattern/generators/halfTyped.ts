import type { Candidate } from '../candidate.ts';
import { linesWith } from '../codeNames.ts';
import { completions } from '../completions.ts';
import { evidence } from '../evidence.ts';
import { isWord, tokenize } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { solidTokens } from '../transfer.ts';
import { typedLine } from '../typedLine.ts';

/** Brackets and quotes that an editor closes by itself. */
const onlyClosers = /^[\s)\]}>;,'"`]*$/;
const maxDistance = 99;

/**
 * The line at the cursor begins like lines near it: finish it like these, with its own words in place of
 * theirs and with numbers that increase per line increased; together with the lines that belong to it, if the others
 * have such lines. Where the others disagree, the proposal ends there.
 */
export function* halfTypedGenerator(scene: Scene): Generator<Candidate> {
  const { latest, cursorLine } = scene;
  const typed = typedLine(scene);
  if (!typed || latest.age > 0 || latest.elsewhere) return;
  const { line, column } = typed;
  const [head, tail] = [line.slice(0, column), line.slice(column)];
  if (!onlyClosers.test(tail) || !hasBeenTyped(scene, head, tail)) return;
  for (const made of completions(scene, head, tail.trimEnd())) {
    const [first = ''] = made.lines;
    yield {
      start: cursorLine,
      end: cursorLine + 1,
      lines: made.lines,
      evidence: evidence('halfTyped', scene, scene.changes.indexOf(latest), {
        support: made.support,
        left: head.trim().length,
        right: first.length - head.length,
        sites: Math.min(made.distance, maxDistance),
        allSites: made.support + made.against,
        skipped: mayGoOn(scene, head, first) ? 1 : 0,
        oldTokens: solidTokens([head]),
        newTokens: solidTokens(made.lines),
        likeness: made.likeness,
        extra: made.whole ? made.adapted : -1 - made.adapted,
      }),
      reason: 'finish it like the lines around it',
    };
  }
}

/** The line, or the text before the cursor, is new and the text behind it is gone: no edit in the middle of a line. */
function hasBeenTyped({ latest, cursorLine }: Scene, head: string, tail: string): boolean {
  if (latest.oldLines.length !== latest.newLines.length) return true;
  const old = latest.oldLines[cursorLine - latest.start] ?? '';
  return old.trim() === '' || (!old.startsWith(head) && !(tail.trim() !== '' && old.endsWith(tail)));
}

/** The last word may be unfinished: no other name in the file is equal, and the proposal keeps it as it is. */
function mayGoOn(scene: Scene, head: string, made: string): boolean {
  if (!isWord(head.at(-1)) || isWord(made.charAt(head.length))) return false;
  return linesWith(scene, tokenize(head).at(-1) ?? '').length < 2;
}
