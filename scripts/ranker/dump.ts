/**
 * Writes the ranker's training rows: for every candidate of every case its features and whether it is right.
 * Usage: tsx scripts/ranker/dump.ts OUT_PREFIX CASES.jsonl.gz...
 * OUT_PREFIX.f32 holds rows of [case, group, label, features...]; OUT_PREFIX.json their names, the groups
 * (repositories) and the number of cases in each.
 */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { describeAll, featureNames } from '../../server/engines/pattern/features.ts';
import { collect } from '../../server/engines/pattern/propose.ts';
import { buildScene } from '../../server/engines/pattern/scene.ts';
import { readCases, toConversation } from '../../server/eval/cases.ts';
import { matchesRemaining } from '../../server/eval/judge.ts';

async function main([prefix, ...files]: string[]): Promise<void> {
  if (!prefix || files.length === 0) throw new Error('usage: dump.ts OUT_PREFIX CASES.jsonl.gz...');
  const out = openSync(`${prefix}.f32`, 'w');
  const groups: { name: string; cases: number }[] = [];
  const langs: string[] = [];
  let caseNumber = 0;
  for (const [group, file] of files.entries()) {
    const first = caseNumber;
    for await (const example of readCases(file)) {
      langs.push(example.lang);
      const number = caseNumber++;
      const scene = buildScene(toConversation(example));
      if (!scene) continue;
      const candidates = collect(scene);
      const rows = describeAll(scene, candidates).map((features, i) => {
        const candidate = candidates[i];
        const right = candidate && matchesRemaining(scene.lines, candidate, example.remaining);
        return Float32Array.of(number, group, right ? 1 : 0, candidate?.start ?? 0, scene.cursorLine, ...features);
      });
      for (const row of rows) writeSync(out, new Uint8Array(row.buffer));
    }
    groups.push({ name: basename(file).replace(/\.jsonl(\.gz)?$/, ''), cases: caseNumber - first });
    console.error(groups.at(-1)?.name, caseNumber - first);
  }
  closeSync(out);
  const columns = ['case', 'group', 'label', 'start', 'cursor', ...featureNames];
  writeFileSync(`${prefix}.json`, JSON.stringify({ columns, groups, langs }));
}

await main(process.argv.slice(2));
