import type { Candidate } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { evidence } from '../evidence.ts';
import { indentOf, isWord, tokenize } from '../lexer.ts';
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { similarity } from '../tokenAlignment.ts';
import { reindent, solidTokens, transfer } from '../transfer.ts';
import { typedLine } from '../typedLine.ts';
import { cutsWord, learnRules } from './rules.ts';
import { transformed } from './transform.ts';

const minTyped = 1;
const maxOld = 1000;
const leastLikeness = 0.5;

/** The line at the cursor is becoming text written elsewhere before: the rest of it. */
export function* completionGenerator(scene: Scene): Generator<Candidate> {
  const { latest, cursorLine } = scene;
  const typed = typedLine(scene);
  if (!typed || latest.age > 0) return;
  const { line, column } = typed;
  const head = line.slice(0, column);
  const tail = line.slice(column);
  for (const [index, change] of scene.changes.entries()) {
    if (change === latest) continue;
    yield* repeated(scene, index, change, head, tail);
  }
  const old = latest.oldLines[cursorLine - latest.start];
  if (old === undefined || old.length > maxOld || latest.oldLines.length !== latest.newLines.length) return;
  const goals = [...rewritten(scene, old)];
  // What the line has become is what another change makes of it: nothing is left to finish.
  if (goals.some(({ text, isWhole }) => isWhole && text === line)) return;
  const seen = new Set<string>();
  for (const { text, example, support, likeness } of goals) {
    if (seen.has(text) || text === line || !leadsTo(head, tail, old, text)) continue;
    seen.add(text);
    yield {
      start: cursorLine,
      end: cursorLine + 1,
      lines: [text],
      evidence: evidence('completion', scene, example, {
        support,
        left: head.length,
        right: text.length - head.length,
        oldTokens: solidTokens([line]),
        newTokens: solidTokens([text]),
        likeness,
        extra: continuesWord(head, text) ? 1 : 0,
        sites: Math.max(0, head.length - commonPrefix(old, text)),
      }),
      reason: 'finish it as before',
    };
  }
}

/** A line being typed begins like a line that was written before. */
function* repeated(scene: Scene, index: number, change: Change, head: string, tail: string): Generator<Candidate> {
  const typed = head.trim();
  if (typed.length < minTyped || !/^[\s)\]};,'"]*$/.test(tail)) return;
  const old = new Set(change.oldLines);
  for (const [i, text] of change.newLines.entries()) {
    const whole = text.trim();
    if (old.has(text) || whole.length <= typed.length || !whole.startsWith(typed)) continue;
    // Nobody writes the same line twice in a row.
    if (!change.elsewhere && Math.abs(change.start + i - scene.cursorLine) === 1) continue;
    const rest = change.newLines.slice(i);
    const blocks = rest.length > 1 && change.oldLines.length === 0 ? [rest.slice(0, 1), rest] : [rest.slice(0, 1)];
    for (const block of blocks) {
      const lines = reindent(block, indentOf(text), indentOf(head));
      if (tail !== '' && !(lines[0] ?? '').endsWith(tail)) continue;
      if (lines.length === 1 && lines[0] === head + tail) continue;
      yield {
        start: scene.cursorLine,
        end: scene.cursorLine + 1,
        lines,
        evidence: evidence('completion', scene, index, {
          left: typed.length,
          right: whole.length - typed.length,
          oldTokens: solidTokens([head]),
          newTokens: solidTokens(block),
          sites: block.length,
          likeness: typed.length / whole.length,
          extra: continuesWord(typed, whole) ? 1 : 0,
        }),
        reason: 'write the line again',
      };
    }
  }
}

interface Rewritten {
  readonly text: string;
  readonly example: number;
  readonly support: number;
  readonly likeness: number;
  /** Whether all is done that the example shows, not one of several like places on the line alone. */
  readonly isWhole: boolean;
}

/** What the other changes would make of the line as it was before the programmer edited it. */
function* rewritten(scene: Scene, old: string): Generator<Rewritten> {
  const latest = scene.changes.indexOf(scene.latest);
  const transferred = new Set<number>();
  for (const { text, example, support } of transformed(scene, old)) {
    transferred.add(example);
    yield { text, example, support, likeness: 1, isWhole: true };
  }
  for (const [example, change] of scene.changes.entries()) {
    if (example === latest || transferred.has(example) || change.oldLines.length !== 1) continue;
    const likeness = similarity(change.oldLines[0] ?? '', old);
    if (likeness < leastLikeness) continue;
    const text = transfer(change.oldLines, change.newLines, [old], true)?.lines;
    if (text?.length !== 1 || text[0] === undefined) continue;
    transferred.add(example);
    yield { text: text[0], example, support: 1, likeness, isWhole: true };
  }
  for (const rule of learnRules(scene)) {
    const examples = rule.examples.filter((example) => example !== latest);
    const example = examples.at(-1);
    if (example === undefined || rule.oldText.trim() === '') continue;
    // A rule for only part of the example's change does not show what this line becomes.
    if (rule.share < 1 && transferred.has(example)) continue;
    const made = [...applied(rule, old)];
    for (const text of made) {
      yield { text, example, support: examples.length, likeness: 1, isWhole: text === made.at(-1) };
    }
  }
}

function* applied(rule: Rule, old: string): Generator<string> {
  let all = old;
  let shift = 0;
  for (let at = old.indexOf(rule.oldText); at >= 0; at = old.indexOf(rule.oldText, at + rule.oldText.length)) {
    const end = at + rule.oldText.length;
    if ((isWord(rule.oldText[0]) && cutsWord(old, at)) || (isWord(rule.oldText.at(-1)) && cutsWord(old, end))) continue;
    yield old.slice(0, at) + rule.newText + old.slice(end);
    all = all.slice(0, at + shift) + rule.newText + all.slice(end + shift);
    shift += rule.newText.length - rule.oldText.length;
  }
  if (all !== old) yield all;
}

/** Whether the cursor is inside a word that is becoming a longer one. */
function continuesWord(head: string, goal: string): boolean {
  return isWord(head.at(-1)) && isWord(goal[head.length]);
}

/** Whether the text at the cursor can be a step from `old` to `goal`. */
function leadsTo(head: string, tail: string, old: string, goal: string): boolean {
  if (!goal.startsWith(head) || head.length === goal.length) return false;
  const typed = head.length > commonPrefix(old, goal) || tokenize(old).length > tokenize(head + tail).length;
  return typed && (goal.endsWith(tail) || old.endsWith(tail));
}

function commonPrefix(a: string, b: string): number {
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  return i;
}
