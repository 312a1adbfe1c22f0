/**
 * Writes the ranker's training rows: for every candidate of every case its features and whether it is right.
 * Besides each case as cut, a share of the cases is written again as live editing would have it: the hunks made in
 * another order, the next one half typed, or the cursor inside the line.
 *
 * Usage: tsx scripts/ranker/dump.ts OUT_PREFIX LIVE_SHARE CASES.jsonl.gz...
 * OUT_PREFIX.f32 holds rows of [case, group, label, start, cursor, live, features...]; OUT_PREFIX.json their names,
 * the groups (repositories) and the number of cases in each.
 */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { describeAll, featureNames } from '../../server/engines/pattern/features.ts';
import { collect } from '../../server/engines/pattern/propose.ts';
import { buildScene } from '../../server/engines/pattern/scene.ts';
import { type NextEditCase, readCases, toConversation } from '../../server/eval/cases.ts';
import { matchesRemaining } from '../../server/eval/judge.ts';
import { atEdit, halfTyped, random, shuffled } from './augment.ts';

const kinds = { asCut: 0, shuffled: 1, halfTyped: 2, atEdit: 3 } as const;

async function main([prefix, share, ...files]: string[]): Promise<void> {
  if (!prefix || !share || files.length === 0)
    throw new Error('usage: dump.ts OUT_PREFIX LIVE_SHARE CASES.jsonl.gz...');
  const out = openSync(`${prefix}.f32`, 'w');
  const groups: { name: string; cases: number }[] = [];
  const langs: string[] = [];
  const live: number[] = [];
  const next = random(1);
  const write = (example: NextEditCase, group: number, kind: number) => {
    const number = langs.push(example.lang) - 1;
    live.push(kind);
    const scene = buildScene(toConversation(example));
    if (!scene) return;
    const candidates = collect(scene);
    describeAll(scene, candidates).forEach((features, i) => {
      const candidate = candidates[i];
      if (!candidate) return;
      const right = matchesRemaining(scene.lines, candidate, example.remaining) ? 1 : 0;
      const row = Float32Array.of(number, group, right, candidate.start, scene.cursorLine, kind, ...features);
      writeSync(out, new Uint8Array(row.buffer));
    });
  };
  for (const [group, file] of files.entries()) {
    let cases = 0;
    for await (const example of readCases(file)) {
      cases++;
      write(example, group, kinds.asCut);
      if (next() < Number(share)) {
        const other = shuffled(example, next);
        const moved = other && next() < 0.5 ? atEdit(other) : other;
        if (moved) write(moved, group, kinds.shuffled);
      }
      if (next() < Number(share)) {
        const other = atEdit(example);
        if (other) write(other, group, kinds.atEdit);
      }
      if (next() < Number(share) / 2) {
        const other = halfTyped(example, next);
        if (other) write(other, group, kinds.halfTyped);
      }
    }
    groups.push({ name: basename(file).replace(/\.jsonl(\.gz)?$/, ''), cases });
    console.error(groups.at(-1)?.name, cases);
  }
  closeSync(out);
  const columns = ['case', 'group', 'label', 'start', 'cursor', 'live', ...featureNames];
  writeFileSync(`${prefix}.json`, JSON.stringify({ columns, groups, langs, live }));
}

await main(process.argv.slice(2));
