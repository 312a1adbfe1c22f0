import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorWords } from '../../shared/errors.ts';
import { counted } from '../../shared/plural.ts';
import { printable } from '../../shared/printable.ts';
import { DataError } from '../data/dataError.ts';
import { preferenceOutcomes } from '../data/records.ts';
import { UsageError } from '../models/store/storeError.ts';
import type { OfferOutcome } from '../record/offerStory.ts';
import { readSession } from '../record/recordedEvents.ts';
import { clearRecords, recordedFiles, recordFolder, recordSuffix } from '../record/recordFolder.ts';
import { sessionRecords } from '../record/sessionRecords.ts';
import { type OutputOptions, recordsCommand, written } from './dataOutput.ts';
import { jsonText } from './jsonText.ts';

/** `record status`. Returns the exit code. */
export async function recordStatus(options: { readonly json?: boolean }): Promise<number> {
  const folder = recordFolder();
  const files = await recordedFiles(folder);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const status = { folder, recordings: files.length, bytes };
  if (options.json) process.stdout.write(jsonText(status));
  else if (files.length === 0) process.stdout.write(`Nothing is recorded in ${printable(folder)}.\n`);
  else {
    const since = path.basename(files[0]?.path ?? '').slice(0, 10);
    const size = `${Math.ceil(bytes / 1000)} kB`;
    process.stdout.write(`${counted(files.length, 'recording')} of ${size} since ${since} in ${printable(folder)}.\n`);
  }
  return 0;
}

export interface RecordExportOptions extends OutputOptions {
  readonly outcomes: string;
}

/** `record export`: processes and preferences of all that is recorded. Returns the exit code. */
export function recordExport(options: RecordExportOptions): Promise<number> {
  return recordsCommand('record export', async () => {
    const outcomes = outcomesOf(options.outcomes);
    const files = await recordedFiles(recordFolder());
    if (files.length === 0) {
      throw new DataError(`nothing is recorded in ${recordFolder()}; set record.enable in the editor`);
    }
    const inputs = files.map(({ path: file, bytes }) => ({ name: path.basename(file), bytes }));
    return written(options, { command: 'record export', outcomes, inputs }, async ({ output, limit }) => {
      for (const { path: file } of files.slice(output.unitsBefore)) {
        if (output.counts.get('records') >= limit) break;
        // The oldest may have been removed since.
        const session = readSession(await readFile(file, 'utf8').catch(() => ''));
        if (!session) output.counts.add('left out: cannot be read');
        const made = session && sessionRecords(session, path.basename(file, recordSuffix));
        for (const record of [...(made?.processes ?? []), ...(made?.preferences ?? [])]) {
          if (record.kind === 'preference') {
            output.counts.add(`offers ${record.outcome}`);
            if (!outcomes.includes(record.outcome)) continue;
          }
          output.add(record);
          output.counts.add('records');
          output.counts.add(record.kind === 'process' ? 'processes' : 'preferences');
        }
        await output.endUnit(() => null);
      }
      await output.checkpoint(null, true);
      return undefined;
    });
  });
}

function outcomesOf(value: string): OfferOutcome[] {
  return value.split(',').map((name) => {
    const outcome = preferenceOutcomes.find((one) => one === name.trim());
    if (outcome) return outcome;
    throw new UsageError(`--outcomes: should be some of ${preferenceOutcomes.join(',')}, not "${name}"`);
  });
}

/** `record clear`. Returns the exit code. */
export function recordClear(): Promise<number> {
  return recordsCommand('record clear', async () => {
    const folder = recordFolder();
    try {
      const count = await clearRecords(folder);
      process.stdout.write(`Removed ${counted(count, 'recording')} from ${printable(folder)}.\n`);
      return 0;
    } catch (error) {
      throw new DataError(`${folder} cannot be cleared: ${systemErrorWords(error)}`);
    }
  });
}
