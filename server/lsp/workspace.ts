import type { Engine } from '../engines/engine.ts';
import { createEngine, type EngineSettings } from '../engines/registry.ts';
import { DocumentHistory } from '../history/documentHistory.ts';
import { PredictionService } from '../prediction/service.ts';
import type { Configuration } from './configuration.ts';
import { Documents } from './documents.ts';
import { errorText } from './log.ts';
import type { ShowProgress } from './progress.ts';
import type { LanguageServer } from './server.ts';

/** LSP 3.18, `MessageType.Warning`. */
const warning = 2;

/** What the features that offer predictions work with. */
export interface Workspace {
  readonly server: LanguageServer;
  readonly configuration: Configuration;
  readonly documents: Documents;
  readonly predictions: PredictionService;
}

/** Joins documents, their history and the prediction service with the engine that the settings name. */
export function createWorkspace(
  server: LanguageServer,
  configuration: Configuration,
  showProgress: ShowProgress,
  makeEngine: typeof createEngine = createEngine,
): Workspace {
  const histories = new Map<string, DocumentHistory>();
  let engine: Engine | undefined;

  const currentEngine = (): Engine => {
    if (engine) return engine;
    const choice = makeEngine(configuration.settings);
    if (choice.notice) server.showOnce(warning, choice.notice);
    server.log.info(`engine: ${choice.engine.name}`);
    engine = choice.engine;
    return engine;
  };

  const predictions = new PredictionService({
    engine: currentEngine,
    debounceMs: () => configuration.settings.debounceMs,
    conversation: (uri, target) => {
      const document = documents.get(uri);
      const history = histories.get(uri);
      if (!document || !history) return undefined;
      return {
        path: uri.slice(uri.lastIndexOf('/') + 1),
        languageId: document.languageId,
        history: history.snapshots(configuration.settings['history.maxSnapshots']),
        current: document.getText(),
        ...(target ? { target } : {}),
      };
    },
    onCall: (uri, result, cancel) => {
      const start = performance.now();
      const took = () => `${(performance.now() - start).toFixed(1)} ms`;
      result.then(
        ({ edits }) => server.log.debug(`${uri}: ${edits.length} edits predicted in ${took()}`),
        () => server.log.debug(`${uri}: no prediction after ${took()}`),
      );
      showProgress('Predicting edits', result, cancel);
    },
    onFailure: (uri, error) => {
      server.log.error(`${uri}: ${errorText(error)}`);
      server.showOnce(warning, error instanceof Error ? error.message : 'The engine failed.');
    },
  });

  const documents = new Documents({
    exclude: (_uri, text) =>
      text.length > configuration.settings['exclude.maxFileSize'] ? 'longer than exclude.maxFileSize' : undefined,
    opened: (document) => {
      histories.set(document.uri, new DocumentHistory(document.getText()));
      predictions.open(document.uri, document.version, document.getText());
    },
    changed: (document, changes) => {
      histories.get(document.uri)?.record(
        changes.map(({ edit }) => edit),
        Date.now(),
      );
      predictions.change(document.uri, document.version, changes);
    },
    closed: (uri) => {
      histories.delete(uri);
      predictions.close(uri);
    },
  });

  configuration.onChange((settings, previous) => {
    documents.reconsider();
    if (isSameEngine(settings, previous)) return;
    predictions.reset();
    void engine?.dispose();
    engine = undefined;
  });
  server.onInitialized(() => {
    // Only to tell at once when the engine that was asked for cannot be had; nothing is started yet.
    currentEngine();
  });
  server.onShutdown(() => engine?.dispose());
  return { server, configuration, documents, predictions };
}

function isSameEngine(a: EngineSettings, b: EngineSettings): boolean {
  return a.engine === b.engine && a['pattern.minConfidence'] === b['pattern.minConfidence'];
}
