import type { PromptFormat } from './format.ts';
import { fewShotBase } from './formats/fewShotBase.ts';
import { fewShotInstruct } from './formats/fewShotInstruct.ts';
import { wholeFile } from './formats/wholeFile.ts';

/** The prompt formats there are. A new one is a file and a line here. */
export const formats = { wholeFile, fewShotBase, fewShotInstruct } satisfies Record<string, PromptFormat>;
