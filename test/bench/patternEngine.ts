/**
 * What a prediction of the pattern engine costs on a 5,000-line file, next to a bare line diff of the same snapshots.
 * Run: npm run bench:pattern
 *
 * The file is code with many names in common, so that a rename has hundreds of other uses; the edits are renames, added
 * arguments, inserted and deleted lines, and half-typed words, each somewhere else. All sides take turns. The engine is
 * asked twice: with the edits beside the snapshots, as the server asks it, and with the snapshots alone. Then come files
 * and edits that are larger or more alike than any that are written, to see that their cost is bounded.
 */
import { performance } from 'node:perf_hooks';
import { diffLines } from 'diff';
import { PatternEngine } from '../../server/engines/pattern/patternEngine.ts';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import type { Delta } from '../../shared/edits/delta.ts';
import { diffEdits } from '../../shared/edits/diff.ts';

const lineCount = 5_000;
const rounds = 400;
const warmUp = 40;
const stressRounds = 30;

let seed = 7;
function random(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
  return (seed >>> 8) % below;
}

const names = [
  'request',
  'response',
  'handler',
  'context',
  'options',
  'buffer',
  'session',
  'config',
  'parser',
  'result',
];
const name = () => `${names[random(names.length)]}${random(40)}`;
const statements: readonly (() => string)[] = [
  () => `  const ${name()} = compute(${name()}, ${random(100)}, 'some text');`,
  () => `  if (${name()}.length > ${random(10)}) return ${name()};`,
  () => `  logger.debug('state of ${name()}', ${name()}, ${name()});`,
  () => `  ${name()}.update({ id: ${random(1000)}, value: ${name()} });`,
  () => `function ${name()}(${name()}: string, ${name()}: number): void {`,
  () => '}',
  () => '',
  () => `  // keeps ${name()} and ${name()} together`,
];
const someLines = (count: number) =>
  Array.from({ length: count }, () => statements[random(statements.length)]?.() ?? '');
const lines = someLines(lineCount);

type Edit = (lines: readonly string[], at: number) => string[];
const edits: readonly Edit[] = [
  (old, at) => old.with(at, (old[at] ?? '').replace(/[a-z]+\d+/, 'renamed')),
  (old, at) => old.with(at, (old[at] ?? '').replace(/\b(\w+)\(/, '$1(extra, ')),
  (old, at) => old.with(at, (old[at] ?? '').replace('debug', 'info')),
  (old, at) => old.toSpliced(at, 0, `  trace('${name()}');`),
  (old, at) => old.toSpliced(at, 1),
  (old, at) => old.toSpliced(at, 3),
  (old, at) => old.with(at, (old[at] ?? '').slice(0, 12)),
];

const renamed = (line: string | undefined) => (line ?? '').replace(/[a-z]+\d+/, 'renamed');

/** Texts one after the other, the cursor at the end of a line of the last. */
function conversation(states: readonly (readonly string[])[], line: number): Conversation {
  const texts = states.map((state) => state.join('\n'));
  const current = texts.at(-1) ?? '';
  const offset = (states.at(-1) ?? []).slice(0, line + 1).join('\n').length;
  return {
    path: 'bench.ts',
    languageId: 'typescript',
    history: texts.slice(0, -1),
    current,
    target: { kind: 'cursor', offset },
  };
}

function edited(old: readonly string[]): Conversation {
  const at = random(old.length - 20);
  const states: (readonly string[])[] = [old];
  for (let step = 0; step < 4; step++) {
    const state = states.at(-1) ?? [];
    states.push(edits[random(edits.length)]?.(state, at + 4 * step) ?? state);
  }
  return conversation(states, at + 12);
}

/** With the edits, too, as the server gives them. */
function withEdits(asked: Conversation): Conversation {
  const deltas = asked.history.map((before, i): Delta => {
    const after = asked.history[i + 1] ?? asked.current;
    return diffEdits(before, after).map(({ start, end, newText }) => ({
      start,
      removed: before.slice(start, end),
      inserted: newText,
    }));
  });
  return { ...asked, edits: deltas.filter((delta) => delta.length > 0) };
}

const stress: readonly (readonly [what: string, ask: () => Conversation])[] = [
  ['10,000 lines', () => edited(someLines(10_000))],
  [
    'one name on 2,000 of the lines',
    () => {
      const at = random(lineCount - 20);
      const state = lines.map((line, i) =>
        i % 5 < 2 ? `  common.update({ id: ${random(1000)}, value: common, next: ${name()} });` : line,
      );
      const first = state.with(at, '  const common = make(common);').with(at + 2, '  use(common, 12);');
      const second = first.with(at, '  const renamed = make(common);');
      return conversation([first, second, second.with(at + 2, '  use(renamed, 12);')], at + 2);
    },
  ],
  [
    '1,500 lines of 2,000 characters',
    () => {
      const wide = () =>
        `  call(${Array.from({ length: 120 }, () => `${name()}: ${random(1000)}`).join(', ')});`.slice(0, 2000);
      const state = lines.map((line, i) => (i % 10 < 3 ? wide() : line));
      const at = 10 * random(lineCount / 10 - 2);
      const once = state.with(at, renamed(state[at]));
      return conversation([state, once, once.with(at + 3, 'call(renamed, 1, 2);')], at + 3);
    },
  ],
  [
    '400 pasted lines',
    () => {
      const at = random(lineCount - 420);
      const pasted = lines.toSpliced(at, 0, ...lines.slice(at + 10, at + 410));
      return conversation([lines, pasted], at + 400);
    },
  ],
  [
    '400 pasted lines, edited',
    () => {
      const at = random(lineCount - 420);
      const pasted = lines.toSpliced(at, 0, ...lines.slice(at + 10, at + 410));
      const once = pasted.with(at + 5, renamed(pasted[at + 5]));
      return conversation([lines, pasted, once, once.with(at + 9, '  trace(renamed);')], at + 9);
    },
  ],
];

function summary(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}

const median = (times: readonly number[]) => [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;

/** The time, in milliseconds, that each side takes, by rounds; and how many edits there were. */
async function race(ask: () => Conversation, rounds: number, warmUp: number) {
  const times = { edits: [] as number[], history: [] as number[], bare: [] as number[] };
  let predicted = 0;
  for (let round = -warmUp; round < rounds; round++) {
    const asked = ask();
    const askedWithEdits = withEdits(asked);
    const snapshots = [...asked.history, asked.current];
    const begun = performance.now();
    await engine.predict(askedWithEdits, signal);
    const first = performance.now();
    const { edits } = await engine.predict(asked, signal);
    const second = performance.now();
    for (const [i, text] of asked.history.entries()) diffLines(text, snapshots[i + 1] ?? text);
    const ended = performance.now();
    if (round < 0) continue;
    predicted += edits.length;
    times.edits.push(first - begun);
    times.history.push(second - first);
    times.bare.push(ended - second);
  }
  return { ...times, predicted };
}

const engine = new PatternEngine({ minConfidence: 0 });
const { signal } = new AbortController();
const { edits: ours, history, bare, predicted } = await race(() => edited(lines), rounds, warmUp);
console.log(`${lineCount} lines, ${rounds} predictions, ${predicted} edits`);
console.log(`pattern engine   ${summary(ours)}`);
console.log(`snapshots alone  ${summary(history)}`);
console.log(`bare line diff   ${summary(bare)} (the package "diff", the same ${4} pairs of snapshots)`);
console.log(`ratio of medians ${(median(ours) / median(bare)).toFixed(2)}`);
for (const [what, ask] of stress) {
  const { edits: times, bare: peer } = await race(ask, stressRounds, 5);
  console.log(`${what}: ${summary(times)}, ${(median(times) / median(peer)).toFixed(2)} x the diff`);
}
