import { Benchmarks } from '../data/benchmarks.ts';
import { Assistant } from '../data/llm/assistant.ts';
import { chatServer } from '../data/llm/chatServer.ts';
import type { LanguageModel } from '../data/llm/languageModel.ts';
import { localModel } from '../data/llm/localModel.ts';
import { sampleChances } from '../data/makeSamples.ts';
import { processRecords } from '../data/processRecords.ts';
import { UsageError } from '../models/store/storeError.ts';
import { dataCommand, describedFile, type OutputOptions, share, wholeNumberOption, written } from './dataOutput.ts';

export interface ProcessCommandOptions extends OutputOptions {
  readonly seed: string;
  readonly benchmark?: readonly string[];
  readonly perProcess: string;
  readonly maxHistory: string;
  readonly silence: string;
  readonly llm?: string;
  readonly llmUrl?: string;
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
    const model = await modelOf(options);
    const llm = model && (await Assistant.open({ model, cacheFile: `${options.out}.llm.jsonl` }));
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

async function modelOf({ llm, llmUrl }: ProcessCommandOptions): Promise<LanguageModel | undefined> {
  if (llm === undefined) {
    if (llmUrl !== undefined) throw new UsageError('--llm-url: also name the model that the server has, with --llm');
    return undefined;
  }
  if (llmUrl !== undefined) {
    if (!/^https?:\/\/./.test(llmUrl))
      throw new UsageError(`--llm-url: should begin with http:// or https://, not "${llmUrl}"`);
    return chatServer(llmUrl, llm, process.env.CURSORCORE_LLM_KEY);
  }
  const [{ locateModel }, { ProcessModelHost }] = await Promise.all([
    import('./model/run.ts'),
    import('../model-host/processModelHost.ts'),
  ]);
  const { name, folder } = await locateModel(llm);
  const setup = { folder, device: 'auto', deviceId: 0, gpuMemoryLimit: 0, threads: 0, idleMs: 0 } as const;
  return localModel(name, new ProcessModelHost({ setup }));
}
