import type { onnx } from 'onnx-proto';
import type { ModelConfig } from '../weightSource.ts';
import { DecoderBody } from './decoderBody.ts';
import type { DecoderWeights } from './decoderWeights.ts';
import { greedy } from './greedy.ts';
import { cacheNames } from './loopGraph.ts';
import { GraphBuilder } from './onnxModel.ts';

const int32 = 6;
const toTheEnd = Number.MAX_SAFE_INTEGER;

/**
 * A decoder for a runtime that can give a run the same tensors as past and as present: attention then adds the new keys
 * and values behind the past ones in place, and nothing is copied. For the CPU.
 *
 * Inputs: `input_ids` int64 [1, S]; `past_length` int64 [], how many positions of the past are valid; `verify` int64 [], of how
 * many last positions the next token is wanted; `past.N.key`, `past.N.value` float32 `[1, kvHeads, P, headSize]`, P at least
 * `past_length` + S. Outputs: `ids` int64 [verify], the greedy ids; `log_probabilities` float32 [verify];
 * `present.N.key/value`, of the shape of the past.
 */
export function inPlaceGraph(config: ModelConfig, weights: DecoderWeights): onnx.IGraphProto {
  const graph = new GraphBuilder();
  const decoder = new DecoderBody(config, weights, 'cpu', graph, graph);
  const caches = cacheNames(config.layers);
  const one = graph.constant('int64', [1], [1]);
  const count = graph.node('Shape', ['input_ids'], { start: 1, end: 2 });
  const total = graph.node('Add', [graph.node('Reshape', ['past_length', one]), count]);
  const past = [];
  for (let layer = 0; layer < config.layers; layer++) {
    past.push({ key: `past.${layer}.key`, value: `past.${layer}.value` });
  }
  const { hidden } = decoder.layers({
    tokens: 'input_ids',
    lastPosition: graph.node('Cast', [graph.node('Sub', [total, one])], { to: int32 }),
    totalLength: graph.node('Cast', [graph.node('Squeeze', [total])], { to: int32 }),
    past,
    present: (layer) => ({ key: `present.${layer}.key`, value: `present.${layer}.value` }),
  });
  const fromEnd = graph.node('Neg', [graph.node('Reshape', ['verify', one])]);
  const wanted = graph.node('Slice', [hidden, fromEnd, graph.constant('int64', [toTheEnd], [1]), one]);
  const { ids, logProbabilities } = greedy(graph, decoder.logits(wanted));
  graph.node('Identity', [ids], {}, 'ids');
  graph.node('Identity', [logProbabilities], {}, 'log_probabilities');
  const cacheShape = [1, config.kvHeads, 'capacity', config.headSize];
  return graph.graph(
    'decoder',
    [
      { name: 'input_ids', type: 'int64', shape: [1, 'tokens'] },
      { name: 'past_length', type: 'int64', shape: [] },
      { name: 'verify', type: 'int64', shape: [] },
      ...caches.map((name) => ({ name: `past.${name}`, type: decoder.activation, shape: cacheShape })),
    ],
    [
      { name: 'ids', type: 'int64', shape: ['ids'] },
      { name: 'log_probabilities', type: 'float', shape: ['ids'] },
      ...caches.map((name) => ({ name: `present.${name}`, type: decoder.activation, shape: cacheShape })),
    ],
  );
}
