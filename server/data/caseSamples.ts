import { type NextEditCase, readCases, utf16Offset } from '../eval/cases.ts';
import { nextText } from '../eval/survival.ts';
import { maskSecrets } from './privacy.ts';
import { Random } from './random.ts';
import { type Sample, schemaVersion, unjudged } from './records.ts';
import type { ResumableOutput } from './resumable.ts';
import { doneElsewhere, foreseenText, halfTyped } from './sampleVariants.ts';

export interface CaseSampleOptions {
  /** The most cases of one `set` that are taken of one file; which, depends on the seed and their ids. */
  readonly perSet: number;
  /** How many of the cases in which nothing remains become samples, 0 to 1. */
  readonly silence: number;
  /** Whether only those of the remaining changes are wanted that what was done points to (`judgeByRules`). */
  readonly judged: boolean;
  /** For how many of the cases there is a second sample, in which the last change is half typed, 0 to 1. */
  readonly typed: number;
  /** For how many there is one in which what was done was done in another document, 0 to 1. */
  readonly elsewhere: number;
  readonly seed: string;
  readonly licence: string;
  /** Samples at most. */
  readonly limit: number;
  readonly progress?: (note: string) => void;
}

/**
 * A sample of each case: what `eval next-edit` would ask, and all that remains as the answer. So a model is trained on the
 * simulated editing that the pattern engine is fitted on. A case is a unit. Throws a CaseFileError for a file that cannot be read.
 */
export async function caseSamples(
  files: readonly string[],
  output: ResumableOutput,
  options: CaseSampleOptions,
): Promise<void> {
  const { counts } = output;
  const { perSet, seed, limit, progress } = options;
  let unit = 0;
  reading: for (const file of files) {
    const drawn = await drawnCases(file, perSet, seed);
    for await (const example of readCases(file)) {
      if (counts.get('samples') >= limit) break reading;
      if (unit++ < output.unitsBefore) continue;
      counts.add('cases');
      for (const sample of drawn.has(example.id) ? samplesOf(example, options) : []) {
        if (typeof sample === 'string') counts.add(`left out: ${sample}`);
        else {
          output.add(sample);
          counts.add('samples');
          if (sample.current === sample.next) counts.add('samples of silence');
        }
      }
      await output.endUnit(() => null);
      progress?.(`${counts.get('samples')} samples of ${counts.get('cases')} cases`);
    }
  }
  await output.checkpoint(null, true);
}

/** The samples of a case, or why one was left out. */
function samplesOf(example: NextEditCase, options: CaseSampleOptions): (Sample | string)[] {
  const { seed } = options;
  const chance = (what: string, share: number) => new Random(seed, `${what} ${example.id}`).chance(share);
  const sample = caseSample(example, options.licence);
  if (typeof sample === 'string') return [sample];
  const whole = options.judged ? { ...sample, next: foreseenText(sample) } : sample;
  const isWanted = whole.next !== whole.current || chance('silence', options.silence);
  const typed = chance('typed', options.typed) ? halfTyped(sample, seed) : undefined;
  const elsewhere = chance('elsewhere', options.elsewhere) ? doneElsewhere(whole, seed) : undefined;
  return [isWanted ? whole : undefined, typed, elsewhere].filter((one) => one !== undefined);
}

/** The ids of those cases that are taken. */
async function drawnCases(file: string, perSet: number, seed: string): Promise<ReadonlySet<string>> {
  const sets = new Map<string, { id: string; lot: number }[]>();
  for await (const { id, set = '' } of readCases(file)) {
    const cases = sets.get(set) ?? [];
    if (cases.length === 0) sets.set(set, cases);
    cases.push({ id, lot: new Random(seed, id).next() });
  }
  const taken = [...sets.values()].flatMap((cases) => cases.sort((a, b) => a.lot - b.lot).slice(0, perSet));
  return new Set(taken.map(({ id }) => id));
}

/** The sample of a case, or why there is none. */
export function caseSample(example: NextEditCase, licence: string): Sample | string {
  const { id, lang, path, history, current, cursor } = example;
  const next = nextText(example);
  const texts = [...history, current, next];
  if (texts.some((text) => maskSecrets(text) !== text)) return 'it holds secrets';
  return {
    kind: 'sample',
    version: schemaVersion,
    id: `cases:${id}`,
    source: 'cases',
    language: lang,
    path,
    licence,
    process: `cases:${id}`,
    type: history.length > 0 ? 'H,C' : 'C',
    history,
    current,
    target: { kind: 'cursor', offset: utf16Offset(current, cursor), placed: 'change' },
    next,
    ...unjudged,
    time: history.length,
    times: history.length + 2,
  };
}
