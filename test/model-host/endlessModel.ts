import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheNames } from '../../server/models/graph/loopGraph.ts';
import { encodeModel, GraphBuilder } from '../../server/models/graph/onnxModel.ts';
import { type TinyModel, tinyConfig, tinyModel } from './tinyModel.ts';

/** A model that loads, and whose first run never comes back from native code. */
export async function endlessModel(layout: 'in place' | 'loop'): Promise<TinyModel> {
  const model = await tinyModel(layout);
  const { kvHeads, headSize, layers } = tinyConfig;
  const body = new GraphBuilder('body.');
  const scalar = { type: 'int64', shape: [] } as const;
  const next = body.node('Add', ['body.value', body.constant('int64', [1])]);
  const goOn = body.node('Identity', ['body.go_on']);
  const count = body.graph(
    'count',
    [
      { name: 'body.iteration', ...scalar },
      { name: 'body.go_on', type: 'bool', shape: [] },
      { name: 'body.value', ...scalar },
    ],
    [
      { name: goOn, type: 'bool', shape: [] },
      { name: next, ...scalar },
    ],
  );
  const outer = new GraphBuilder();
  const forever = outer.constant('int64', [Number.MAX_SAFE_INTEGER]);
  const counted = outer.node('Loop', [forever, '', 'past_length'], { body: count });
  outer.node('Reshape', [counted, outer.constant('int64', [1], [1])], {}, 'ids');
  outer.node('Cast', ['ids'], { to: 1 }, 'log_probabilities');
  const caches = cacheNames(layers);
  for (const name of caches) outer.node('Identity', [`past.${name}`], {}, `present.${name}`);
  // All inputs have to be there, as the decoder binds them.
  const inputs = [
    { name: 'input_ids', type: 'int64', shape: [1, 'tokens'] },
    { name: 'verify', ...scalar },
    ...(layout === 'in place'
      ? []
      : ([
          { name: 'decode', ...scalar },
          { name: 'stop_ids', type: 'int64', shape: ['stops'] },
        ] as const)),
  ] as const;
  for (const { name } of inputs) outer.node('Identity', [name], {}, `unused.${name}`);
  const cache = { type: 'float', shape: [1, kvHeads, 'past', headSize] } as const;
  const graph = outer.graph(
    'endless',
    [...inputs, { name: 'past_length', ...scalar }, ...caches.map((name) => ({ name: `past.${name}`, ...cache }))],
    [
      { name: 'ids', type: 'int64', shape: ['ids'] },
      { name: 'log_probabilities', type: 'float', shape: ['ids'] },
      ...caches.map((name) => ({ name: `present.${name}`, ...cache })),
    ],
  );
  const { files, inPlaceFiles = files } = model.manifest.decoder;
  writeFileSync(path.join(model.folder, inPlaceFiles.cpu ?? ''), encodeModel(graph));
  return model;
}
