import type { GeneratedChunk } from '../../model-host/modelHost.ts';
import type { ServedToken } from './answerEvents.ts';

/**
 * A piece of an answer in the form of a model's run. The tokens that a server reports may not add up to the text: some
 * are not shown, and a character made of several comes with the last. A piece without known tokens counts as one.
 */
export function chunkOf(
  text: string,
  served: readonly ServedToken[],
  reveal: (text: string) => string,
): GeneratedChunk {
  const tokens = served.length > 0 || text === '' ? served : [{ text, id: -1, logProbability: Number.NaN }];
  let at = 0;
  const lengths = tokens.map((token, i) => {
    const shown = reveal(token.text);
    const length = i + 1 === tokens.length ? text.length - at : text.startsWith(shown, at) ? shown.length : 0;
    at += length;
    return length;
  });
  return {
    text,
    ids: tokens.map(({ id }) => id),
    logProbabilities: tokens.map(({ logProbability }) => logProbability),
    lengths,
  };
}
