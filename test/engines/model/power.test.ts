import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isOnBattery } from '../../../server/engines/model/power.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cursorcore-power-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function supply(name: string, facts: Readonly<Record<string, string>>): void {
  mkdirSync(path.join(folder, name));
  for (const [fact, value] of Object.entries(facts)) writeFileSync(path.join(folder, name, fact), `${value}\n`);
}

it('knows a laptop on battery by its discharging battery', async () => {
  supply('AC', { type: 'Mains', online: '0' });
  supply('BAT0', { type: 'Battery', status: 'Discharging' });
  expect(await isOnBattery(folder)).toBe(true);
});

it('takes no charged battery, no mouse and no machine without any for one', async () => {
  supply('AC', { type: 'Mains', online: '1' });
  supply('BAT0', { type: 'Battery', status: 'Not charging' });
  supply('hidpp_battery_0', { type: 'Battery', status: 'Discharging', scope: 'Device' });
  expect(await isOnBattery(folder)).toBe(false);
  expect(await isOnBattery(path.join(folder, 'nowhere'))).toBe(false);
});
