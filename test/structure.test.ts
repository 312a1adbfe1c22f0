import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

interface Source {
  /** Relative to the repository, with forward slashes. */
  readonly file: string;
  readonly imports: readonly string[];
  readonly exported: readonly string[];
}

/** Every source, with the files that it imports at once, types included, and what it exports by a declaration. */
function readSources(): Source[] {
  return ['server', 'shared'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => {
        const file = path.posix.join(folder, name.split(path.sep).join('/'));
        const text = readFileSync(file, 'utf8');
        const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '(\.[^']*)'/gm)].map(([, from = '']) =>
          path.posix.join(path.posix.dirname(file), from),
        );
        const declared = /^export (?:async )?(?:interface|type|class|function\*?|const) (\w+)/gm;
        // The text of a demo's session holds code too.
        const exported = file.includes('/demo/sessions/')
          ? []
          : [...text.matchAll(declared)].map(([, one = '']) => one);
        return { file, imports, exported };
      }),
  );
}

const sources = readSources();

function twice(entries: readonly (readonly [name: string, file: string])[]): string[] {
  const files = new Map<string, string[]>();
  for (const [name, file] of entries) files.set(name, [...(files.get(name) ?? []), file]);
  return [...files].filter(([, places]) => places.length > 1).map(([name, places]) => `${name}: ${places.join(', ')}`);
}

/** The files of one import circle, if there is any. */
function findCircle(): string[] | undefined {
  const imports = new Map(sources.map((source) => [source.file, source.imports]));
  const done = new Set<string>();
  const visit = (file: string, above: readonly string[]): string[] | undefined => {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const imported of imports.get(file) ?? []) {
      const circle = visit(imported, [...above, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const { file } of sources) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}

describe('the sources', () => {
  it('have no file name and no exported name that stands for two things', () => {
    expect(sources.length).toBeGreaterThan(300);
    expect(twice(sources.map(({ file }) => [path.posix.basename(file), file]))).toEqual([]);
    expect(twice(sources.flatMap(({ file, exported }) => exported.map((name) => [name, file] as const)))).toEqual([]);
  });

  it('import each other in no circle, and `shared` nothing of the server', () => {
    expect(findCircle()).toBeUndefined();
    const up = sources.filter(
      ({ file, imports }) => file.startsWith('shared/') && imports.some((one) => !one.startsWith('shared/')),
    );
    expect(up.map(({ file }) => file)).toEqual([]);
  });
});
