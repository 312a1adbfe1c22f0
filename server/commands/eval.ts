import * as v from 'valibot';
import { printableText } from '../../shared/printable.ts';
import type { Engine } from '../engines/engine.ts';
import { engineNames } from '../engines/kinds.ts';
import { CaseFileError, type NextEditCase, readCases } from '../eval/cases.ts';
import { type CaseResult, runCase, score } from '../eval/nextEdit.ts';
import { ProgressBar } from '../eval/progressBar.ts';
import { makeReport, renderReport } from '../eval/report.ts';
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
  /** The least confidence that counts as a prediction, 0 to 1; by default that of `pattern.minConfidence`. */
  readonly threshold?: string;
  /** Also report precision and recall at every threshold. */
  readonly curve?: boolean;
  /** At most this many cases. */
  readonly limit?: string;
  /** JSON instead of tables. */
  readonly json?: boolean;
}

/**
 * `eval next-edit`: runs every case of `file` through an engine and prints how often its first hunk was right.
 * Returns the process's exit code: 1 for a file that cannot be used, 2 for an option.
 */
export async function evalNextEdit(file: string, options: EvalOptions): Promise<number> {
  const { engine: engineSchema, 'pattern.minConfidence': thresholdSchema } = settingSchemas;
  const engineName = v.safeParse(engineSchema, options.engine);
  if (!engineName.success) return fail(`--engine: ${mismatch(expectedOf(engineSchema), options.engine)}`, 2);
  const threshold = v.safeParse(thresholdSchema, numberOf(options.threshold));
  if (!threshold.success) return fail(`--threshold: ${mismatch(expectedOf(thresholdSchema), options.threshold)}`, 2);
  const limit = numberOf(options.limit) ?? Number.POSITIVE_INFINITY;
  if (options.limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    return fail(`--limit: ${mismatch('a whole number, 1 or more', options.limit)}`, 2);
  }
  const given = givenSettings(options.setting);
  if (!given.settings) return fail(given.problem, 2);
  const settings: EngineSettings = {
    ...given.settings,
    ...(options.engine === undefined ? {} : { engine: engineName.output }),
    ...(options.model === undefined ? {} : { 'model.name': options.model }),
  };
  let cases: NextEditCase[];
  try {
    cases = await collectCases(file, limit);
  } catch (error) {
    if (error instanceof CaseFileError) return fail(error.message);
    throw error;
  }
  if (cases.length === 0) return fail(`${file} has no cases`);

  const engines: { engine: Engine; results: CaseResult[] }[] = [];
  for (const minConfidence of [threshold.output, ...(options.curve ? [0] : [])]) {
    engines.push({ engine: await makeEngine(settings, minConfidence), results: [] });
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
async function makeEngine(settings: EngineSettings, minConfidence: number): Promise<Engine> {
  const leasts = Object.fromEntries(engineNames.map((name) => [`${name}.minConfidence`, minConfidence]));
  const engines = await namedEngines({ ...settings, ...leasts });
  const [first, ...others] = engines;
  for (const other of others) await other.dispose();
  if (!first) throw new Error('there is no engine');
  return first;
}

async function collectCases(file: string, limit: number): Promise<NextEditCase[]> {
  const cases: NextEditCase[] = [];
  for await (const example of readCases(file)) {
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
