import { caseSamples } from '../data/caseSamples.ts';
import { dataCommand, describedFile, type OutputOptions, share, wholeNumberOption, written } from './dataOutput.ts';

export interface CasesOptions extends OutputOptions {
  readonly perSet: string;
  readonly silence: string;
  readonly seed: string;
  readonly licence: string;
}

/** `data cases`. Returns the exit code. */
export function casesCommand(files: readonly string[], options: CasesOptions): Promise<number> {
  return dataCommand('cases', async () => {
    const { seed, licence } = options;
    const perSet = wholeNumberOption('--per-set', options.perSet, 1);
    const silence = share('--silence', options.silence);
    const settings = { command: 'cases', perSet, silence, seed, licence, files: files.map(describedFile) };
    return written(options, settings, async ({ output, limit, progress }) => {
      await caseSamples(files, output, { perSet, silence, seed, licence, limit, progress });
      return undefined;
    });
  });
}
