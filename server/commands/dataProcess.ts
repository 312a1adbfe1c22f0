import { Benchmarks } from '../data/benchmarks.ts';
import { sampleChances } from '../data/makeSamples.ts';
import { processRecords } from '../data/processRecords.ts';
import { type AssistantChoice, openAssistant } from './dataAssistant.ts';
import { dataCommand, describedFile, type OutputOptions, share, wholeNumberOption, written } from './dataOutput.ts';

export interface ProcessCommandOptions extends OutputOptions, AssistantChoice {
  readonly seed: string;
  readonly benchmark?: readonly string[];
  readonly perProcess: string;
  readonly maxHistory: string;
  readonly silence: string;
}

/** `data process`. Returns the exit code. */
export function processCommand(files: readonly string[], options: ProcessCommandOptions): Promise<number> {
  return dataCommand('process', async () => {
    const chances = {
      ...sampleChances,
      seed: options.seed,
      perProcess: wholeNumberOption('--per-process', options.perProcess, 1),
      maxHistory: wholeNumberOption('--max-history', options.maxHistory, 1),
      silence: share('--silence', options.silence),
    };
    const benchmarks = await Benchmarks.read(options.benchmark ?? []);
    const settings = {
      command: 'process',
      chances,
      benchmarks: benchmarks.names,
      llm: options.llm ?? null,
      files: files.map(describedFile),
    };
    const llm = await openAssistant(options);
    try {
      return await written(options, settings, async ({ output, limit, progress }) => {
        await processRecords(files, output, { chances, benchmarks, llm, limit, progress });
        return llm?.counts.toJSON();
      });
    } finally {
      await llm?.dispose();
    }
  });
}
