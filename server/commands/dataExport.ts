import { writableFormats } from '../../shared/conversation/formats.ts';
import { type CountTokens, exportPairs, roughly } from '../data/exportPairs.ts';
import { UsageError } from '../models/store/storeError.ts';
import { dataCommand, type OutputOptions, wholeNumberOption, written } from './dataOutput.ts';

export interface ExportOptions extends OutputOptions {
  readonly format: string;
  readonly model?: string;
  readonly maxPromptTokens: string;
  readonly maxNewTokens: string;
  readonly contextLength: string;
}

/** `data export`. Returns the exit code. */
export function exportCommand(files: readonly string[], options: ExportOptions): Promise<number> {
  return dataCommand('export', async () => {
    const format = writableFormats.find(({ name }) => name === options.format);
    if (!format) {
      const names = writableFormats.map(({ name }) => name).join(', ');
      throw new UsageError(`--format: should be one of ${names}, not "${options.format}"`);
    }
    const limits = {
      maxPromptTokens: wholeNumberOption('--max-prompt-tokens', options.maxPromptTokens, 16),
      maxNewTokens: wholeNumberOption('--max-new-tokens', options.maxNewTokens, 1),
      contextLength: wholeNumberOption('--context-length', options.contextLength, 64),
    };
    const { count, name } = await counterOf(options.model);
    const settings = { command: 'export', format: format.name, limits, tokenizer: name, files };
    return written(options, settings, async ({ output, limit, progress }) => {
      await exportPairs(files, format, output, { limits, count, limit, progress });
      return undefined;
    });
  });
}

async function counterOf(model: string | undefined): Promise<{ count: CountTokens; name: string }> {
  if (model === undefined) return { count: roughly, name: 'none' };
  const [{ locateModel }, { readTokenizer }] = await Promise.all([
    import('./model/run.ts'),
    import('../model-host/tokenizer.ts'),
  ]);
  const { name, folder } = await locateModel(model);
  const tokenizer = await readTokenizer(folder);
  return { name, count: async (texts) => texts.map((text) => tokenizer.count(text)) };
}
