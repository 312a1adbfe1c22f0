import type { PromptFormatName } from '../../shared/conversation/format.ts';
import { cursorCoreTokens } from '../../shared/conversation/prompt.ts';
import { isRecord } from '../../shared/isRecord.ts';
import type { TokenizerFiles } from './tokenizer/tokenizerFiles.ts';

/**
 * How a model is likely to want to be spoken to. One with CursorCore's control tokens is a CursorCore, whose name ends
 * in `-SR` or `-LC` where it was trained to answer in another format than whole files; one with a chat template was
 * tuned to take instructions.
 */
export function promptFormatOf({ tokenizer, config }: TokenizerFiles, names: readonly string[]): PromptFormatName {
  const added: unknown = isRecord(tokenizer) ? tokenizer.added_tokens : undefined;
  const tokens = new Set(
    (Array.isArray(added) ? added : []).map((token: unknown) => (isRecord(token) ? token.content : undefined)),
  );
  if (tokens.has(cursorCoreTokens.nextStart) && tokens.has(cursorCoreTokens.nextEnd)) {
    const suffixed = (suffix: RegExp) => names.some((name) => suffix.test(name));
    if (suffixed(/[-_]SR\b/i)) return 'searchAndReplace';
    return suffixed(/[-_]LC\b/i) ? 'locationAndChange' : 'wholeFile';
  }
  return isRecord(config) && config.chat_template ? 'fewShotInstruct' : 'fewShotBase';
}
