/** What holds for unit tests alone (vitest.unit.config.ts). */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import fc from 'fast-check';

/** Whatever seeds and numbers of runs say, a property is left after this long, in milliseconds; `npm test` runs all of it. */
fc.configureGlobal({ interruptAfterTimeLimit: 300 });

function refuse(): never {
  throw new Error('a unit test starts no process: list its file in vitest.unit.config.ts as one of the others');
}
const ways = ['spawn', 'spawnSync', 'fork', 'exec', 'execSync', 'execFile', 'execFileSync'] as const;
Object.assign(childProcess, Object.fromEntries(ways.map((way) => [way, refuse])));
syncBuiltinESMExports();
