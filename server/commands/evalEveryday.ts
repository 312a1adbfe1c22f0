import { printableText } from '../../shared/printable.ts';
import { CaseFileError } from '../eval/cases.ts';
import { readEverydayCases } from '../eval/everyday/caseFile.ts';
import type { EverydayCase } from '../eval/everyday/everydayCase.ts';
import { everydayScore, makeEverydayReport, renderEverydayReport } from '../eval/everyday/everydayReport.ts';
import { type PlayedCase, playCase } from '../eval/everyday/play.ts';
import { inParallel } from '../eval/inParallel.ts';
import { ProgressBar } from '../eval/progressBar.ts';
import { mismatch, readSettings } from '../settings/settings.ts';
import { failure } from './failure.ts';
import { givenSettings } from './givenSettings.ts';
import { jsonText } from './jsonText.ts';

export interface EverydayOptions {
  /** Only the cases of this kind or language, or whose id begins so. */
  readonly only?: string;
  /** Which engine answers; by default the embedded one, and where a model is named, both. */
  readonly engine?: string;
  readonly model?: string;
  /** `NAME=VALUE`. */
  readonly setting?: readonly string[];
  /** How many servers run at the same time. */
  readonly jobs?: string;
  /** Also ask after every key. */
  readonly typing?: boolean;
  /** JSON instead of tables. */
  readonly json?: boolean;
}

/**
 * `eval everyday`: plays every case over the real server, as a user who types and accepts what is right would, and prints
 * how often that was offered. Returns the process's exit code: 1 for a file that cannot be used and where the server
 * failed, 2 for an option.
 */
export async function evalEveryday(file: string, options: EverydayOptions): Promise<number> {
  const { only, typing = false } = options;
  const jobs = Number(options.jobs ?? 2);
  if (!(Number.isInteger(jobs) && jobs > 0))
    return fail(`--jobs: ${mismatch('a whole number, 1 or more', options.jobs)}`, 2);
  const given = givenSettings(options.setting);
  if (!given.settings) return fail(given.problem, 2);
  const { engine = options.model === undefined ? 'pattern' : 'auto', model = given.settings['model.name'] } = options;
  const chosen = readSettings({ engine, 'model.name': model });
  if (chosen.problems[0] !== undefined) return fail(chosen.problems[0], 2);
  const settings = { ...given.settings, engine: chosen.settings.engine, 'model.name': model };
  let cases: EverydayCase[];
  try {
    cases = (await readEverydayCases(file)).filter((one) => only === undefined || isMeant(one, only));
  } catch (error) {
    if (error instanceof CaseFileError) return fail(error.message);
    throw error;
  }
  if (cases.length === 0)
    return fail(only === undefined ? `${file} has no cases` : `${file} has no cases for --only ${only}`);

  const bar = new ProgressBar(process.stderr, cases.length);
  const played: PlayedCase[] = [];
  try {
    await inParallel(cases, jobs, async (example, i) => {
      played[i] = await playCase(example, typing, settings);
      const done = Object.values(played);
      bar.update(done.length, summary(done));
    });
  } finally {
    bar.clear();
  }
  const report = makeEverydayReport(played);
  process.stdout.write(options.json ? jsonText(report) : printableText(renderEverydayReport(report)));
  return report.total.failed > 0 ? 1 : 0;
}

function isMeant({ id, kind, lang }: EverydayCase, only: string): boolean {
  return only === kind || only === lang || id.startsWith(only);
}

function summary(played: readonly PlayedCase[]): string {
  const { precision, recall } = everydayScore(played);
  return `precision ${precision?.toFixed(2) ?? '–'} recall ${recall?.toFixed(2) ?? '–'}`;
}

function fail(message: string, code = 1): number {
  return failure('eval everyday', message, code);
}
