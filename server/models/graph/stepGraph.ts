import type { onnx } from 'onnx-proto';
import type { Device } from '../manifest.ts';
import type { ModelConfig } from '../weightSource.ts';
import { DecoderBody } from './decoderBody.ts';
import type { DecoderWeights } from './decoderWeights.ts';
import { cacheNames } from './loopGraph.ts';
import { GraphBuilder } from './onnxModel.ts';

/**
 * The decoder in the layout that onnxruntime-genai and transformers.js export: `input_ids` int64 [1, S],
 * `attention_mask` int64 [1, P + S], `past_key_values.N.key/value` in; `logits` float32 [1, S, vocabularySize],
 * `present.N.key/value` `[1, kvHeads, P + S, headSize]` out. For scoring text, where every position's logits are wanted.
 */
export function stepGraph(config: ModelConfig, weights: DecoderWeights, device: Device): onnx.IGraphProto {
  const graph = new GraphBuilder();
  const decoder = new DecoderBody(config, weights, device, graph, graph);
  const caches = cacheNames(config.layers);
  const cacheShape = (length: string) => [1, config.kvHeads, length, config.headSize];
  const int32 = 6;

  const total = graph.node('Shape', ['attention_mask'], { start: 1, end: 2 });
  const last = graph.node('Sub', [total, graph.constant('int64', [1], [1])]);
  const past = [];
  for (let layer = 0; layer < config.layers; layer++) {
    past.push({ key: `past_key_values.${layer}.key`, value: `past_key_values.${layer}.value` });
  }
  const { hidden, present } = decoder.layers({
    tokens: 'input_ids',
    lastPosition: graph.node('Cast', [last], { to: int32 }),
    totalLength: graph.node('Cast', [graph.node('Squeeze', [total])], { to: int32 }),
    past,
  });
  graph.node('Identity', [decoder.logits(hidden)], {}, 'logits');
  const presents = present.flatMap(({ key, value }) => [key, value]);
  for (const [index, name] of caches.entries()) graph.node('Identity', [presents[index] ?? ''], {}, `present.${name}`);
  return graph.graph(
    'decoder',
    [
      { name: 'input_ids', type: 'int64', shape: [1, 'tokens'] },
      { name: 'attention_mask', type: 'int64', shape: [1, 'total'] },
      ...caches.map((name) => ({
        name: `past_key_values.${name}`,
        type: decoder.activation,
        shape: cacheShape('past'),
      })),
    ],
    [
      { name: 'logits', type: 'float', shape: [1, 'tokens', config.vocabularySize] },
      ...caches.map((name) => ({ name: `present.${name}`, type: decoder.activation, shape: cacheShape('total') })),
    ],
  );
}
