import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { cpuSeconds, descendants, parseStat, processTree, quietFrom, residentMegabytes } from './processes.ts';

/** As proc(5) has it: the fields from the state, the third one, on. */
function line(pid: number, name: string, values: Readonly<Record<number, number>>): string {
  const fields = Array.from({ length: 50 }, (_, i) => values[i + 3] ?? 0);
  return `${pid} (${name}) S ${fields.slice(1).join(' ')}\n`;
}

describe('what the kernel says of a process', () => {
  const values = { 4: 7, 14: 250, 15: 50, 16: 30, 17: 20, 24: 1000 };

  it.each(['node', 'a (b) c', '1 2) S 3', ''])('is read whatever its name: %j', (name) => {
    const expected = { pid: 12, parent: 7, ticks: 300, reapedTicks: 50, residentPages: 1000 };
    expect(parseStat(line(12, name, values))).toEqual(expected);
  });

  it.each(['', '12', '12 (node) S 7', 'nothing of the kind'])('is nothing else: %j', (content) => {
    expect(parseStat(content)).toBeUndefined();
  });
});

it('finds the children of children, and no others', () => {
  const all = [
    [5, 1],
    [3, 2],
    [4, 3],
    [2, 1],
  ].map(([pid = 0, parent = 0]) => ({ pid, parent, ticks: 1, reapedTicks: 0, residentPages: 1 }));
  expect(
    descendants(all, 2)
      .map(({ pid }) => pid)
      .sort(),
  ).toEqual([2, 3, 4]);
  expect(descendants(all, 9)).toEqual([]);
});

it.skipIf(process.platform !== 'linux')('accounts what a child of a child has used', async () => {
  const busy = 'while (process.cpuUsage().user < 200_000);';
  const code = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(busy)}]); process.send('done'); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  const tree = processTree(child.pid ?? 0);
  child.kill();
  expect(cpuSeconds(tree)).toBeGreaterThan(0.15);
  expect(residentMegabytes(tree)).toBeGreaterThan(5);
});

describe('the end of work', () => {
  const samples = (...cpu: number[]) => cpu.map((cpuSeconds, i) => ({ atMs: 50 * i, cpuSeconds }));

  it('is where processor time stops to grow', () => {
    expect(quietFrom(samples(1, 1.1, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3), 150)).toBe(150);
    expect(quietFrom(samples(1, 1, 1, 1), 150)).toBe(0);
  });

  it('is not put off by a lone tick of the clock, but is by a pause that is too short', () => {
    expect(quietFrom(samples(1, 1.1, 1.1, 1.11, 1.11, 1.11), 150)).toBe(50);
    expect(quietFrom(samples(1, 1.1, 1.1, 1.1, 1.2, 1.2, 1.2, 1.2), 150)).toBe(200);
  });

  it('is unknown while work goes on, or was not watched for long enough', () => {
    expect(quietFrom(samples(1, 1.1, 1.2, 1.3, 1.4), 100)).toBeUndefined();
    expect(quietFrom(samples(1, 1), 100)).toBeUndefined();
    expect(quietFrom([], 100)).toBeUndefined();
  });
});
