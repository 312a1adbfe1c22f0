import { architectureOf } from '../architectures.ts';
import { outerTensor } from '../tensorNames.ts';
import { type ModelConfig, ModelFileError, type TensorInfo } from '../weightSource.ts';

/**
 * Every id of the tokenizer and every end of sequence needs a row of the embedding; more rows than ids is padding.
 * @throws ModelFileError when vocabulary, configuration and weights disagree.
 */
export function checkVocabulary(
  path: string,
  config: ModelConfig,
  tensors: ReadonlyMap<string, TensorInfo>,
  highestId: number,
): void {
  const embedding = outerTensor(architectureOf(config.architecture), 'embedding');
  const rows = tensors.get(embedding)?.shape[0] ?? config.vocabularySize;
  const disagree = (what: string) =>
    new ModelFileError(`${path}: ${what}; tokenizer and weights are not of one model, download it again.`);
  if (rows !== config.vocabularySize) {
    throw disagree(`the embedding has ${rows} rows where the configuration says ${config.vocabularySize}`);
  }
  if (highestId >= rows)
    throw disagree(`the tokenizer goes up to token ${highestId} and the embedding has ${rows} rows`);
  const ids = [
    ...config.endOfSequence,
    ...(config.beginningOfSequence === undefined ? [] : [config.beginningOfSequence]),
  ];
  const outside = ids.find((id) => id >= rows);
  if (outside !== undefined)
    throw disagree(`token ${outside} ends or begins a sequence and the embedding has ${rows} rows`);
}
