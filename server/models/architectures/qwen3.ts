import type { Architecture } from '../architecture.ts';
import { llama } from './llama.ts';

/** Qwen3, the dense ones: Llama's tensors with norms of query and key heads, whose size is not told by the hidden size. */
export const qwen3: Architecture = {
  name: 'Qwen3ForCausalLM',
  ggufName: 'qwen3',
  family: 'Qwen3',
  defaults: { contextLength: 32_768, kvHeads: 32, headSize: 128 },
  ggufRotaryOrder: 'halves',
  preTokenizer: 'qwen2',
  biases: 'as stored',
  tensors: {
    ...llama.tensors,
    layer: {
      ...llama.tensors.layer,
      queryNorm: { huggingFace: 'self_attn.q_norm', gguf: 'attn_q_norm' },
      keyNorm: { huggingFace: 'self_attn.k_norm', gguf: 'attn_k_norm' },
    },
  },
};
