import type { Architecture } from '../architecture.ts';
import { llama } from './llama.ts';

/** Qwen2 and Qwen2.5: Llama's layers, with a bias on query, key and value always, and on nothing else. */
export const qwen2: Architecture = {
  ...llama,
  name: 'Qwen2ForCausalLM',
  layer(index) {
    const qkv = ['q', 'k', 'v'].map((part) => `model.layers.${index}.self_attn.${part}_proj.bias`);
    return llama.layer(index, (tensor) => qkv.includes(tensor));
  },
};
