import type { Candidate } from '../candidate.ts';
import { linesWith } from '../codeNames.ts';
import { evidence } from '../evidence.ts';
import { isWord, tokenize } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { diffTokens, pairLines } from '../tokenAlignment.ts';
import { WordPairs } from '../wordPairs.ts';

const maxLines = 6;

/** What was replaced, as tokens, and what stands around it. */
interface Replaced {
  readonly old: readonly string[];
  readonly now: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A stretch of the line. */
interface Piece {
  readonly tokens: readonly string[];
  /** The programmer has just inserted it, so it must not be changed. */
  readonly isNew: boolean;
}

interface Made {
  readonly text: string;
  readonly sites: number;
  /** How many of the sites have the same neighbours as what was edited. */
  readonly alike: number;
}

/**
 * The word that was just changed occurs again on the same line: `this.mail = email`. Other generators ignore changed
 * lines, as what is left there is mostly intended. First only the word as it was, then all its forms.
 */
export function* restOfLineGenerator(scene: Scene): Generator<Candidate> {
  const { latest } = scene;
  if (latest.elsewhere) return;
  let count = 0;
  for (const [i, j] of pairLines(latest.oldLines, latest.newLines)) {
    const [old, now] = [latest.oldLines[i], latest.newLines[j]];
    if (old === undefined || now === undefined || old === now || scene.lines[latest.start + j] !== now) continue;
    if (++count > maxLines) return;
    yield* onLine(scene, latest.start + j, old, now);
  }
}

function* onLine(scene: Scene, line: number, old: string, now: string): Generator<Candidate> {
  const { pieces, replaced } = partsOf(old, now);
  const [first] = replaced;
  if (!first) return;
  const pairs = new WordPairs();
  for (const one of replaced) pairs.learn(one.old.join(''), one.now);
  const word = first.old.find(isWord) ?? '';
  const edited = pieces.findIndex(({ isNew }) => isNew);
  const seen = new Set([now]);
  for (const extra of [0, 1]) {
    const made = pieces.map(({ tokens, isNew }): Made => {
      if (isNew) return { text: tokens.join(''), sites: 0, alike: 0 };
      return extra === 0 ? exactly(tokens, replaced) : { ...pairs.rewrite(tokens.join('')), alike: 0 };
    });
    const text = made.map((piece) => piece.text).join('');
    if (seen.has(text)) continue;
    seen.add(text);
    const sum = (of: (piece: Made, i: number) => number) => made.reduce((total, piece, i) => total + of(piece, i), 0);
    const sites = sum((piece) => piece.sites);
    const plural = extra === 1 && plurals(text) > plurals(now);
    yield {
      start: line,
      end: line + 1,
      lines: [text],
      evidence: evidence('restOfLine', scene, scene.changes.indexOf(scene.latest), {
        support: 1 + doneElsewhere(scene, word),
        left: sum((piece, i) => (i < edited ? piece.sites : 0)),
        right: sum((piece, i) => (i > edited ? piece.sites : 0)),
        sites,
        allSites: linesWith(scene, word).length,
        oldTokens: first.old.length,
        newTokens: tokenize(first.now).length,
        likeness: sum((piece) => piece.alike) / sites,
        extra: plural ? 2 : extra,
      }),
      reason: 'change it on the whole line',
    };
  }

  /** How often a new word occurs on the line with an `s` behind it, as in a loop over a list. */
  function plurals(text: string): number {
    return replaced.reduce((sum, one) => sum + (text.toLowerCase().split(`${one.now.toLowerCase()}s`).length - 1), 0);
  }
}

function partsOf(old: string, now: string): { pieces: Piece[]; replaced: Replaced[] } {
  const [a, b] = [tokenize(old), tokenize(now)];
  const pieces: Piece[] = [];
  const replaced: Replaced[] = [];
  let at = 0;
  for (const { aStart, aEnd, bStart, bEnd } of diffTokens(a, b)) {
    pieces.push({ tokens: b.slice(at, bStart), isNew: false }, { tokens: b.slice(bStart, bEnd), isNew: true });
    at = bEnd;
    const gone = a.slice(aStart, aEnd);
    if (bStart === bEnd || !gone.some((token) => isWord(token) && /\p{L}/u.test(token))) continue;
    replaced.push({ old: gone, now: b.slice(bStart, bEnd).join(''), before: b[bStart - 1], after: b[bEnd] });
  }
  pieces.push({ tokens: b.slice(at), isNew: false });
  return { pieces, replaced };
}

/** The tokens after the same replacement wherever the old text is unchanged. */
function exactly(tokens: readonly string[], replaced: readonly Replaced[]): Made {
  let [text, sites, alike] = ['', 0, 0];
  for (let i = 0; i < tokens.length; i++) {
    const one = replaced.find(({ old }) => old.every((part, k) => tokens[i + k] === part));
    if (!one) {
      text += tokens[i] ?? '';
      continue;
    }
    text += one.now;
    if (tokens[i - 1] === one.before && tokens[i + one.old.length] === one.after) alike++;
    i += one.old.length - 1;
    sites++;
  }
  return { text, sites, alike };
}

/** On how many other lines the programmer has changed the word everywhere, more than once. */
function doneElsewhere(scene: Scene, word: string): number {
  let count = 0;
  for (const change of scene.changes) {
    if (change === scene.latest || change.oldLines.length !== 1 || change.newLines.length !== 1) continue;
    const was = tokenize(change.oldLines[0] ?? '').filter((token) => token === word).length;
    if (was > 1 && !tokenize(change.newLines[0] ?? '').includes(word)) count++;
  }
  return count;
}
