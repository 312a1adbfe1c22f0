import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorWords } from '../../../shared/errors.ts';
import { codeLanguageOf } from '../../../shared/languageId.ts';
import { DataError, type Tally } from '../dataError.ts';
import { hideSecrets } from '../privacy.ts';
import { type Process, schemaVersion } from '../records.ts';
import type { ResumableOutput } from '../resumable.ts';
import { alike, readSourceText } from '../sourceText.ts';
import { parseCsv } from './csv.ts';
import { statementOf } from './statement.ts';

export interface SubmissionFilters {
  /** UTF-16 code units of a submission. */
  readonly maxSize: number;
  readonly maxPerProblem: number;
  readonly maxPerLanguage: number;
  /** How many of the lines of the accepted submission and of one before it are alike at least, 0 to 1. */
  readonly minAlike: number;
  readonly licence: string;
}

export const submissionFilters: SubmissionFilters = {
  maxSize: 24_000,
  maxPerProblem: 50,
  maxPerLanguage: 10,
  minAlike: 0.5,
  licence: 'unknown',
};

interface Submission {
  readonly id: string;
  readonly user: string;
  readonly date: number;
  readonly language: string;
  readonly extension: string;
  readonly accepted: boolean;
}

/** Metadata of one problem is read as a whole; a table longer than this is none, in bytes. */
const maxTable = 512 * 1024 * 1024;
const plainName = /^[\w.+#-]+$/;
const columns = ['submission_id', 'user_id', 'date', 'language', 'filename_ext', 'status'];

/**
 * Writes the processes of a folder laid out as CodeNet is: `metadata/PROBLEM.csv`, `data/PROBLEM/LANGUAGE/SUBMISSION.EXT`,
 * and `problem_descriptions/PROBLEM.html` where there are any. A process is what one user sent in for one problem, up to
 * the first that was accepted. One problem is one unit. Throws a DataError where the folder is not laid out so.
 */
export async function collectSubmissions(
  folder: string,
  filters: SubmissionFilters,
  output: ResumableOutput,
  { limit, progress }: { readonly limit: number; readonly progress?: (note: string) => void },
): Promise<void> {
  const { counts } = output;
  for (const [index, problem] of (await problemsOf(folder)).entries()) {
    if (index < output.unitsBefore) continue;
    if (counts.get('processes') >= limit) break;
    const table = await readTable(folder, problem);
    if (typeof table === 'string') counts.add(`problem left out: ${table}`);
    else await takeProblem(folder, problem, table, filters, output);
    counts.add('problems');
    await output.endUnit(() => null);
    progress?.(`${problem}: ${counts.get('processes')} processes`);
  }
  await output.checkpoint(null, true);
}

async function problemsOf(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'metadata')).catch((error: unknown) => {
    throw new DataError(
      `${join(folder, 'metadata')} cannot be read: ${systemErrorWords(error)}; the folder should be laid out as CodeNet is (docs/data.md)`,
    );
  });
  const problems = names.filter((name) => name.endsWith('.csv') && name !== 'problem_list.csv' && plainName.test(name));
  return problems.map((name) => name.slice(0, -'.csv'.length)).sort();
}

/** The submissions of a problem, or why they cannot be read. */
async function readTable(folder: string, problem: string): Promise<Submission[] | string> {
  const file = join(folder, 'metadata', `${problem}.csv`);
  try {
    const { size } = await stat(file);
    if (size > maxTable) return 'its table is too large';
    const [heads = [], ...rows] = parseCsv(await readFile(file, 'utf8'));
    const places = columns.map((name) => heads.indexOf(name));
    if (places.includes(-1)) return 'its table has not the columns that CodeNet has';
    return rows.flatMap((row) => {
      const [id = '', user = '', date = '', language = '', extension = '', status = ''] = places.map(
        (at) => row[at] ?? '',
      );
      // They become names of files.
      if (![id, language, extension].every((name) => plainName.test(name) && !name.startsWith('.'))) return [];
      return [{ id, user, date: Number(date), language, extension, accepted: status === 'Accepted' }];
    });
  } catch (error) {
    return `its table cannot be read: ${systemErrorWords(error)}`;
  }
}

async function takeProblem(
  folder: string,
  problem: string,
  table: readonly Submission[],
  filters: SubmissionFilters,
  output: ResumableOutput,
): Promise<void> {
  const { counts } = output;
  const statement = await statementOf(join(folder, 'problem_descriptions', `${problem}.html`));
  const perLanguage = new Map<string, number>();
  let taken = 0;
  for (const [user, submissions] of [...byUser(table)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (taken >= filters.maxPerProblem) return;
    const chosen = untilAccepted(submissions, counts);
    if (!chosen) continue;
    const { language } = chosen[0] as Submission;
    if ((perLanguage.get(language) ?? 0) >= filters.maxPerLanguage) continue;
    const process = await readProcess(folder, problem, user, chosen, statement, filters);
    if (typeof process === 'string') {
      counts.add(`left out: ${process}`);
      continue;
    }
    output.add(process);
    counts.add('processes');
    counts.add('secrets hidden', process.masked);
    perLanguage.set(language, (perLanguage.get(language) ?? 0) + 1);
    taken++;
  }
}

function byUser(table: readonly Submission[]): Map<string, Submission[]> {
  const users = new Map<string, Submission[]>();
  for (const submission of table) {
    const known = users.get(submission.user);
    if (known) known.push(submission);
    else users.set(submission.user, [submission]);
  }
  return users;
}

/** A user's submissions in time order up to the first that was accepted; undefined where they make no process. */
function untilAccepted(submissions: readonly Submission[], counts: Tally): Submission[] | undefined {
  if (new Set(submissions.map(({ language }) => language)).size > 1) {
    counts.add('left out: sent in in several languages');
    return undefined;
  }
  const sorted = [...submissions].sort((a, b) => a.date - b.date || (a.id < b.id ? -1 : 1));
  const end = sorted.findIndex(({ accepted }) => accepted);
  if (end < 1) counts.add(end < 0 ? 'left out: never accepted' : 'left out: accepted at once');
  return end < 1 ? undefined : sorted.slice(0, end + 1);
}

async function readProcess(
  folder: string,
  problem: string,
  user: string,
  submissions: readonly Submission[],
  statement: string | undefined,
  { maxSize, minAlike, licence }: SubmissionFilters,
): Promise<Process | string> {
  const texts: string[] = [];
  for (const { id, language, extension } of submissions) {
    const text = await readSourceText(join(folder, 'data', problem, language, `${id}.${extension}`), maxSize);
    if (typeof text !== 'string') return text.problem === 'missing' ? 'a submission is missing' : text.problem;
    if (text !== texts.at(-1)) texts.push(text);
  }
  const hidden = hideSecrets(texts);
  const snippets = hidden.texts.filter((text, i) => text !== hidden.texts[i - 1]);
  const last = snippets.at(-1) ?? '';
  if (snippets.length < 2 || last.trim().split('\n').length < 2) return 'changes nothing, or is one line';
  if (!snippets.slice(0, -1).some((text) => alike(text, last) >= minAlike)) return 'was written anew';
  const [{ extension = '' } = {}] = submissions;
  const path = `${problem}.${extension}`;
  return {
    kind: 'process',
    version: schemaVersion,
    id: `judge:${problem}:${user}`,
    source: 'judge',
    language: codeLanguageOf(path),
    path,
    licence,
    snippets,
    ...(statement === undefined ? {} : { message: statement }),
    masked: hidden.count,
  };
}
