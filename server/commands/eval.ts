import * as v from 'valibot';
import { languageIdOf } from '../../shared/languageId.ts';
import { printableText } from '../../shared/printable.ts';
import type { Engine } from '../engines/engine.ts';
import { thresholds } from '../engines/registry.ts';
import { CaseFileError, type NextEditCase, readCases } from '../eval/cases.ts';
import { gitCases } from '../eval/gitCases.ts';
import { type CaseResult, runAll, runInTurn, score } from '../eval/nextEdit.ts';
import { ProgressBar } from '../eval/progressBar.ts';
import { type Measured, makeReport, renderReport } from '../eval/report.ts';
import { type EngineSettings, expectedOf, mismatch, settingSchemas } from '../settings/settings.ts';
import { failure } from './failure.ts';
import { givenSettings } from './givenSettings.ts';
import { jsonText } from './jsonText.ts';
import { namedEngines } from './namedEngines.ts';

export interface EvalOptions {
  /** The engine, as the setting `engine` names it. */
  readonly engine?: string;
  /** The model, as the setting `model.name` names it. */
  readonly model?: string;
  /** Other settings, each as `NAME=VALUE`. */
  readonly setting?: readonly string[];
  /**
   * The least confidence that counts as a prediction, 0 to 1; by default each engine's own, its
   * setting `minConfidence`.
   */
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
 * `eval next-edit`: runs every case of `file`, or of a repository, through the engines that `engine` names, as the server asks them, and prints
 * how often the first hunk was right.
 * Returns the process's exit code: 1 for a file that cannot be used, 2 for an option.
 */
export async function evalNextEdit(file: string | undefined, options: EvalOptions): Promise<number> {
  const { engine: engineSchema, 'pattern.minConfidence': thresholdSchema } = settingSchemas;
  const engineName = v.safeParse(engineSchema, options.engine);
  if (!engineName.success) return fail(`--engine: ${mismatch(expectedOf(engineSchema), options.engine)}`, 2);
  const threshold = v.safeParse(v.optional(thresholdSchema), numberOf(options.threshold));
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
  const given = givenSettings(options.setting);
  if (!given.settings) return fail(given.problem, 2);
  const settings: EngineSettings = {
    ...given.settings,
    ...(options.engine === undefined ? {} : { engine: engineName.output }),
    ...(options.model === undefined ? {} : { 'model.name': options.model }),
  };
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

  const least = threshold.output;
  const shipped = least === undefined ? settings : { ...settings, ...thresholds(least) };
  const bar = new ProgressBar(process.stderr, cases.length * (options.curve ? 2 : 1));
  const measured: Measured[] = [];
  const results: CaseResult[] = [];
  const unfiltered: CaseResult[] = [];
  const { signal } = new AbortController();
  try {
    await withEngines(shipped, async (engines) => {
      for (const { name, model, minConfidence = 0 } of engines) {
        measured.push({ name, ...(model ? { model: model.name } : {}), threshold: minConfidence });
      }
      for (const example of cases) {
        results.push(await runInTurn(engines, example, signal));
        bar.update(results.length, summary(results));
      }
    });
    // One after the other, for a model that is there twice may not fit.
    if (options.curve) {
      await withEngines({ ...settings, ...thresholds(0) }, async (engines) => {
        for (const example of cases) {
          unfiltered.push(await runAll(engines, example, signal));
          bar.update(cases.length + unfiltered.length, summary(results));
        }
      });
    }
  } finally {
    bar.clear();
  }
  const report = makeReport(measured, results, options.curve ? unfiltered : undefined);
  process.stdout.write(options.json ? jsonText(report) : printableText(renderReport(report)));
  return 0;
}

async function withEngines(
  settings: EngineSettings,
  use: (engines: readonly [Engine, ...Engine[]]) => Promise<void>,
): Promise<void> {
  const [first, ...others] = await namedEngines(settings);
  if (!first) throw new Error('there is no engine');
  try {
    await use([first, ...others]);
  } finally {
    for (const engine of [first, ...others]) await engine.dispose();
  }
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
