import * as v from 'valibot';
import { EngineError } from '../engine.ts';
import type { Connection } from './connection.ts';
import { RequestRefused } from './failures.ts';
import type { Patience } from './patience.ts';

/** Servers with more than OpenAI's API, by their name for themselves in their list of models. */
export type ServerKind = 'llama-server' | 'vLLM' | 'SGLang' | 'other';

/** What a server reports about itself. */
export interface ServedModel {
  readonly server: ServerKind;
  /** The name to request; empty if the server lists none. */
  readonly model: string;
  /** All that it lists. */
  readonly models: readonly string[];
  /** Tokens of prompt and answer together; undefined if the server does not report it. */
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
 * Asks a server for its type and models. A server without a list of models is accepted. Rejects with an EngineError.
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
    // The size of one slot; several slots share the whole.
    const props = v.safeParse(propsSchema, await unless404(connection.json(`${root}/props`, patience)));
    contextLength = (props.success ? props.output.default_generation_settings.n_ctx : undefined) ?? contextLength;
  }
  return { server, model: wanted || (chosen?.id ?? ''), models: data.map(({ id }) => id), contextLength };
}

/** Undefined if the server has no such method, or restricts its use. */
async function unless404(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RequestRefused) return undefined;
    if (error instanceof EngineError && error.topic === 'remote: not found') return undefined;
    throw error;
  }
}
