import * as v from 'valibot';
import { EngineError } from '../engine.ts';
import type { Connection } from './connection.ts';
import { RequestRefused } from './failures.ts';
import type { Patience } from './patience.ts';

/** Servers that can do more than OpenAI's API has, by what they call themselves in their list of models. */
export type ServerKind = 'llama-server' | 'vLLM' | 'SGLang' | 'other';

/** What a server says of itself. */
export interface ServedModel {
  readonly server: ServerKind;
  /** The name to ask for; empty where the server lists none. */
  readonly model: string;
  /** All that it lists. */
  readonly models: readonly string[];
  /** Tokens of prompt and answer together; undefined where it does not say. */
  readonly contextLength?: number | undefined;
}

const owners: Readonly<Record<string, ServerKind>> = { llamacpp: 'llama-server', vllm: 'vLLM', sglang: 'SGLang' };

const count = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))), undefined);
const listSchema = v.object({
  data: v.array(
    v.object({
      id: v.string(),
      owned_by: v.fallback(v.optional(v.string()), undefined),
      max_model_len: count,
      meta: v.fallback(v.optional(v.object({ n_ctx: count })), undefined),
    }),
  ),
});
const propsSchema = v.object({ default_generation_settings: v.object({ n_ctx: count }) });

/**
 * Asks a server what it is and serves. A server without a list of models is taken as it is. Rejects with an EngineError.
 * @param wanted the model that the settings name; empty for the first that is listed
 */
export async function askServer(connection: Connection, wanted: string, patience: Patience): Promise<ServedModel> {
  const { api, root } = connection.endpoint;
  const listed = await unless404(connection.json(`${api}/models`, patience));
  if (listed === undefined) return { server: 'other', model: wanted, models: [] };
  const list = v.safeParse(listSchema, listed);
  if (!list.success) throw connection.notTheApi('no list of models at /models');
  const { data } = list.output;
  const chosen = data.find(({ id }) => id === wanted) ?? data[0];
  const server = owners[chosen?.owned_by ?? ''] ?? 'other';
  let contextLength = chosen?.max_model_len ?? chosen?.meta?.n_ctx;
  if (server === 'llama-server') {
    // What one of its slots holds; several share the whole.
    const props = v.safeParse(propsSchema, await unless404(connection.json(`${root}/props`, patience)));
    contextLength = (props.success ? props.output.default_generation_settings.n_ctx : undefined) ?? contextLength;
  }
  return { server, model: wanted || (chosen?.id ?? ''), models: data.map(({ id }) => id), contextLength };
}

/** Undefined where the server has no such method, or does not let everybody use it. */
async function unless404(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RequestRefused) return undefined;
    if (error instanceof EngineError && error.topic === 'remote: not found') return undefined;
    throw error;
  }
}
