import * as v from 'valibot';

/**
 * What of a request for a completion counts (OpenAI, `POST /v1/completions`). How much may be written, where to stop and how to
 * sample say nothing to an engine that makes edits.
 */
export const completionRequest = v.object({
  prompt: v.string(),
  model: v.optional(v.string(), ''),
  stream: v.optional(v.boolean(), false),
});

export type CompletionRequest = v.InferOutput<typeof completionRequest>;
