import { formatFor, type PromptFormatName } from '../../shared/conversation/formats.ts';
import { isRecord } from '../../shared/isRecord.ts';
import type { TokenizerFiles } from './tokenizer/tokenizerFiles.ts';

/** The likely prompt format of a model with these names and so many `parameters`, if that is known. */
export function promptFormatOf(
  { tokenizer, config }: TokenizerFiles,
  names: readonly string[],
  parameters?: number,
): PromptFormatName {
  const added: unknown = isRecord(tokenizer) ? tokenizer.added_tokens : undefined;
  const tokens = (Array.isArray(added) ? added : []).flatMap((token: unknown) =>
    isRecord(token) && typeof token.content === 'string' ? [token.content] : [],
  );
  const hasChatTemplate = isRecord(config) && Boolean(config.chat_template);
  const size = parameters === undefined ? {} : { parameters };
  return formatFor({ names, controlTokens: new Set(tokens), hasChatTemplate, ...size });
}
