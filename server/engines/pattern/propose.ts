import type { Candidate, Generator } from './candidate.ts';
import { analogyGenerator } from './generators/analogy.ts';
import { argumentGenerator } from './generators/argument.ts';
import { insertBlockGenerator } from './generators/insertBlock.ts';
import { removedNameGenerator } from './generators/removedName.ts';
import { renameGenerator } from './generators/rename.ts';
import { replaceGenerator } from './generators/replace.ts';
import { siblingGenerator } from './generators/sibling.ts';
import type { Ranked } from './patternEngine.ts';
import type { Scene } from './scene.ts';

const generators: readonly Generator[] = [
  replaceGenerator,
  renameGenerator,
  analogyGenerator,
  insertBlockGenerator,
  siblingGenerator,
  removedNameGenerator,
  argumentGenerator,
];

/** All candidates with the confidence the ranker gives them, most confident first. */
export function propose(scene: Scene): Ranked[] {
  return collect(scene).map((candidate) => ({ ...candidate, confidence: rough(candidate, scene) }));
}

/** What the generators propose, one for each different edit. */
export function collect(scene: Scene): Candidate[] {
  const byEdit = new Map<string, Candidate>();
  for (const generate of generators) {
    scene.signal?.throwIfAborted();
    for (const candidate of generate(scene)) {
      const key = `${candidate.start}:${candidate.end}:${candidate.lines.join('\n')}`;
      const known = byEdit.get(key);
      if (!known || known.evidence.support < candidate.evidence.support) byEdit.set(key, candidate);
    }
  }
  return [...byEdit.values()];
}

function rough({ evidence, start }: Candidate, scene: Scene): number {
  const { support, left, right, skipped, oldTokens, allSites } = evidence;
  const z =
    -1.6 +
    0.9 * Math.min(support - 1, 2) +
    0.35 * Math.min(left, 4) +
    0.35 * Math.min(right, 4) +
    0.3 * Math.min(oldTokens, 3) -
    1.2 * Math.min(skipped, 2) -
    0.2 * Math.log(allSites) -
    0.4 * evidence.age -
    (start < scene.cursorLine ? 0.6 : 0);
  return 1 / (1 + Math.exp(-z));
}
