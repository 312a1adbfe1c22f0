import * as v from 'valibot';
import { printableText } from '../../shared/printable.ts';
import { defaultSettings, expectedOf, mismatch, settingSchemas } from '../../shared/settings.ts';
import type { Engine } from '../engines/engine.ts';
import type { EngineSettings } from '../engines/registry.ts';
import { CaseFileError, type NextEditCase, readCases } from '../eval/cases.ts';
import { gitCases } from '../eval/gitCases.ts';
import { type CaseResult, runCase, score } from '../eval/nextEdit.ts';
import { ProgressBar } from '../eval/progressBar.ts';
import { makeReport, renderReport } from '../eval/report.ts';
import { failure } from './failure.ts';
import { jsonText } from './jsonText.ts';
import { languageIdOf } from './languageId.ts';
import { namedEngines } from './namedEngines.ts';

export interface EvalOptions {
  /** The engine, as the setting `engine` names it. */
  readonly engine?: string;
  /** The model, as the setting `model.name` names it. */
  readonly model?: string;
  /** The least confidence that counts as a prediction, 0 to 1; by default that of `pattern.minConfidence`. */
  readonly threshold?: string;
  /** Also report precision and recall at every threshold. */
  readonly curve?: boolean;
  /** At most this many cases; of a repository 200 without it. */
  readonly limit?: string;
  /** A git repository that the cases are cut from, instead of a file. */
  readonly fromGit?: string;
  /** Which of its commits. */
  readonly seed?: string;
  /** JSON instead of tables. */
  readonly json?: boolean;
}

/**
 * `eval next-edit`: runs every case of `file`, or of a repository, through an engine and prints how often its first hunk was right.
 * Returns the process's exit code: 1 for a file that cannot be used, 2 for an option.
 */
export async function evalNextEdit(file: string | undefined, options: EvalOptions): Promise<number> {
  const { engine: engineSchema, 'pattern.minConfidence': thresholdSchema } = settingSchemas;
  const engineName = v.safeParse(engineSchema, options.engine);
  if (!engineName.success) return fail(`--engine: ${mismatch(expectedOf(engineSchema), options.engine)}`, 2);
  const threshold = v.safeParse(thresholdSchema, numberOf(options.threshold));
  if (!threshold.success) return fail(`--threshold: ${mismatch(expectedOf(thresholdSchema), options.threshold)}`, 2);
  const limit = numberOf(options.limit) ?? Number.POSITIVE_INFINITY;
  if (options.limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    return fail(`--limit: ${mismatch('a whole number, 1 or more', options.limit)}`, 2);
  }
  const seed = numberOf(options.seed) ?? 1;
  if (!Number.isInteger(seed)) return fail(`--seed: ${mismatch('a whole number', options.seed)}`, 2);
  const { fromGit } = options;
  if ((file === undefined) === (fromGit === undefined))
    return fail('name a file of cases, or --from-git REPOSITORY', 2);
  let cases: NextEditCase[];
  try {
    cases =
      file !== undefined
        ? await collect(readCases(file), limit)
        : await collect(gitCases(fromGit ?? '', { languageOf: languageIdOf, seed }), Math.min(limit, maxCut(options)));
  } catch (error) {
    if (error instanceof CaseFileError) return fail(error.message);
    throw error;
  }
  if (cases.length === 0) return fail(`${file ?? fromGit} has no cases`);

  const engines: { engine: Engine; results: CaseResult[] }[] = [];
  for (const minConfidence of [threshold.output, ...(options.curve ? [0] : [])]) {
    engines.push({ engine: await makeEngine(engineName.output, options.model ?? '', minConfidence), results: [] });
  }
  const [shipped, unfiltered] = engines;
  if (!shipped) return fail('no engine');
  const bar = new ProgressBar(process.stderr, cases.length);
  const { signal } = new AbortController();
  try {
    for (const example of cases) {
      for (const { engine, results } of engines) results.push(await runCase(engine, example, signal));
      bar.update(shipped.results.length, summary(shipped.results));
    }
  } finally {
    bar.clear();
    for (const { engine } of engines) await engine.dispose();
  }
  const report = makeReport(shipped.engine.name, threshold.output, shipped.results, unfiltered?.results);
  process.stdout.write(options.json ? jsonText(report) : printableText(renderReport(report)));
  return 0;
}

/** The engine that is asked first. */
async function makeEngine(engine: EngineSettings['engine'], model: string, minConfidence: number): Promise<Engine> {
  const least = { 'pattern.minConfidence': minConfidence, 'model.minConfidence': minConfidence };
  const settings = { ...defaultSettings, engine, 'model.name': model, ...least };
  const engines = await namedEngines(settings);
  const [first, ...others] = engines;
  for (const other of others) await other.dispose();
  if (!first) throw new Error('there is no engine');
  return first;
}

/** A history could go on for hours. */
function maxCut({ limit }: EvalOptions): number {
  return limit === undefined ? 200 : Number.POSITIVE_INFINITY;
}

async function collect(source: AsyncIterable<NextEditCase>, limit: number): Promise<NextEditCase[]> {
  const cases: NextEditCase[] = [];
  for await (const example of source) {
    cases.push(example);
    if (cases.length >= limit) break;
  }
  return cases;
}

function summary(results: readonly CaseResult[]): string {
  const { precision, recall } = score(results, 0);
  return `precision ${precision.toFixed(2)} recall ${recall.toFixed(3)}`;
}

/** What an option's words say; NaN where they are no number. */
function numberOf(option: string | undefined): number | undefined {
  if (option === undefined) return undefined;
  return option.trim() === '' ? Number.NaN : Number(option);
}

function fail(message: string, code = 1): number {
  return failure('eval next-edit', message, code);
}
