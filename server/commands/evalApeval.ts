import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { promptFormatNames } from '../../shared/conversation/formats.ts';
import { errorText } from '../../shared/errors.ts';
import { printableText } from '../../shared/printable.ts';
import { makeApevalReport, renderApevalReport } from '../eval/apeval/apevalReport.ts';
import { checkHarness, renderHarnessCheck } from '../eval/apeval/check.ts';
import { compareRuns, renderComparison } from '../eval/apeval/compare.ts';
import { type ApevalTask, readApeval, type TaskType, taskTypes } from '../eval/apeval/dataset.ts';
import { findPython, NoPython } from '../eval/apeval/harness.ts';
import { draw, measureTasks } from '../eval/apeval/measureTasks.ts';
import { type Mode, modes, RunFolder, type RunSpec } from '../eval/apeval/runFolder.ts';
import { engineSubject, NoModel, openModel, openRemote, type Subject } from '../eval/apeval/subject.ts';
import { CaseFileError } from '../eval/cases.ts';
import { inParallel } from '../eval/inParallel.ts';
import { ProgressBar } from '../eval/progressBar.ts';
import { defaultSettings, expectedOf, mismatch, settingSchemas } from '../settings/settings.ts';
import { failure } from './failure.ts';
import { givenSettings } from './givenSettings.ts';
import { jsonText } from './jsonText.ts';
import { interruptible } from './model/interruptible.ts';
import { namedEngines } from './namedEngines.ts';

export interface ApevalOptions {
  /** HumanEval's file. */
  readonly problems?: string;
  /** EvalPlus's file. */
  readonly evalplus?: string;
  readonly engine?: string;
  /** NAME=VALUE, several times: which server, for the engine `remote`. */
  readonly setting?: readonly string[];
  readonly model?: string;
  /** `paper`, `user` or `both`. */
  readonly mode?: string;
  readonly format?: string;
  readonly targetArea?: boolean;
  readonly window?: string;
  readonly maxTokens?: string;
  readonly types?: string;
  readonly limit?: string;
  readonly seed?: string;
  readonly jobs?: string;
  /** Where the run is kept. */
  readonly run?: string;
  /** Two runs to put side by side instead of running. */
  readonly compare?: readonly string[];
  /** Tests the tests instead of an engine. */
  readonly check?: boolean;
  readonly json?: boolean;
}

/** What was asked wrongly, as against what cannot be done. */
class UsageError extends Error {}

/**
 * `eval apeval`: asks an engine about the tasks of APEval, tests its code and prints Pass@1 beside the paper's. What is in
 * the run's folder already is not done again. Returns the process's exit code: 1 for what cannot be done, 2 for an
 * option, 130 where it was interrupted.
 */
export async function evalApeval(dataset: string | undefined, options: ApevalOptions): Promise<number> {
  try {
    if (options.compare) return await compare(options.compare, options);
    if (dataset === undefined) throw new UsageError('name the dataset, apeval.json of the CursorCore repository');
    const { problems } = options;
    if (problems === undefined) throw new UsageError("--problems: name HumanEval's file, HumanEval.jsonl.gz");
    const tasks = await readApeval(dataset, problems, options.evalplus);
    const chosen = chosenTasks(tasks, options);
    if (options.check) return await check(chosen, options);
    return await run(chosen, { dataset, problems, ...options });
  } catch (error) {
    if (error instanceof UsageError) return failure('eval apeval', error.message, 2);
    const expected = [CaseFileError, NoPython, NoModel].some((kind) => error instanceof kind);
    if (expected && error instanceof Error) return failure('eval apeval', error.message);
    throw error;
  }
}

async function compare(runs: readonly string[], { json }: ApevalOptions): Promise<number> {
  const [a, b, ...more] = runs;
  if (a === undefined || b === undefined || more.length > 0) throw new UsageError('--compare: name two runs');
  const [first, second] = [await RunFolder.read(a), await RunFolder.read(b)];
  const comparison = compareRuns(
    { spec: first.spec, records: await first.records() },
    { spec: second.spec, records: await second.records() },
  );
  if (Object.keys(comparison.modes).length === 0) throw new CaseFileError('the two runs have no task in common');
  process.stdout.write(json ? jsonText(comparison) : printableText(renderComparison(comparison)));
  return 0;
}

async function check(tasks: readonly ApevalTask[], options: ApevalOptions): Promise<number> {
  const bar = new ProgressBar(process.stderr, 3 * tasks.length);
  try {
    const result = await checkHarness(tasks, findPython(), wholeNumber('jobs', options.jobs ?? '2'), (done) =>
      bar.update(done, 'solutions'),
    );
    bar.clear();
    process.stdout.write(options.json ? jsonText(result) : printableText(renderHarnessCheck(result)));
    return result.canonical.failed.length === 0 && result.wrong.passed.length === 0 ? 0 : 1;
  } finally {
    bar.clear();
  }
}

interface Files {
  readonly dataset: string;
  readonly problems: string;
}

async function run(tasks: readonly ApevalTask[], options: ApevalOptions & Files): Promise<number> {
  const python = findPython();
  const jobs = wholeNumber('jobs', options.jobs ?? '2');
  const maxTokens = wholeNumber('max-tokens', options.maxTokens ?? '3072');
  const window = options.window === undefined ? undefined : wholeNumber('window', options.window);
  const mode = oneOf('mode', [...modes, 'both'] as const, options.mode ?? 'both');
  const named = options.format === undefined ? undefined : oneOf('format', promptFormatNames, options.format);
  const subject = await openSubject(options);
  try {
    const format = named ?? subject.format;
    if (mode === 'paper' && !subject.ask)
      throw new UsageError(`--mode: the engine ${subject.engine} takes no prompts; only "user" is to be had`);
    const asked: readonly Mode[] = (mode === 'both' ? modes : [mode]).filter((one) => one === 'user' || subject.ask);
    const targetArea = options.targetArea ?? false;
    const spec: RunSpec = {
      version: 1,
      dataset: await digest(options.dataset),
      problems: await digest(options.problems),
      ...(options.evalplus === undefined ? {} : { evalPlus: await digest(options.evalplus) }),
      engine: subject.engine,
      ...(subject.model && { model: subject.model }),
      ...(format && subject.ask && { format }),
      targetArea,
      ...(window !== undefined && { window }),
      maxTokens,
    };
    const folder = await RunFolder.open(options.run ?? defaultFolder(spec), spec);
    const measuring = { python, maxTokens, targetArea, format: format ?? 'fewShotInstruct', ...(window && { window }) };
    const ended = await complete(folder, tasks, { asked, subject, jobs, measuring });
    const ids = new Set(tasks.map(({ id }) => id));
    const records = (await folder.records()).filter((one) => ids.has(one.id) && asked.includes(one.mode));
    if (ended !== undefined) return failure('eval apeval', `${ended}; what is done is kept in ${folder.folder}`, 130);
    const report = makeApevalReport(folder.spec, records);
    process.stdout.write(options.json ? jsonText(report) : printableText(renderApevalReport(report)));
    if (!options.json) process.stdout.write(printableText(`Prompts, answers, code and verdicts: ${folder.folder}\n`));
    return 0;
  } finally {
    await subject.dispose();
  }
}

interface Work {
  readonly asked: readonly Mode[];
  readonly subject: Subject;
  readonly jobs: number;
  readonly measuring: Parameters<typeof measureTasks>[3];
}

/** Does what the folder lacks. What stopped it, where it was not done. */
async function complete(folder: RunFolder, tasks: readonly ApevalTask[], work: Work): Promise<string | undefined> {
  const { asked, subject, jobs, measuring } = work;
  const done = new Map((await folder.records()).map(({ id, mode, base }) => [`${mode} ${id}`, base.passed]));
  const all = tasks.flatMap((task) => asked.map((mode) => ({ task, mode, key: `${mode} ${task.id}` })));
  const passed = () => all.filter(({ key }) => done.get(key)).length;
  const finished = () => all.filter(({ key }) => done.has(key)).length;
  const bar = new ProgressBar(process.stderr, all.length);
  try {
    await interruptible('interrupted', (signal) =>
      inParallel(
        all.filter(({ key }) => !done.has(key)),
        jobs,
        async ({ task, mode, key }) => {
          signal.throwIfAborted();
          const record = await measureTasks(task, mode, subject, measuring, signal);
          await folder.save(record);
          done.set(key, record.base.passed);
          bar.update(finished(), `right ${passed()}`);
        },
      ),
    );
    return undefined;
  } catch (error) {
    if (error instanceof CaseFileError) throw error;
    const text = errorText(error).replace(/^(Error|EngineError|HostDied|Interrupted): /, '');
    return text;
  } finally {
    bar.clear();
  }
}

/** The model that is named, or the one the server would take; another engine where one is named. */
async function openSubject({ engine, model, setting = [] }: ApevalOptions): Promise<Subject> {
  const given = givenSettings(setting);
  if (!given.settings) throw new UsageError(given.problem);
  if (engine !== 'remote' && setting.length > 0) {
    throw new UsageError('--setting: only for --engine remote; the other engines are measured as they come');
  }
  if (engine === undefined) return openModel(model ?? '');
  const known = v.safeParse(settingSchemas.engine, engine);
  if (!known.success) throw new UsageError(`--engine: ${mismatch(expectedOf(settingSchemas.engine), engine)}`);
  if (known.output === 'model') return openModel(model ?? '');
  if (known.output === 'remote') return openRemote(given.settings);
  const settings = { ...defaultSettings, engine: known.output, 'model.name': model ?? '' };
  return engineSubject(await namedEngines(settings));
}

function defaultFolder({ engine, model, format, targetArea, window }: RunSpec): string {
  const parts = [
    ...(model ? [model.name, model.precision] : [engine]),
    ...(format ? [format] : []),
    ...(targetArea ? ['area'] : []),
    ...(window === undefined ? [] : [`window${window}`]),
  ];
  return path.join('apeval-runs', parts.join('-').replaceAll(/[^\w.-]+/g, '_'));
}

function chosenTasks(tasks: readonly ApevalTask[], { types, limit, seed }: ApevalOptions): ApevalTask[] {
  const count = limit === undefined ? undefined : wholeNumber('limit', limit);
  const chosen = draw(tasks, types === undefined ? taskTypes : typesOf(types), count, wholeNumber('seed', seed ?? '1'));
  if (chosen.length === 0) throw new CaseFileError('the dataset has no such tasks');
  return chosen;
}

/** `C H,C`, or `C,HC`, or `"H,C" CU`: blanks between types, commas where no type has one. */
function typesOf(words: string): TaskType[] {
  const short = (type: string) => type.replaceAll(',', '');
  const typeOf = (word: string) => taskTypes.find((type) => type === word || short(type) === word.toUpperCase());
  const found = words
    .split(/[\s;]+/)
    .filter((word) => word !== '')
    .flatMap((word) => typeOf(word) ?? word.split(',').map(typeOf));
  const types = taskTypes.filter((type) => found.includes(type));
  if (found.includes(undefined) || types.length === 0) {
    throw new UsageError(`--types: ${mismatch('some of "C H,C C,U H,C,U" with blanks between them', words)}`);
  }
  return types;
}

function wholeNumber(option: string, value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number > 0) return number;
  throw new UsageError(`--${option}: ${mismatch('a whole number, 1 or more', value)}`);
}

function oneOf<const T extends string>(option: string, known: readonly T[], value: string): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--${option}: ${mismatch(`one of ${known.join(', ')}`, value)}`);
  return found;
}

async function digest(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}
