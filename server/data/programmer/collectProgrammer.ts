import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorWords } from '../../../shared/errors.ts';
import { codeLanguageOf } from '../../../shared/languageId.ts';
import { DataError } from '../dataError.ts';
import type { Assistant } from '../llm/assistant.ts';
import { DataExclusion, hideSecrets } from '../privacy.ts';
import { type Process, schemaVersion } from '../records.ts';
import type { ResumableOutput } from '../resumable.ts';
import { readSourceText } from '../sourceText.ts';
import { developmentQuestion, type Level } from './developmentQuestion.ts';

export interface ProgrammerOptions {
  readonly llm: Assistant;
  readonly levels: readonly Level[];
  /** The longest file, in UTF-16 code units. */
  readonly maxSize: number;
  readonly licence: string;
  /** Processes at most. */
  readonly limit: number;
  readonly progress?: (note: string) => void;
}

/** A file to retell: where it lies, and what it is called in records. */
export interface SourceFile {
  readonly place: string;
  readonly name: string;
}

const minSize = 100;

/**
 * The files of code among these files and in these folders, in the order of their names; links are not followed. Throws a
 * DataError for what is not there.
 */
export async function sourceFiles(places: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const place of places) {
    const status = await stat(place).catch((error: unknown) => {
      throw new DataError(`${place} cannot be read: ${systemErrorWords(error)}`);
    });
    if (!status.isDirectory()) files.push({ place, name: path.basename(place) });
    else await addFolder(place, '', files);
  }
  return files;
}

async function addFolder(root: string, inside: string, files: SourceFile[]): Promise<void> {
  const entries = await readdir(path.join(root, inside), { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== '.git') await addFolder(root, name, files);
    else if (entry.isFile() && codeLanguageOf(name) !== '') files.push({ place: path.join(root, name), name });
  }
}

/**
 * Has an LLM retell how programmers of each level would have come to each file. A file and a level are a unit. What is no
 * answer is counted, and gives no process. Secrets are hidden before anything is asked.
 */
export async function collectProgrammer(
  files: readonly SourceFile[],
  output: ResumableOutput,
  { llm, levels, maxSize, licence, limit, progress }: ProgrammerOptions,
): Promise<void> {
  const exclusion = new DataExclusion();
  let unit = 0;
  telling: for (const { place, name } of files) {
    const isOver = unit + levels.length <= output.unitsBefore;
    const text = isOver ? '' : await readFor(exclusion, place, name, maxSize);
    for (const level of levels) {
      if (output.counts.get('processes') >= limit) break telling;
      if (unit++ < output.unitsBefore) continue;
      if (typeof text !== 'string') output.counts.add(`left out: ${text.problem}`);
      else {
        const process = await retold(text, name, level, licence, llm);
        if (process) output.add(process);
        output.counts.add(process ? 'processes' : 'not retold');
      }
      await output.endUnit(() => null);
      progress?.(`${output.counts.get('processes')} processes of ${unit} tellings`);
    }
  }
  await output.checkpoint(null, true);
}

async function readFor(exclusion: DataExclusion, place: string, name: string, maxSize: number) {
  const reason = exclusion.nameReason(name);
  if (reason !== undefined) return { problem: reason.split(':')[0] ?? reason };
  const text = await readSourceText(place, maxSize);
  return typeof text === 'string' && text.length < minSize ? { problem: 'too small' } : text;
}

async function retold(
  text: string,
  name: string,
  level: Level,
  licence: string,
  llm: Assistant,
): Promise<Process | undefined> {
  const language = codeLanguageOf(name);
  const own = hideSecrets([text]);
  const [shown = ''] = own.texts;
  const told = await llm.ask(developmentQuestion(shown, language, level));
  if (!told) return undefined;
  const hidden = hideSecrets([...told.earlier, shown, told.message ?? '']);
  const snippets = hidden.texts.slice(0, -1).filter((one, i, all) => one !== all[i - 1]);
  if (snippets.length < 2) return undefined;
  const message = hidden.texts.at(-1) ?? '';
  const digest = createHash('sha256').update(`${name}\0${text}`).digest('hex').slice(0, 12);
  return {
    kind: 'process',
    version: schemaVersion,
    id: `programmer:${digest}:${level}:${llm.name}`,
    source: 'programmer',
    language,
    path: name,
    licence,
    snippets,
    ...(message === '' ? {} : { message }),
    masked: own.count + hidden.count,
  };
}
