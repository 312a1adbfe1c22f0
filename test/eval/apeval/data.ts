import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Where APEval's files lie, which are not ours to keep in the repository: a folder with `apeval.json` and `HumanEval.jsonl.gz`
 * that CURSORCORE_EVAL_DATA names, or `../shared/data`. Undefined where there are none: tests that need them are skipped.
 */
export function evalData(): { readonly dataset: string; readonly problems: string } | undefined {
  for (const folder of [process.env.CURSORCORE_EVAL_DATA, path.resolve('../shared/data')]) {
    if (folder === undefined) continue;
    const [dataset, problems] = ['apeval.json', 'HumanEval.jsonl.gz'].map((name) => path.join(folder, name));
    if (dataset && problems && existsSync(dataset) && existsSync(problems)) return { dataset, problems };
  }
  return undefined;
}
