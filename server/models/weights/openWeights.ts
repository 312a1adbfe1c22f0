import { stat } from 'node:fs/promises';
import { ModelFileError, type WeightSource } from '../weightSource.ts';
import { openGgufFile } from './ggufFile.ts';
import { openHuggingFaceFolder } from './huggingFaceFolder.ts';

/**
 * Published weights at `path`: a Hugging Face folder (config.json, tokenizer.json, safetensors) or a GGUF file.
 * The caller closes what it gets.
 * @throws ModelFileError in one sentence that names the file and says what to do.
 */
export async function openWeights(path: string): Promise<WeightSource> {
  const status = await stat(path).catch(() => undefined);
  if (!status)
    throw new ModelFileError(`${path} does not exist or may not be read; name a model's folder or GGUF file.`);
  if (status.isDirectory()) return openHuggingFaceFolder(path);
  if (/\.safetensors$/i.test(path)) {
    throw new ModelFileError(
      `${path} is only the weights of a model; name the folder that also has config.json and tokenizer.json.`,
    );
  }
  if (/\.(bin|pth?|ckpt|pkl)$/i.test(path)) {
    throw new ModelFileError(
      `${path} is a pickle, which can run code when it is loaded and is not read; take the model's safetensors or a GGUF file.`,
    );
  }
  return openGgufFile(path);
}
