import type { Scene } from './scene.ts';

/** The earlier texts of lines that were changed one for one: all that are known, as a line may be changed twice. */
export function oldTexts(scene: Scene): Map<number, Set<string>> {
  const old = new Map<number, Set<string>>();
  for (const change of scene.changes) {
    if (change.elsewhere || change.oldLines.length !== change.newLines.length) continue;
    change.oldLines.forEach((text, i) => {
      const known = old.get(change.start + i);
      if (known) known.add(text);
      else old.set(change.start + i, new Set([text]));
    });
  }
  return old;
}
