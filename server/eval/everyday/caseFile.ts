import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { systemErrorWords } from '../../../shared/errors.ts';
import { CaseFileError, parseJson } from '../caseLines.ts';
import { utf16Offset } from '../cases.ts';
import { parseCases } from './caseFormat.ts';
import { applyChange, type EverydayCase, everydayCaseSchema, inconsistency } from './everydayCase.ts';

/**
 * The cases of a folder of `.cases` files, of one such file, whose name is the kind of its cases, or of a `.jsonl` file,
 * whose offsets are in code points. Throws a CaseFileError that names the file and the line.
 */
export async function readEverydayCases(path: string): Promise<EverydayCase[]> {
  const cases = (await filesOf(path)).map(async (file) => {
    const text = await readFile(file, 'utf8').catch(unreadable(file));
    return extname(file) === '.cases' ? parseCases(text, basename(file, '.cases'), file) : parseJsonLines(text, file);
  });
  const all = (await Promise.all(cases)).flat();
  const ids = new Set<string>();
  for (const { id } of all) {
    if (ids.has(id)) throw new CaseFileError(`${path}: two cases have the id ${id}`);
    ids.add(id);
  }
  return all;
}

async function filesOf(path: string): Promise<string[]> {
  const stats = await stat(path).catch(unreadable(path));
  if (stats.isDirectory()) {
    const names = (await readdir(path)).filter((name) => name.endsWith('.cases')).sort();
    if (names.length === 0) throw new CaseFileError(`${path} has no .cases files`);
    return names.map((name) => join(path, name));
  }
  if (!path.endsWith('.cases') && !path.endsWith('.jsonl')) {
    throw new CaseFileError(`${path} is neither a .cases nor a .jsonl file, nor a folder`);
  }
  return [path];
}

const unreadable = (file: string) => (error: unknown) => {
  throw new CaseFileError(`${file} cannot be read: ${systemErrorWords(error)}`);
};

function parseJsonLines(text: string, file: string): EverydayCase[] {
  return text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [parseJsonCase(line, `${file}:${i + 1}`)]));
}

function parseJsonCase(line: string, where: string): EverydayCase {
  const example = inUtf16(parseJson(everydayCaseSchema, line, where));
  const problem = inconsistency(example);
  if (problem !== undefined) throw new CaseFileError(`${where}: ${problem}`);
  return example;
}

function inUtf16(example: EverydayCase): EverydayCase {
  const { before, after, cursor, steps, sites } = example;
  const moved = <T extends { start: number; end: number }>(text: string, range: T): T => ({
    ...range,
    start: utf16Offset(text, range.start),
    end: utf16Offset(text, range.end),
  });
  let text = before;
  const movedSteps = steps.map((step) =>
    step.map((change) => {
      const result = moved(text, change);
      text = applyChange(text, result);
      return result;
    }),
  );
  return {
    ...example,
    steps: movedSteps,
    cursor: utf16Offset(after, cursor),
    sites: sites.map((site) => moved(after, site)),
  };
}
