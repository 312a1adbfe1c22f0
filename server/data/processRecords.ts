import type { Benchmarks } from './benchmarks.ts';
import { readRecords } from './jsonLines.ts';
import type { Assistant } from './llm/assistant.ts';
import { makeSamples, type SampleChances } from './makeSamples.ts';
import { NearDuplicates } from './nearDuplicates.ts';
import { hideSecrets } from './privacy.ts';
import type { Process } from './records.ts';
import type { ResumableOutput } from './resumable.ts';

export interface ProcessOptions {
  readonly chances: SampleChances;
  readonly benchmarks: Benchmarks;
  readonly llm: Assistant | undefined;
  /** Samples at most. */
  readonly limit: number;
  readonly progress?: (note: string) => void;
}

/**
 * Makes samples of the processes in the files. One process is one unit. Near-duplicates of processes that came before, and
 * those that hold parts of a benchmark, are left out and counted. Throws a DataError for a file that cannot be read.
 */
export async function processRecords(
  files: readonly string[],
  output: ResumableOutput,
  { chances, benchmarks, llm, limit, progress }: ProcessOptions,
): Promise<void> {
  const { counts } = output;
  const duplicates = new NearDuplicates();
  const ids = new Set<string>();
  let unit = 0;
  reading: for (const file of files) {
    for await (const read of readRecords('process', file)) {
      if (counts.get('samples') >= limit) break reading;
      const isNew = unit >= output.unitsBefore;
      unit++;
      const process = withoutSecrets(read);
      const reason = ids.has(process.id) ? 'its id came before' : whyNot(process, duplicates, benchmarks);
      ids.add(process.id);
      // What came before decides about what comes: it is looked at again, and nothing else is done with it.
      if (!isNew) continue;
      counts.add('processes');
      if (reason !== undefined) counts.add(`left out: ${reason}`);
      else {
        const { samples, leftOut } = await makeSamples(process, chances, llm);
        for (const sample of samples) {
          output.add(sample);
          counts.add('samples');
          counts.add(`type ${sample.type}`);
          if (sample.current === sample.next) counts.add('samples of silence');
        }
        for (const why of leftOut) counts.add(`moments left out: ${why}`);
        if (samples.length === 0) counts.add('processes without a sample');
      }
      await output.endUnit(() => null);
      progress?.(`${counts.get('samples')} samples of ${counts.get('processes')} processes`);
    }
  }
  await output.checkpoint(null, true);
}

function whyNot(process: Process, duplicates: NearDuplicates, benchmarks: Benchmarks): string | undefined {
  if (process.snippets.length < 2) return 'changes nothing';
  if (duplicates.isRepeated(process)) return 'near-duplicate';
  const [first = '', last = ''] = [process.snippets[0], process.snippets.at(-1)];
  const benchmark = benchmarks.overlap([first, last, process.message ?? '']);
  return benchmark === undefined ? undefined : `overlaps ${benchmark}`;
}

/** Whoever made the record: what `collect` hides is hidden here as well, and nothing else happens to a record of its own. */
function withoutSecrets(process: Process): Process {
  const { message, snippets } = process;
  const { texts, count } = hideSecrets([...snippets, message ?? '']);
  const lines = texts.slice(0, -1).map((text) => text.replaceAll('\r\n', '\n'));
  return {
    ...process,
    snippets: lines.filter((text, i) => text !== lines[i - 1]),
    ...(message === undefined ? {} : { message: texts.at(-1) ?? '' }),
    masked: process.masked + count,
  };
}
