import type { Architecture } from '../architecture.ts';
import { llama } from './llama.ts';

/** Qwen2 and Qwen2.5: Llama's tensors, with a bias on query, key and value. */
export const qwen2: Architecture = {
  name: 'Qwen2ForCausalLM',
  ggufName: 'qwen2',
  family: 'Qwen2',
  defaults: { contextLength: 32_768, kvHeads: 32 },
  ggufRotaryOrder: 'halves',
  preTokenizer: 'qwen2',
  biases: ['query', 'key', 'value'],
  tensors: llama.tensors,
};
