import type { ModelTraits, PromptFormat } from './format.ts';
import { fewShotBase } from './formats/fewShotBase.ts';
import { fewShotInstruct } from './formats/fewShotInstruct.ts';
import { fillInDeepSeek } from './formats/fillInDeepSeek.ts';
import { fillInQwen } from './formats/fillInQwen.ts';
import { fillInSeed } from './formats/fillInSeed.ts';
import { fillInStarCoder } from './formats/fillInStarCoder.ts';
import { instinct } from './formats/instinct.ts';
import { locationAndChange } from './formats/locationAndChange.ts';
import { nep } from './formats/nep.ts';
import { patch } from './formats/patch.ts';
import { searchAndReplace } from './formats/searchAndReplace.ts';
import { sweep } from './formats/sweep.ts';
import { typingInstruct } from './formats/typingInstruct.ts';
import { wholeFile } from './formats/wholeFile.ts';
import { windowInstruct } from './formats/windowInstruct.ts';
import { zeta } from './formats/zeta.ts';
import { zeta2 } from './formats/zeta2.ts';
import { zeta21 } from './formats/zeta21.ts';

/**
 * All prompt formats. A new one is a file and a line here, before the more general ones. The first three are
 * CursorCore's own (arXiv 2410.07002, section 3.2 and appendix), the last two the one-shot prompts of its Tables 20 and
 * 21, for any other model; those between belong to other open models.
 */
const all = [
  searchAndReplace,
  locationAndChange,
  wholeFile,
  patch,
  sweep,
  zeta21,
  zeta2,
  zeta,
  instinct,
  nep,
  fillInQwen,
  fillInStarCoder,
  fillInDeepSeek,
  fillInSeed,
  windowInstruct,
  typingInstruct,
  fewShotInstruct,
  fewShotBase,
] as const;

export type PromptFormatName = (typeof all)[number]['name'];

export const promptFormatNames: readonly PromptFormatName[] = all.map(({ name }) => name);

/** Each format by its name. */
export const formats = Object.fromEntries<PromptFormat>(all.map((format) => [format.name, format])) as Readonly<
  Record<PromptFormatName, PromptFormat>
>;

/** Formats that training data can be made for. */
export const writableFormats = all.flatMap((format: PromptFormat & { readonly name: PromptFormatName }) => {
  const { write } = format;
  return write ? [{ ...format, write }] : [];
});

/** The format for a model whose format is unknown. */
export function formatFor(model: ModelTraits): PromptFormatName {
  return (all.find((format) => format.isFor(model)) ?? fewShotBase).name;
}
