import type { Architecture } from '../architecture.ts';

/** Llama, Yi, DeepSeek-Coder and SmolLM2. */
export const llama: Architecture = {
  name: 'LlamaForCausalLM',
  ggufName: 'llama',
  family: 'Llama',
  defaults: { contextLength: 2048 },
  ggufRotaryOrder: 'pairs',
  biases: 'as stored',
  tensors: {
    outer: {
      embedding: { huggingFace: 'model.embed_tokens', gguf: 'token_embd' },
      finalNorm: { huggingFace: 'model.norm', gguf: 'output_norm' },
      head: { huggingFace: 'lm_head', gguf: 'output' },
    },
    layers: { huggingFace: 'model.layers', gguf: 'blk' },
    layer: {
      inputNorm: { huggingFace: 'input_layernorm', gguf: 'attn_norm' },
      query: { huggingFace: 'self_attn.q_proj', gguf: 'attn_q' },
      key: { huggingFace: 'self_attn.k_proj', gguf: 'attn_k' },
      value: { huggingFace: 'self_attn.v_proj', gguf: 'attn_v' },
      output: { huggingFace: 'self_attn.o_proj', gguf: 'attn_output' },
      postAttentionNorm: { huggingFace: 'post_attention_layernorm', gguf: 'ffn_norm' },
      gate: { huggingFace: 'mlp.gate_proj', gguf: 'ffn_gate' },
      up: { huggingFace: 'mlp.up_proj', gguf: 'ffn_up' },
      down: { huggingFace: 'mlp.down_proj', gguf: 'ffn_down' },
    },
  },
};
