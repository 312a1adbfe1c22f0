/**
 * Writes everyday cases as JSON Lines: `tsx scripts/everyday-jsonl.ts PATH [--half tune|held] [--kinds A,B] [--without A,B] > OUT`.
 * The halves are stable: a case belongs to one by the hash of its id, whatever other cases there are.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readEverydayCases } from '../server/eval/everyday/caseFile.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { half: { type: 'string' }, kinds: { type: 'string' }, without: { type: 'string' } },
});
const [path = 'test/everyday'] = positionals;
const { half, kinds, without } = values;
if (half !== undefined && half !== 'tune' && half !== 'held') throw new Error('--half must be tune or held');

/** By this byte of the hash both halves have about as many cases of each kind, and as many that want silence. */
const BYTE = 28;
const halfOf = (id: string) => ((createHash('sha256').update(id).digest()[BYTE] ?? 0) % 2 === 0 ? 'tune' : 'held');

for (const example of await readEverydayCases(path)) {
  if (half !== undefined && halfOf(example.id) !== half) continue;
  if (kinds !== undefined && !kinds.split(',').includes(example.kind)) continue;
  if (without?.split(',').includes(example.kind)) continue;
  console.log(JSON.stringify(example));
}
