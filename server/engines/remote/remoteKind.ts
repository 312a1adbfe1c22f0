import { engineKind } from '../engineKind.ts';
import { WorkerEngine } from '../workerEngine.ts';
import type { RemoteOptions } from './remoteOptions.ts';
import { remoteSettings } from './remoteSettings.ts';

export const remote = engineKind({
  name: 'remote',
  summary: 'a language model on the server that `remote.url` names',
  settings: remoteSettings,

  // Naming a server means consent to ask it; without a name nothing is sent.
  isForAuto: (values) => values['remote.url'] !== '',

  async create(values, { log, notify }) {
    // The formats' code is loaded only if a server is named.
    const [{ readRemoteOptions }, { formats }] = await Promise.all([
      import('./remoteOptions.ts'),
      import('../../../shared/conversation/formats.ts'),
    ]);
    const read = readRemoteOptions(values);
    if (!read.options) return { problem: read.problem, isOptional: false };
    const { options } = read;
    const engine = new WorkerEngine({
      name: 'remote',
      options,
      minConfidence: options.minConfidence,
      supportsInstructions: formats[options.promptFormat].takesInstructions,
      debounceMs: values['remote.debounceMs'],
      modelName: options.model || options.endpoint.host,
      // It waits for the server, with its own time limits; its thread answers pings meanwhile.
      timeoutMs: 0,
      onMessage: (kind, message) => (kind === 'log' ? log(message) : notify(message)),
    });
    return { engine };
  },

  async start(options: RemoteOptions, post) {
    const { startRemoteEngine } = await import('./startRemoteEngine.ts');
    return startRemoteEngine(options, post);
  },
});
