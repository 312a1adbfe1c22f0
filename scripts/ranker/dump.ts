/**
 * Writes the ranker's training rows: for every candidate of every case its features and whether it is right.
 *
 * Usage: tsx scripts/ranker/dump.ts OUT_PREFIX LIVE_SHARE SET=FOLDER[:LIMIT]...
 * A set is `cut`, `lines`, `finished` or `simulated`, its folder holds NAME.jsonl.gz for each repository, of which the
 * first LIMIT cases are taken. Of the cases of `cut`, LIVE_SHARE are written again as live editing has them: with the
 * hunks made in another order, the cursor inside the line, or the next hunk half typed. A share of the others is written
 * again as it was while the last change was being typed.
 * OUT_PREFIX.f32 holds rows of [case, group, label, start, cursor, set, features...]; OUT_PREFIX.json their names, the
 * groups (repositories), and for each case its group, set, language and operation.
 */
import { closeSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describeAll, featureNames } from '../../server/engines/pattern/features.ts';
import { collect } from '../../server/engines/pattern/propose.ts';
import { buildScene } from '../../server/engines/pattern/scene.ts';
import { type NextEditCase, readCases, toConversation } from '../../server/eval/cases.ts';
import { matchesRemaining } from '../../server/eval/judge.ts';
import { atEdit, halfTyped, interrupted, lineByLine, random, shuffled, whileTyping } from './augment.ts';

const sets = { cut: 0, lines: 1, finished: 2, simulated: 3, live: 4, typing: 5 } as const;
type SetName = keyof typeof sets;
/** For what share of a set's cases another one is made, of a moment while its last change is being typed. */
const typingShare: Partial<Record<SetName, number>> = { lines: 0.5, finished: 0.7, simulated: 0.7 };
/** For what share another one is made in which something else was edited last. */
const interruptedShare: Partial<Record<SetName, number>> = { simulated: 0.15 };

async function main([prefix, share, ...folders]: string[]): Promise<void> {
  if (!prefix || !share || folders.length === 0) throw new Error('usage: dump.ts OUT_PREFIX LIVE_SHARE SET=FOLDER...');
  const out = openSync(`${prefix}.f32`, 'w');
  const groups: string[] = [];
  const cases: { group: number; set: number; lang: string; kind: string; wanted: number }[] = [];
  const next = random(1);
  const write = (example: NextEditCase, group: number, set: SetName) => {
    const kind = example.set ?? '';
    const number =
      cases.push({ group, set: sets[set], lang: example.lang, kind, wanted: example.remaining.length }) - 1;
    const scene = buildScene(toConversation(example));
    if (!scene) return;
    const candidates = collect(scene);
    const rows = describeAll(scene, candidates).flatMap((features, i) => {
      const candidate = candidates[i];
      if (!candidate) return [];
      const right = matchesRemaining(scene.lines, candidate, example.remaining) ? 1 : 0;
      return [number, group, right, candidate.start, scene.cursorLine, sets[set], ...features];
    });
    writeSync(out, new Uint8Array(Float32Array.from(rows).buffer));
  };
  for (const argument of folders) {
    const [set = '', folder = '', limit = 'Infinity'] = argument.split(/[=:]/);
    if (!(set in sets)) throw new Error(`${set} is no set`);
    for (const file of readdirSync(folder).sort()) {
      const name = file.replace(/\.jsonl(\.gz)?$/, '');
      const group = groups.includes(name) ? groups.indexOf(name) : groups.push(name) - 1;
      let count = 0;
      for await (const example of readCases(join(folder, file))) {
        if (++count > Number(limit)) break;
        write(example, group, set as SetName);
        const isHalfTyped = example.set === 'typing' || example.set === 'half-typed';
        const isChosen = !isHalfTyped && next() < (typingShare[set as SetName] ?? 0);
        const typed = isChosen ? whileTyping(example, next) : undefined;
        if (typed) write(typed, group, 'typing');
        const isInterrupted = !isHalfTyped && next() < (interruptedShare[set as SetName] ?? 0);
        const late = isInterrupted ? interrupted(example, next) : undefined;
        if (late) write(late, group, set as SetName);
        if (set !== 'cut') continue;
        for (const other of asLive(example, Number(share), next)) write(lineByLine(other), group, 'live');
      }
      console.error(set, name, cases.length);
    }
  }
  closeSync(out);
  const columns = ['case', 'group', 'label', 'start', 'cursor', 'set', ...featureNames];
  writeFileSync(`${prefix}.json`, JSON.stringify({ columns, groups, sets, cases }));
}

function* asLive(example: NextEditCase, share: number, next: () => number): Generator<NextEditCase> {
  if (next() < share) {
    const other = shuffled(example, next);
    const moved = other && next() < 0.5 ? atEdit(other) : other;
    if (moved) yield moved;
  }
  if (next() < share) {
    const other = atEdit(example);
    if (other) yield other;
  }
  if (next() < share / 2) {
    const other = halfTyped(example, next);
    if (other) yield other;
  }
}

await main(process.argv.slice(2));
