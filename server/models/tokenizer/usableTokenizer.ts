import { Tokenizer } from '@huggingface/tokenizers';
import { OutOfTime, withinTime } from '../timeLimit.ts';
import { ModelFileError } from '../weightSource.ts';
import type { TokenizerFiles } from './tokenizerFiles.ts';

/** Every character used in code, and text on which a backtracking pattern is slow. */
const sample = [
  ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).slice(1),
  `\n${'a'.repeat(64)}\n${' '.repeat(64)}x${'\n'.repeat(64)}${'1'.repeat(64)}${'='.repeat(64)}`,
].join('');

/** A correct tokenizer takes milliseconds. */
const usualLimitMs = 10_000;

/**
 * Throws a ModelFileError for a tokenizer that cannot be built, loses or changes text, or never ends: detected at
 * import, not at the model's first use.
 */
export function checkUsable({ tokenizer, config }: TokenizerFiles, ms = usualLimitMs): void {
  const refuse = (why: string): never => {
    throw new ModelFileError(
      `the model's tokenizer cannot be used (${why}); download the model again, or take another export of it`,
    );
  };
  let text: string | undefined;
  try {
    const built = new Tokenizer(tokenizer, config);
    text = withinTime(ms, () => {
      const { ids } = built.encode(sample, { add_special_tokens: false });
      if (ids.length === 0) return '';
      return built.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
    });
  } catch (error) {
    if (error instanceof OutOfTime) refuse(`it takes more than ${ms / 1000} s for a few lines`);
    refuse(error instanceof Error ? error.message : String(error));
  }
  // Some put a space before the whole text.
  if (text?.trimStart() !== sample) refuse('the tokens of a text do not give it back');
}
