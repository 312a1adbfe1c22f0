import { applyChatTemplate } from '../../../server/model-host/chatTemplate.ts';
import { readTokenizer } from '../../../server/model-host/tokenizer.ts';
import { readManifest } from '../../../server/models/store/manifestFile.ts';
import type { HostQuestion } from './hostRecord.ts';

/** Gives the ids that the model in `folder` reads for a prompt. Rejects where there is no model. */
export async function promptEncoder(folder: string): Promise<(prompt: HostQuestion['prompt']) => number[]> {
  const { decoder } = await readManifest(folder, folder);
  const tokenizer = await readTokenizer(folder, decoder.beginningOfSequence);
  return (prompt) =>
    tokenizer.encode(
      'messages' in prompt ? applyChatTemplate(tokenizer, prompt.messages, prompt.answerPrefix) : prompt,
    );
}
