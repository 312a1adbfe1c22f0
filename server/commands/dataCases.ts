import { caseSamples } from '../data/caseSamples.ts';
import { dataCommand, describedFile, type OutputOptions, share, wholeNumberOption, written } from './dataOutput.ts';

export interface CasesOptions extends OutputOptions {
  readonly perSet: string;
  readonly silence: string;
  readonly judged?: boolean;
  readonly typed: string;
  readonly elsewhere: string;
  readonly seed: string;
  readonly licence: string;
}

/** `data cases`. Returns the exit code. */
export function casesCommand(files: readonly string[], options: CasesOptions): Promise<number> {
  return dataCommand('cases', async () => {
    const { seed, licence, judged = false } = options;
    const perSet = wholeNumberOption('--per-set', options.perSet, 1);
    const silence = share('--silence', options.silence);
    const typed = share('--typed', options.typed);
    const elsewhere = share('--elsewhere', options.elsewhere);
    const settings = {
      command: 'cases',
      perSet,
      silence,
      judged,
      typed,
      seed,
      licence,
      files: files.map(describedFile),
    };
    return written(options, settings, async ({ output, limit, progress }) => {
      await caseSamples(files, output, { perSet, silence, judged, typed, elsewhere, seed, licence, limit, progress });
      return undefined;
    });
  });
}
