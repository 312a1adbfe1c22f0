import type { GraphBuilder, Value } from './onnxModel.ts';

/** The likeliest token of each position, and the natural logarithm of its probability. */
export function greedy(body: GraphBuilder, logits: Value): { readonly ids: Value; readonly logProbabilities: Value } {
  const flat = body.constant('int64', [-1], [1]);
  const lastAxis = body.constant('int64', [-1], [1]);
  const ids = body.node('Reshape', [body.node('ArgMax', [logits], { axis: -1, keepdims: 0 }), flat]);
  const highest = body.node('ReduceMax', [logits, lastAxis], { keepdims: 1 });
  // One pass without a tensor as large as the logits, which for a draft of many tokens are tens of megabytes.
  const total = body.node('ReduceLogSumExp', [logits, lastAxis], { keepdims: 1 });
  const logProbabilities = body.node('Reshape', [body.node('Sub', [highest, total]), flat]);
  return { ids, logProbabilities };
}
