import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** Why `dist/` in `folder` is not what its sources would give now, in one sentence that says what to do; undefined where it is. */
export function staleness(folder: string): string | undefined {
  let sources: Record<string, string>;
  try {
    sources = JSON.parse(readFileSync(path.join(folder, 'dist/sources.json'), 'utf8'));
  } catch {
    return 'there is no whole dist/: run `npm run build`, then the test again';
  }
  const changed = Object.entries(sources).flatMap(([file, hash]) =>
    hashOf(path.join(folder, file)) === hash ? [] : [file],
  );
  if (changed.length === 0) return undefined;
  const others = changed.length > 1 ? ` and ${changed.length - 1} more` : '';
  return `dist/ is older than its sources (${changed[0]}${others}): run \`npm run build\`, then the test again`;
}

function hashOf(file: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return undefined;
  }
}

/** The path of a file of the built program. Throws where `dist/` is not there or was built from other sources. */
export function built(name: 'main.js' | 'modelHost.js'): string {
  const problem = staleness(root);
  if (problem !== undefined) throw new Error(problem);
  return path.join(root, 'dist', name);
}
