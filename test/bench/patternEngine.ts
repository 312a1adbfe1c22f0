/**
 * What a prediction of the pattern engine costs on a 5,000-line file, next to a bare line diff of the same snapshots.
 * Run: npm run bench:pattern
 *
 * The file is code with many names in common, so that a rename has hundreds of other uses; the edits are renames, added
 * arguments, inserted and deleted lines, and half-typed words, each somewhere else. Both sides take turns.
 */
import { performance } from 'node:perf_hooks';
import { diffLines } from 'diff';
import { PatternEngine } from '../../server/engines/pattern/patternEngine.ts';
import type { Conversation } from '../../shared/conversation/conversation.ts';

const lineCount = 5_000;
const rounds = 400;
const warmUp = 40;

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
const lines = Array.from({ length: lineCount }, () => statements[random(statements.length)]?.() ?? '');

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

function conversation(): Conversation {
  const at = random(lineCount - 20);
  const history: string[] = [];
  let state = lines;
  for (let step = 0; step < 4; step++) {
    history.push(state.join('\n'));
    state = edits[random(edits.length)]?.(state, at + 4 * step) ?? state;
  }
  const offset = state.slice(0, at + 13).join('\n').length;
  return {
    path: 'bench.ts',
    languageId: 'typescript',
    history,
    current: state.join('\n'),
    target: { kind: 'cursor', offset },
  };
}

function summary(times: number[]): string {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}

const engine = new PatternEngine({ minConfidence: 0 });
const { signal } = new AbortController();
const ours: number[] = [];
const bare: number[] = [];
let predicted = 0;
for (let round = -warmUp; round < rounds; round++) {
  const asked = conversation();
  const begun = performance.now();
  const { edits } = await engine.predict(asked, signal);
  const between = performance.now();
  const snapshots = [...asked.history, asked.current];
  for (const [i, text] of asked.history.entries()) diffLines(text, snapshots[i + 1] ?? text);
  const ended = performance.now();
  if (round < 0) continue;
  predicted += edits.length;
  ours.push(between - begun);
  bare.push(ended - between);
}
const median = (times: number[]) => [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;
console.log(`${lineCount} lines, ${rounds} predictions, ${predicted} edits`);
console.log(`pattern engine   ${summary(ours)}`);
console.log(`bare line diff   ${summary(bare)} (the package "diff", the same ${4} pairs of snapshots)`);
console.log(`ratio of medians ${(median(ours) / median(bare)).toFixed(2)}`);
