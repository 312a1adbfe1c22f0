const blockParts: ReadonlyMap<string, string> = new Map([
  ['attn_norm', 'input_layernorm'],
  ['attn_q', 'self_attn.q_proj'],
  ['attn_k', 'self_attn.k_proj'],
  ['attn_v', 'self_attn.v_proj'],
  ['attn_output', 'self_attn.o_proj'],
  ['ffn_norm', 'post_attention_layernorm'],
  ['ffn_gate', 'mlp.gate_proj'],
  ['ffn_up', 'mlp.up_proj'],
  ['ffn_down', 'mlp.down_proj'],
]);

const others: ReadonlyMap<string, string> = new Map([
  ['token_embd.weight', 'model.embed_tokens.weight'],
  ['output_norm.weight', 'model.norm.weight'],
  ['output.weight', 'lm_head.weight'],
  ['output.bias', 'lm_head.bias'],
]);

/** Hugging Face's name for a tensor of a `llama` or `qwen2` GGUF file (gguf-py's `tensor_mapping`); undefined if it has none. */
export function huggingFaceName(name: string): string | undefined {
  const block = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name);
  if (!block) return others.get(name);
  const [, layer, part = '', kind] = block;
  const mapped = blockParts.get(part);
  return mapped && `model.layers.${layer}.${mapped}.${kind}`;
}

/** Which heads a tensor's rows belong to, where a `llama` file stores these rows in pairs for interleaved rotary embedding. */
export function rotaryHeads(name: string): 'heads' | 'kvHeads' | undefined {
  const projection = /\.self_attn\.([qk])_proj\.(?:weight|bias)$/.exec(name)?.[1];
  if (projection === 'q') return 'heads';
  return projection === 'k' ? 'kvHeads' : undefined;
}
