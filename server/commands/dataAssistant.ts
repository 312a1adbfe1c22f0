import { Assistant } from '../data/llm/assistant.ts';
import { chatServer } from '../data/llm/chatServer.ts';
import type { LanguageModel } from '../data/llm/languageModel.ts';
import { localModel } from '../data/llm/localModel.ts';
import { UsageError } from '../models/store/storeError.ts';

/** Which LLM helps with making data. */
export interface AssistantChoice {
  /** An installed model, or what the server calls it. */
  readonly llm?: string;
  readonly llmUrl?: string;
}

/** The LLM that was chosen, its answers kept beside `out`; undefined where none was. Throws a UsageError. */
export async function openAssistant(
  options: AssistantChoice & { readonly out: string },
  patienceMs?: number,
): Promise<Assistant | undefined> {
  const model = await modelOf(options);
  if (!model) return undefined;
  return Assistant.open({
    model,
    cacheFile: `${options.out}.llm.jsonl`,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
}

async function modelOf({ llm, llmUrl }: AssistantChoice): Promise<LanguageModel | undefined> {
  if (llm === undefined) {
    if (llmUrl !== undefined) throw new UsageError('--llm-url: also name the model that the server has, with --llm');
    return undefined;
  }
  if (llmUrl !== undefined) {
    if (!/^https?:\/\/./.test(llmUrl))
      throw new UsageError(`--llm-url: should begin with http:// or https://, not "${llmUrl}"`);
    return chatServer(llmUrl, llm, process.env.CURSORCORE_LLM_KEY);
  }
  const [{ locateModel }, { ProcessModelHost }] = await Promise.all([
    import('./model/run.ts'),
    import('../model-host/processModelHost.ts'),
  ]);
  const { name, folder } = await locateModel(llm);
  const setup = { folder, device: 'auto', deviceId: 0, gpuMemoryLimit: 0, threads: 0, idleMs: 0 } as const;
  return localModel(name, new ProcessModelHost({ setup }));
}
