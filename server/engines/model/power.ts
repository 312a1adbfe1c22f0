import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';

/** Where Linux tells of batteries and power supplies, a folder each. */
const powerSupplies = '/sys/class/power_supply';
/** Processes that want to run, for each processor, from which on a machine counts as busy; a model's threads are among them. */
const busyLoad = 1.5;

/** Whether the machine has no power, or no time, to spare: it runs on battery (as far as Linux tells), or is busy. */
export async function isScarce(folder = powerSupplies): Promise<boolean> {
  const [load = 0] = loadavg();
  return load > busyLoad * availableParallelism() || (await isOnBattery(folder));
}

/** Whether some battery discharges. A mouse or a headset has one, too, of the scope "Device". */
export async function isOnBattery(folder = powerSupplies): Promise<boolean> {
  try {
    for (const supply of await readdir(folder)) {
      const read = (name: string) =>
        readFile(path.join(folder, supply, name), 'utf8').then(
          (text) => text.trim(),
          () => '',
        );
      const [type, status, scope] = await Promise.all([read('type'), read('status'), read('scope')]);
      if (type === 'Battery' && status === 'Discharging' && scope !== 'Device') return true;
    }
  } catch {
    // Other systems have no such folder.
  }
  return false;
}
