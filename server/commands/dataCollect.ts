import path from 'node:path';
import { printable } from '../../shared/printable.ts';
import { collectSessions } from '../data/collectSessions.ts';
import { DataError } from '../data/dataError.ts';
import { collectGit, gitFilters, openRepositories } from '../data/git/collectGit.ts';
import { collectProgrammer, sourceFiles } from '../data/programmer/collectProgrammer.ts';
import { type Level, levels } from '../data/programmer/developmentQuestion.ts';
import { collectSubmissions, submissionFilters } from '../data/submissions/collectSubmissions.ts';
import { UsageError } from '../models/store/storeError.ts';
import { type AssistantChoice, openAssistant } from './dataAssistant.ts';
import { dataCommand, describedFile, type OutputOptions, wholeNumberOption, written } from './dataOutput.ts';

export interface CollectGitOptions extends OutputOptions {
  readonly licence: string;
  readonly maxSize: string;
  readonly maxChangedLines: string;
  readonly maxFiles: string;
  readonly maxPerFile: string;
  readonly maxPerRepo: string;
  readonly anyMessage?: boolean;
}

/** `data collect git`. Returns the exit code. */
export function collectGitCommand(specs: readonly string[], options: CollectGitOptions): Promise<number> {
  return dataCommand('collect git', async () => {
    const filters = {
      ...gitFilters,
      licence: options.licence,
      maxSize: wholeNumberOption('--max-size', options.maxSize, gitFilters.minSize),
      maxChangedLines: wholeNumberOption('--max-changed-lines', options.maxChangedLines, 1),
      maxFiles: wholeNumberOption('--max-files', options.maxFiles, 1),
      maxPerFile: wholeNumberOption('--max-per-file', options.maxPerFile, 1),
      maxPerRepository: wholeNumberOption('--max-per-repo', options.maxPerRepo, 1),
      anyMessage: options.anyMessage === true,
    };
    const repositories = await openRepositories(specs);
    for (const { path: place, shallow } of repositories) {
      if (shallow) process.stderr.write(`${printable(place)} is a shallow clone: what came before it is not there\n`);
    }
    const settings = { command: 'collect git', filters, repositories: repositories.map(({ name }) => name) };
    return written(options, settings, async ({ output, limit, progress }) => {
      await collectGit(repositories, filters, output, { limit, progress });
      return undefined;
    });
  });
}

export interface CollectJudgeOptions extends OutputOptions {
  readonly licence: string;
  readonly maxSize: string;
  readonly maxPerProblem: string;
  readonly maxPerLanguage: string;
}

/** `data collect judge`. Returns the exit code. */
export function collectJudgeCommand(folder: string, options: CollectJudgeOptions): Promise<number> {
  return dataCommand('collect judge', async () => {
    const filters = {
      ...submissionFilters,
      licence: options.licence,
      maxSize: wholeNumberOption('--max-size', options.maxSize, 1),
      maxPerProblem: wholeNumberOption('--max-per-problem', options.maxPerProblem, 1),
      maxPerLanguage: wholeNumberOption('--max-per-language', options.maxPerLanguage, 1),
    };
    const settings = { command: 'collect judge', filters, folder: path.basename(path.resolve(folder)) };
    return written(options, settings, async ({ output, limit, progress }) => {
      await collectSubmissions(folder, filters, output, { limit, progress });
      return undefined;
    });
  });
}

export interface CollectSessionsOptions extends OutputOptions {
  readonly licence: string;
}

/** `data collect sessions`. Returns the exit code. */
export function collectSessionsCommand(files: readonly string[], options: CollectSessionsOptions): Promise<number> {
  return dataCommand('collect sessions', async () => {
    const { licence } = options;
    const settings = { command: 'collect sessions', licence, files: files.map(describedFile) };
    return written(options, settings, async ({ output, limit }) => {
      await collectSessions(files, licence, output, limit);
      return undefined;
    });
  });
}

export interface CollectProgrammerOptions extends OutputOptions, AssistantChoice {
  readonly licence: string;
  readonly levels: string;
  readonly maxSize: string;
}

/** A whole file several times over takes longer than what else an LLM is asked for, in milliseconds. */
const patienceMs = 10 * 60_000;

/** `data collect programmer`. Returns the exit code. */
export function collectProgrammerCommand(
  places: readonly string[],
  options: CollectProgrammerOptions,
): Promise<number> {
  return dataCommand('collect programmer', async () => {
    const chosen = chosenLevels(options.levels);
    const maxSize = wholeNumberOption('--max-size', options.maxSize, 1);
    const { licence } = options;
    if (options.llm === undefined) {
      throw new UsageError('--llm: an LLM is needed; name an installed model, or with --llm-url one of a server');
    }
    const files = await sourceFiles(places);
    if (files.length === 0) throw new DataError(`there is no file of code in ${places.join(', ')}`);
    const llm = await openAssistant(options, patienceMs);
    if (!llm) return 1;
    const inputs = files.map(({ place, name }) => ({ ...describedFile(place), name }));
    const settings = {
      command: 'collect programmer',
      levels: chosen,
      maxSize,
      licence,
      llm: options.llm,
      files: inputs,
    };
    try {
      return await written(options, settings, async ({ output, limit, progress }) => {
        await collectProgrammer(files, output, { llm, levels: chosen, maxSize, licence, limit, progress });
        return llm.counts.toJSON();
      });
    } finally {
      await llm.dispose();
    }
  });
}

function chosenLevels(value: string): Level[] {
  return value.split(',').map((name) => {
    const level = levels.find((one) => one === name.trim());
    if (level) return level;
    throw new UsageError(`--levels: should be some of ${levels.join(',')}, not "${name}"`);
  });
}
