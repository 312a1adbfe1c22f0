/** What holds for unit tests alone (vitest.unit.config.ts). */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import type * as FastCheck from 'fast-check';
import { vi } from 'vitest';

/** Of a property no more cases than this are tried, whatever it asks for; `npm test` tries all. */
const mostRuns = 40;

vi.mock('fast-check', async (importOriginal) => {
  const real = await importOriginal<typeof FastCheck>();
  const assert = (
    property: FastCheck.IRawProperty<void>,
    { numRuns = 100, ...rest }: FastCheck.Parameters<void> = {},
  ) => real.assert(property, { ...rest, numRuns: Math.min(numRuns, mostRuns) });
  return { ...real, assert, default: { ...real.default, assert } };
});

function refuse(): never {
  throw new Error('a unit test starts no process: list its file in vitest.unit.config.ts as one of the others');
}
const ways = ['spawn', 'spawnSync', 'fork', 'exec', 'execSync', 'execFile', 'execFileSync'] as const;
Object.assign(childProcess, Object.fromEntries(ways.map((way) => [way, refuse])));
syncBuiltinESMExports();
