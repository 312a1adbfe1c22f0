import type { onnx } from 'onnx-proto';
import type { Device } from '../manifest.ts';
import type { ModelConfig } from '../weightSource.ts';
import { DecoderBody } from './decoderBody.ts';
import type { DecoderWeights } from './decoderWeights.ts';
import { greedy } from './greedy.ts';
import { type Declared, GraphBuilder, type Value } from './onnxModel.ts';

const int64 = 7;
const int32 = 6;
const toTheEnd = Number.MAX_SAFE_INTEGER;

/**
 * A decoder that decodes greedily inside one run: an ONNX `Loop` whose first iteration takes the prompt's tokens and
 * whose later ones take the token just decoded, so that the cache leaves the runtime once a run, not once a token.
 *
 * Inputs: `input_ids` int64 [1, S]; `past_length` int64 [], how many positions of the past are valid; `decode` int64 [],
 * how many iterations to run at most (at least one is); `verify` int64 [], of how many last positions of `input_ids`
 * the next token is wanted; `stop_ids` int64 [K], K ≥ 1; `past.N.key`, `past.N.value` `[1, kvHeads, P, headSize]`, of which P
 * may be more than `past_length`.
 * Outputs: `ids` int64 [n], the greedy ids of the positions asked for and then of each iteration, the last of them a
 * stop id where one came; `log_probabilities` float32 [n]; `present.N.key/value`, of length P or what is filled, whichever is more.
 */
export function loopGraph(config: ModelConfig, weights: DecoderWeights, device: Device): onnx.IGraphProto {
  const outer = new GraphBuilder();
  const body = new GraphBuilder('body.');
  const decoder = new DecoderBody(config, weights, device, outer, body);
  const caches = cacheNames(config.layers);
  const cacheShape = (length: string) => [1, config.kvHeads, length, config.headSize];
  const cacheType = decoder.activation;

  const carried: readonly Declared[] = [
    { name: 'tokens', type: 'int64', shape: [1, 'tokens'] },
    { name: 'length', type: 'int64', shape: [] },
    { name: 'wanted', type: 'int64', shape: [] },
    { name: 'ids', type: 'int64', shape: ['ids'] },
    { name: 'log_probabilities', type: 'float', shape: ['ids'] },
    ...caches.map((name) => ({ name, type: cacheType, shape: cacheShape('past') })),
  ];
  const next = decodeStep(decoder, body, caches);
  const bodyGraph = body.graph(
    'decode_step',
    [
      { name: 'body.iteration', type: 'int64', shape: [] },
      { name: 'body.go_on', type: 'bool', shape: [] },
      ...carried.map((declared) => ({ ...declared, name: `body.${declared.name}` })),
    ],
    [
      { name: next.goOn, type: 'bool', shape: [] },
      ...carried.map((declared, index) => ({ ...declared, name: next.carried[index] ?? '' })),
    ],
  );

  const iterations = outer.node('Max', ['decode', outer.constant('int64', [1])]);
  const none = outer.constant('int64', [0], [1]);
  const noIds = outer.node('Slice', ['stop_ids', none, none]);
  const noLogs = outer.node('Cast', [noIds], { to: 1 });
  const pasts = caches.map((name) => `past.${name}`);
  const presents = caches.map((name) => `present.${name}`);
  outer.nodes(
    'Loop',
    [iterations, '', 'input_ids', 'past_length', 'verify', noIds, noLogs, ...pasts],
    { body: bodyGraph },
    [...outer.names('tokens', 'length', 'wanted'), 'ids', 'log_probabilities', ...presents],
  );
  return outer.graph(
    'decoder',
    [
      { name: 'input_ids', type: 'int64', shape: [1, 'tokens'] },
      { name: 'past_length', type: 'int64', shape: [] },
      { name: 'decode', type: 'int64', shape: [] },
      { name: 'verify', type: 'int64', shape: [] },
      { name: 'stop_ids', type: 'int64', shape: ['stops'] },
      ...pasts.map((name) => ({ name, type: cacheType, shape: cacheShape('past') })),
    ],
    [
      { name: 'ids', type: 'int64', shape: ['ids'] },
      { name: 'log_probabilities', type: 'float', shape: ['ids'] },
      ...presents.map((name) => ({ name, type: cacheType, shape: cacheShape('present') })),
    ],
  );
}

/** `0.key`, `0.value`, `1.key`, … */
export function cacheNames(layers: number): string[] {
  return Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
}

/** One iteration: the tokens given, the next token of the last positions, and whether to go on. */
function decodeStep(
  decoder: DecoderBody,
  body: GraphBuilder,
  caches: readonly string[],
): { readonly goOn: Value; readonly carried: readonly Value[] } {
  const one = body.constant('int64', [1], [1]);
  const count = body.node('Shape', ['body.tokens'], { start: 1, end: 2 });
  const length = body.node('Add', ['body.length', body.node('Squeeze', [count])]);
  const lastPosition = body.node('Cast', [body.node('Sub', [body.node('Reshape', [length, one]), one])], { to: int32 });
  const past = [];
  for (let layer = 0; layer < caches.length / 2; layer++) {
    past.push({ key: `body.${layer}.key`, value: `body.${layer}.value` });
  }
  const { hidden, present } = decoder.layers({
    tokens: 'body.tokens',
    lastPosition,
    totalLength: body.node('Cast', [length], { to: int32 }),
    past,
  });

  const fromEnd = body.node('Neg', [body.node('Reshape', ['body.wanted', one])]);
  const wanted = body.node('Slice', [hidden, fromEnd, body.constant('int64', [toTheEnd], [1]), one]);
  const { ids, logProbabilities } = greedy(body, decoder.logits(wanted));
  const last = body.node('Slice', [ids, body.constant('int64', [-1], [1]), body.constant('int64', [toTheEnd], [1])]);
  const stops = body.node('Cast', [body.node('Equal', [last, 'stop_ids'])], { to: int64 });
  const stopped = body.node('ReduceMax', [stops], { keepdims: 0 });
  return {
    goOn: body.node('Equal', [stopped, body.constant('int64', [0])]),
    carried: [
      body.node('Reshape', [last, body.constant('int64', [1, 1], [2])]),
      length,
      body.node('Identity', [body.constant('int64', [1])]),
      body.node('Concat', ['body.ids', ids], { axis: 0 }),
      body.node('Concat', ['body.log_probabilities', logProbabilities], { axis: 0 }),
      ...present.flatMap(({ key, value }) => [key, value]),
    ],
  };
}
