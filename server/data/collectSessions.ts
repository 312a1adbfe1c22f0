import { DataError } from './dataError.ts';
import { parsedLine, readLines } from './jsonLines.ts';
import { readRecord } from './records.ts';
import type { ResumableOutput } from './resumable.ts';

/**
 * The processes in what `record export` writes, which holds preferences as well. A line is a unit. Throws a DataError that
 * names the line for anything else.
 */
export async function collectSessions(
  files: readonly string[],
  licence: string,
  output: ResumableOutput,
  limit: number,
): Promise<void> {
  let unit = 0;
  reading: for (const file of files) {
    for await (const { line, number } of readLines(file)) {
      if (output.counts.get('processes') >= limit) break reading;
      if (unit++ < output.unitsBefore) continue;
      const value = parsedLine(line, `${file}:${number}`);
      const process = readRecord('process', value);
      if (typeof process !== 'string') {
        output.add({ ...process, licence });
        output.counts.add('processes');
      } else if (typeof readRecord('preference', value) !== 'string') output.counts.add('preferences passed over');
      else throw new DataError(`${file}:${number}: ${process}`);
      await output.endUnit(() => null);
    }
  }
  await output.checkpoint(null, true);
}
