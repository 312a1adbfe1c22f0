import type { PromptFormat, PromptFormatName } from './format.ts';
import { fewShotBase } from './formats/fewShotBase.ts';
import { fewShotInstruct } from './formats/fewShotInstruct.ts';
import { locationAndChange } from './formats/locationAndChange.ts';
import { searchAndReplace } from './formats/searchAndReplace.ts';
import { wholeFile } from './formats/wholeFile.ts';

/** The prompt formats there are. A new one is a file and a line here. */
export const formats: Readonly<Record<PromptFormatName, PromptFormat>> = {
  wholeFile,
  locationAndChange,
  searchAndReplace,
  fewShotBase,
  fewShotInstruct,
};
