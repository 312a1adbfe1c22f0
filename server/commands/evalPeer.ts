import * as v from 'valibot';
import { printableText } from '../../shared/printable.ts';
import { CaseFileError } from '../eval/cases.ts';
import { type PeerCase, readPeerCases } from '../eval/peer/peerCase.ts';
import { type PeerReport, peerReport, renderPeerReport } from '../eval/peer/peerReport.ts';
import type { PeerResult } from '../eval/peer/peerScore.ts';
import { askPeerCase, replayPeerCase } from '../eval/peer/runPeer.ts';
import { ProgressBar } from '../eval/progressBar.ts';
import { defaultSettings, expectedOf, mismatch, settingSchemas } from '../settings/settings.ts';
import { failure } from './failure.ts';
import { jsonText } from './jsonText.ts';
import { namedEngines } from './namedEngines.ts';

export interface PeerOptions {
  /** The engine, as the setting `engine` names it. */
  readonly engine?: string;
  /** The model, as the setting `model.name` names it. */
  readonly model?: string;
  /** Judge what models answered when the cases were recorded, instead of asking an engine. */
  readonly recorded?: boolean;
  /** At most this many cases. */
  readonly limit?: string;
  /** What came of each case too. */
  readonly verbose?: boolean;
  /** JSON instead of tables. */
  readonly json?: boolean;
}

/**
 * `eval peer`: the public evaluation of cursortab.nvim by its own rule, live or from the recorded answers. Returns the
 * process's exit code: 1 for a file that cannot be used, 2 for an option.
 */
export async function evalPeer(file: string, options: PeerOptions): Promise<number> {
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : Number(options.limit.trim() || Number.NaN);
  if (limit !== Number.POSITIVE_INFINITY && !(Number.isInteger(limit) && limit > 0)) {
    return fail(`--limit: ${mismatch('a whole number, 1 or more', options.limit)}`, 2);
  }
  if (options.recorded && (options.engine !== undefined || options.model !== undefined)) {
    return fail('--recorded judges the models that were recorded; leave out --engine and --model', 2);
  }
  const { engine: engineSchema } = settingSchemas;
  const engine = v.safeParse(engineSchema, options.engine);
  if (!engine.success) return fail(`--engine: ${mismatch(expectedOf(engineSchema), options.engine)}`, 2);
  let cases: PeerCase[];
  try {
    cases = (await readPeerCases(file)).slice(0, limit);
  } catch (error) {
    if (error instanceof CaseFileError) return fail(error.message);
    throw error;
  }
  const reports = options.recorded
    ? replayed(cases)
    : [await live(cases, { ...defaultSettings, engine: engine.output, 'model.name': options.model ?? '' })];
  if (reports.length === 0) return fail(`${file} has no recorded answers in a prompt format that is known here`);
  process.stdout.write(
    options.json ? jsonText(reports) : printableText(renderPeerReport(reports, options.verbose ?? false)),
  );
  return 0;
}

function replayed(cases: readonly PeerCase[]): PeerReport[] {
  const models = [...new Set(cases.flatMap(({ recorded }) => Object.keys(recorded)))];
  return models.flatMap((model) => {
    const results = cases.map((example) => replayPeerCase(example, model)).filter((result) => result !== undefined);
    return results.length === 0 ? [] : [peerReport(model, results)];
  });
}

async function live(cases: readonly PeerCase[], settings: Parameters<typeof namedEngines>[0]): Promise<PeerReport> {
  const [engine, ...others] = await namedEngines(settings);
  for (const other of others) await other.dispose();
  if (!engine) throw new Error('there is no engine');
  const bar = new ProgressBar(process.stderr, cases.length);
  const results: PeerResult[] = [];
  try {
    for (const [i, example] of cases.entries()) {
      results.push(...(await askPeerCase(engine, example, new AbortController().signal)));
      bar.update(i + 1, `score ${peerReport('', results).total.score.toFixed(3)}`);
    }
  } finally {
    bar.clear();
    await engine.dispose();
  }
  return peerReport(settings['model.name'] || engine.name, results);
}

function fail(message: string, code = 1): number {
  return failure('eval peer', message, code);
}
