import { printable } from '../../shared/printable.ts';
import type { Engine } from '../engines/engine.ts';
import { createEngines } from '../engines/registry.ts';
import type { EngineSettings } from '../settings/settings.ts';

/**
 * The engines for a command. Rejects where they are not those that were asked for: what another engine says, under the
 * name of the one that was named, would mislead a script.
 */
export async function namedEngines(settings: EngineSettings): Promise<readonly Engine[]> {
  const say = (message: string) => void process.stderr.write(`${printable(message)}\n`);
  const { engines, notices, problem } = await createEngines(settings, { log: () => {}, notify: say });
  const isNamed = settings.engine !== 'auto' || settings['model.name'] !== '' || settings['remote.url'] !== '';
  if (problem !== undefined && isNamed) {
    for (const engine of engines) await engine.dispose();
    throw new Error(problem);
  }
  for (const notice of notices) say(notice);
  return engines;
}
