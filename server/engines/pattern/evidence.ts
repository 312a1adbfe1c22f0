import type { Evidence, GeneratorKind } from './candidate.ts';
import type { Scene } from './scene.ts';

/** Evidence with default values for fields that the generator does not set. */
export function evidence(kind: GeneratorKind, scene: Scene, example: number, known: Partial<Evidence>): Evidence {
  return {
    kind,
    support: 1,
    age: scene.changes[example]?.age ?? 0,
    left: 0,
    right: 0,
    sites: 1,
    allSites: 1,
    skipped: 0,
    oldTokens: 0,
    newTokens: 0,
    likeness: 0,
    extra: 0,
    scope: 0.5,
    orphaned: false,
    declared: -1,
    inString: 0,
    inComment: 0,
    asMember: 0,
    asLabel: 0,
    ...known,
    example,
  };
}
