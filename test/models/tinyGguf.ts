import { tinyTokenizer } from './tinyFolder.ts';
import { ggufBytes, ggufMetadata, ramp } from './weights/writers.ts';

/** A whole Llama of one layer as a GGUF file; with `head`, its vocabulary's matrix lies there twice. */
export function tinyGguf({ head = false } = {}): Buffer {
  const bytes = Object.keys((tinyTokenizer() as { model: { vocab: object } }).model.vocab);
  const vocabulary = [bytes.length + 1, 8];
  const matrices = { attn_q: [8, 8], attn_k: [4, 8], attn_v: [4, 8], attn_output: [8, 8] };
  const layer = { ...matrices, ffn_gate: [16, 8], ffn_up: [16, 8], ffn_down: [8, 16], attn_norm: [8], ffn_norm: [8] };
  const shapes: Record<string, readonly number[]> = {
    token_embd: vocabulary,
    output_norm: [8],
    ...(head ? { output: vocabulary } : {}),
    ...Object.fromEntries(Object.entries(layer).map(([name, shape]) => [`blk.0.${name}`, shape])),
  };
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const count = shape.reduce((size, n) => size * n, 1);
    return { name: `${name}.weight`, shape, type: 'F32', bytes: ramp(count, 0.01) };
  });
  const metadata = {
    ...ggufMetadata,
    'tokenizer.ggml.tokens': [...bytes, '<|im_end|>'],
    'tokenizer.ggml.token_type': [...bytes.map(() => 1), 3],
    'tokenizer.ggml.merges': [],
    'tokenizer.ggml.eos_token_id': bytes.length,
  };
  return Buffer.from(ggufBytes(metadata, tensors));
}
