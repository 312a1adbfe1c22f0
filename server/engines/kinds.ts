import { model } from './model/modelKind.ts';
import { pattern } from './pattern/patternKind.ts';
import { remote } from './remote/remoteKind.ts';

/**
 * All engines, in the order in which `auto` asks them. The first is always available. A new one is a folder and
 * a line here.
 */
export const engineKinds = [pattern, remote, model] as const;

type EngineName = (typeof engineKinds)[number]['name'];

export const engineNames: readonly EngineName[] = engineKinds.map(({ name }) => name);

/** Other values of the setting `engine`, and their meaning. */
export const engineAliases: ReadonlyMap<string, EngineName> = new Map(
  engineKinds.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [alias, name] as const)),
);
