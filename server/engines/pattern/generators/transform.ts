import type { Candidate } from '../candidate.ts';
import { linesWith } from '../codeNames.ts';
import { evidence } from '../evidence.ts';
import { isSpace, isWord, tokenize } from '../lexer.ts';
import { isCloser, isOpener } from '../pairs.ts';
import type { Scene } from '../scene.ts';
import { learnTemplates, type Template } from '../template.ts';
import { applyTemplate, type Demands } from '../templateMatch.ts';
import { pairLines, similarity } from '../tokenAlignment.ts';
import { inChange } from './replace.ts';
import { matchLeft, matchRight } from './rules.ts';

const maxExampleLines = 6;
const maxExamples = 24;
const maxTemplates = 8;
const maxLines = 24;
const maxScanned = 400;
const maxNear = 12;
const maxContext = 6;

interface Example {
  readonly template: Template;
  readonly change: number;
  readonly oldLine: string;
}

/** Examples that show the same rewriting, newest last. */
interface Lesson {
  readonly template: Template;
  readonly examples: readonly Example[];
  /** What else two examples have in common, if their templates alone do not show where they apply. */
  readonly demands: Demands | undefined;
}

/**
 * Parts of lines were rewritten, with the kept text as holes: the same wherever the fixed tokens appear again: strings
 * that became templates, arguments that were wrapped or swapped, `Optional[X]` that became `X | None`.
 */
export function* transformGenerator(scene: Scene): Generator<Candidate> {
  for (const lesson of lessonsOf(scene)) {
    scene.signal?.throwIfAborted();
    yield* taught(scene, lesson);
  }
}

/** What the changes other than the newest would make of a line, with the example of each and how many there are. */
export function* transformed(
  scene: Scene,
  line: string,
): Generator<{ readonly text: string; readonly example: number; readonly support: number }> {
  const newest = scene.changes.indexOf(scene.latest);
  for (const { template, examples, demands } of lessonsOf(scene)) {
    const earlier = examples.filter(({ change }) => change !== newest);
    const example = earlier.find((one) => one.template === template) ?? earlier[0];
    const applied = example && applyTemplate(template, line, demands);
    if (example && applied && applied.text !== line)
      yield { text: applied.text, example: example.change, support: earlier.length };
  }
}

function lessonsOf(scene: Scene): Lesson[] {
  const groups = new Map<string, Example[]>();
  for (const example of examplesOf(scene)) {
    const { key } = example.template;
    groups.set(key, [...(groups.get(key) ?? []), example]);
  }
  const lessons: Lesson[] = [];
  for (const examples of groups.values()) {
    const newest = examples.reduce((best, one) => (age(scene, one) <= age(scene, best) ? one : best));
    const { template } = newest;
    const demands = template.telling === 0 ? inCommon(examples) : undefined;
    if (template.telling > 0 || demands) lessons.push({ template, examples, demands });
  }
  const order = (a: Lesson, b: Lesson) =>
    b.examples.length - a.examples.length || b.template.telling - a.template.telling;
  return lessons.sort(order).slice(0, maxTemplates);
}

function age(scene: Scene, { change }: Example): number {
  return scene.changes[change]?.age ?? 0;
}

function* examplesOf(scene: Scene): Generator<Example> {
  const newestFirst = scene.changes
    .map((change, index) => ({ change, index }))
    .filter(({ change }) => change.oldLines.length <= maxExampleLines && change.newLines.length <= maxExampleLines)
    .sort((a, b) => a.change.age - b.change.age || b.index - a.index);
  let count = 0;
  for (const { change, index } of newestFirst) {
    for (const [i, j] of pairLines(change.oldLines, change.newLines)) {
      const [oldLine = '', newLine = ''] = [change.oldLines[i], change.newLines[j]];
      if (oldLine === newLine) continue;
      if (++count > maxExamples) return;
      for (const template of learnTemplates(oldLine, newLine)) {
        // A template that does not turn its own example into its own result is wrong.
        const place = { left: template.left, right: template.right, head: [], tail: [] };
        const made = applyTemplate(template, oldLine, template.telling === 0 ? place : undefined);
        if (made?.text === newLine) yield { template, change: index, oldLine };
      }
    }
  }
}

/** What stands around the changed parts of two examples or more, and at both ends of what they kept. */
function inCommon(examples: readonly Example[]): Demands | undefined {
  const [one, ...others] = examples.filter(({ oldLine }, i) => examples.findIndex((e) => e.oldLine === oldLine) === i);
  if (!one || others.length === 0) return undefined;
  let { left, right } = one.template;
  left = left.slice(-maxContext);
  right = right.slice(0, maxContext);
  let head = tokenize(one.template.holes[0]?.text ?? '');
  let tail = head;
  const shortest = Math.min(...examples.map(({ template }) => tokenize(template.holes[0]?.text ?? '').length));
  for (const { template } of others) {
    const inner = tokenize(template.holes[0]?.text ?? '');
    left = commonEnd(left, template.left);
    right = commonStart(right, template.right);
    head = commonStart(head, inner);
    tail = commonEnd(tail, inner);
  }
  // Text outside the enclosing brackets may well be different elsewhere.
  left = left.slice(Math.max(0, left.findLastIndex(isOpener)));
  right = right.slice(0, right.findIndex(isCloser) + 1 || right.length);
  tail = tail.slice(Math.max(0, tail.length - Math.max(0, shortest - head.length)));
  const marks = left.concat(right, head, tail).filter((token) => !isSpace(token));
  const sides = (left.some(isSolid) ? 1 : 0) + (right.some(isSolid) ? 1 : 0);
  return marks.some(isWord) || sides === 2 ? { left, right, head, tail } : undefined;
}

function isSolid(token: string): boolean {
  return !isSpace(token);
}

function commonEnd(a: readonly string[], b: readonly string[]): readonly string[] {
  let n = 0;
  while (n < Math.min(a.length, b.length) && a[a.length - 1 - n] === b[b.length - 1 - n]) n++;
  return a.slice(a.length - n);
}

function commonStart(a: readonly string[], b: readonly string[]): readonly string[] {
  let n = 0;
  while (n < Math.min(a.length, b.length) && a[n] === b[n]) n++;
  return a.slice(0, n);
}

function* taught(scene: Scene, lesson: Lesson): Generator<Candidate> {
  const { template, examples, demands } = lesson;
  const example = examples.find((one) => one.template === template) ?? examples[0];
  if (!example) return;
  const found: { line: number; applied: NonNullable<ReturnType<typeof applyTemplate>> }[] = [];
  for (const line of placesFor(scene, lesson)) {
    const applied = applyTemplate(template, scene.lines[line] ?? '', demands);
    if (applied && applied.text !== scene.lines[line]) found.push({ line, applied });
    if (found.length >= maxLines) break;
  }
  const from = Math.min(...examples.map(({ change }) => scene.changes[change]?.start ?? 0), scene.latest.start);
  const skipped = found.filter(({ line }) => line >= from && line < scene.latest.start).length;
  const support = new Set(examples.map(({ oldLine, change }) => `${change}:${oldLine}`)).size;
  for (const { line, applied } of found) {
    yield {
      start: line,
      end: line + 1,
      lines: [applied.text],
      evidence: evidence('transform', scene, example.change, {
        support,
        left: matchLeft(template.left, applied.left),
        right: matchRight(template.right, applied.right),
        sites: applied.sites,
        allSites: found.length,
        skipped,
        oldTokens: template.gone,
        newTokens: template.come,
        likeness: similarity(example.oldLine, scene.lines[line] ?? ''),
        extra: template.telling,
      }),
      reason: 'rewrite it the same way',
    };
  }
}

/** Lines that may fit, those below the cursor first and nearest first. */
function placesFor(scene: Scene, { template, examples, demands }: Lesson): number[] {
  const fixed = template.old.flatMap((part) => ('token' in part && isSolid(part.token) ? [part.token] : []));
  const asked = demands ? demands.left.concat(demands.right, demands.head, demands.tail).filter(isSolid) : [];
  const words = fixed.concat(asked).filter((token) => isWord(token) && token.length > 1);
  const anchor = words.sort((a, b) => linesWith(scene, a).length - linesWith(scene, b).length)[0];
  let lines: number[];
  if (anchor !== undefined) lines = [...new Set(linesWith(scene, anchor))];
  else if (demands) lines = linesBeside(scene, examples);
  else lines = around(scene, maxScanned);
  const all = lines.filter((line) => !inChange(scene, line));
  const below = all.filter((line) => line >= scene.cursorLine);
  const above = all.filter((line) => line < scene.cursorLine).reverse();
  return below.concat(above).filter((line) => fixed.every((token) => scene.lines[line]?.includes(token)));
}

function around(scene: Scene, most: number): number[] {
  const from = Math.max(0, scene.cursorLine - most / 2);
  const to = Math.min(scene.lines.length, scene.cursorLine + most);
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** The lines around the examples up to the next blank one: if only marks show where it applies, nearness counts too. */
function linesBeside(scene: Scene, examples: readonly Example[]): number[] {
  const lines = new Set<number>();
  for (const { change } of examples) {
    const { start, end, elsewhere } = scene.changes[change] ?? { start: 0, end: 0, elsewhere: true };
    if (elsewhere) continue;
    for (const [first, step] of [
      [start - 1, -1],
      [end, 1],
    ] as const) {
      for (let n = 0, line = first; n < maxNear; n++, line += step) {
        const text = scene.lines[line];
        if (text === undefined || text.trim() === '') break;
        lines.add(line);
      }
    }
  }
  return [...lines].sort((a, b) => a - b);
}
