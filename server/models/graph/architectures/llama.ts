import type { Architecture, MatrixTensors } from '../architecture.ts';

/** Llama, Yi, DeepSeek-Coder and SmolLM2. Biases are an option of its configuration, told by their tensors. */
export const llama: Architecture = {
  name: 'LlamaForCausalLM',
  embedding: 'model.embed_tokens.weight',
  finalNorm: 'model.norm.weight',
  head: 'lm_head.weight',
  layer(index, has) {
    const prefix = `model.layers.${index}`;
    const matrix = (...names: string[]): MatrixTensors => {
      const weights = names.map((name) => `${prefix}.${name}.weight`);
      const biases = names.map((name) => `${prefix}.${name}.bias`);
      return biases.some(has) ? { weights, biases } : { weights };
    };
    return {
      inputNorm: `${prefix}.input_layernorm.weight`,
      qkv: matrix('self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'),
      output: matrix('self_attn.o_proj'),
      postAttentionNorm: `${prefix}.post_attention_layernorm.weight`,
      gate: matrix('mlp.gate_proj'),
      up: matrix('mlp.up_proj'),
      down: matrix('mlp.down_proj'),
    };
  },
};
