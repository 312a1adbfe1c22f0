/**
 * Writes everyday cases as JSON Lines: `tsx scripts/everyday-jsonl.ts PATH [--half tune|held] [--kinds A,B] [--without A,B] > OUT`.
 * The halves are stable: a case belongs to one by the hash of its id, whatever other cases there are.
 * With `--moments`, the moment after the last step as a case of `eval next-edit`, for engines too slow to be asked at every step; cases
 * that want neither edits nor silence are left out.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { NextEditCase } from '../server/eval/cases.ts';
import { readEverydayCases } from '../server/eval/everyday/caseFile.ts';
import { applyChange, type EverydayCase } from '../server/eval/everyday/everydayCase.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    half: { type: 'string' },
    kinds: { type: 'string' },
    without: { type: 'string' },
    moments: { type: 'boolean' },
  },
});
const [path = 'test/everyday'] = positionals;
const { half, kinds, without, moments } = values;
if (half !== undefined && half !== 'tune' && half !== 'held') throw new Error('--half must be tune or held');

/** By this byte of the hash both halves have about as many cases of each kind, and as many that want silence. */
const BYTE = 28;
const halfOf = (id: string) => ((createHash('sha256').update(id).digest()[BYTE] ?? 0) % 2 === 0 ? 'tune' : 'held');

for (const example of await readEverydayCases(path)) {
  if (half !== undefined && halfOf(example.id) !== half) continue;
  if (kinds !== undefined && !kinds.split(',').includes(example.kind)) continue;
  if (without?.split(',').includes(example.kind)) continue;
  if (!moments) console.log(JSON.stringify(example));
  else if (example.want !== 'either') console.log(JSON.stringify(lastMoment(example)));
}

function lastMoment({ id, kind, lang, path, want, before, steps, after, cursor, expect }: EverydayCase): NextEditCase {
  const texts = [before];
  for (const step of steps) texts.push(step.reduce(applyChange, texts.at(-1) ?? ''));
  return {
    id,
    set: kind,
    lang,
    path,
    history: texts.slice(0, -1),
    current: after,
    cursor: [...after.slice(0, cursor)].length,
    remaining:
      want === 'silence' || typeof expect !== 'object'
        ? []
        : expect.map(({ start, end, lines }) => ({ start, end, lines })),
  };
}
