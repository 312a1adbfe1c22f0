import { errorText } from '../../shared/errors.ts';
import { counted } from '../../shared/plural.ts';
import type { Engine } from '../engines/engine.ts';
import { createEngine, type EngineSettings } from '../engines/registry.ts';
import { EditHistory } from '../history/editHistory.ts';
import { Exclusion } from '../history/exclusion.ts';
import { PredictionService } from '../prediction/service.ts';
import type { Client } from './client.ts';
import type { Configuration } from './configuration.ts';
import { Documents } from './documents.ts';
import type { ShowProgress } from './progress.ts';
import type { LanguageServer } from './server.ts';

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
  let exclusion = new Exclusion(configuration.settings);
  const history = new EditHistory({ isExcluded: (uri) => exclusion.nameReason(uri) !== undefined });
  let engine: Engine | undefined;

  const currentEngine = (): Engine => {
    if (engine) return engine;
    const choice = makeEngine(configuration.settings);
    if (choice.notice) server.warnOnce(choice.notice);
    server.log.info(`engine: ${choice.engine.name}`);
    engine = choice.engine;
    return engine;
  };

  const predictions = new PredictionService({
    engine: currentEngine,
    debounceMs: () => configuration.settings.debounceMs,
    conversation: (uri, target) => {
      const document = documents.get(uri);
      if (!document) return undefined;
      const { settings } = configuration;
      const related = history.related(uri, settings['history.maxRelated'], Date.now());
      return {
        path: workspacePath(uri, server.client.workspaceFolders),
        languageId: document.languageId,
        history: history.snapshots(uri, settings['history.maxSnapshots']),
        current: document.getText(),
        ...(target ? { target } : {}),
        ...(related.length > 0 ? { related } : {}),
      };
    },
    onCall: (uri, result, cancel) => {
      const start = performance.now();
      const took = () => `${(performance.now() - start).toFixed(1)} ms`;
      result.then(
        ({ edits }) => server.log.debug(`${uri}: ${counted(edits.length, 'edit')} predicted in ${took()}`),
        () => server.log.debug(`${uri}: no prediction after ${took()}`),
      );
      showProgress('Predicting edits', result, cancel);
    },
    onFailure: (uri, error) => {
      server.log.error(`${uri}: ${errorText(error)}`);
      server.warnOnce(error instanceof Error ? error.message : 'The engine failed.');
    },
  });

  const documents = new Documents({
    exclude: (uri, text, inserted) => exclusion.reason(uri, text, inserted),
    opened: (document) => {
      const { uri, version, languageId } = document;
      const text = document.getText();
      history.open({ uri, path: workspacePath(uri, server.client.workspaceFolders), languageId, text });
      predictions.open(uri, version, text);
    },
    changed: ({ uri, version }, changes) => {
      const edits = changes.map(({ edit }) => edit);
      history.change(uri, edits, Date.now(), changes.at(-1)?.text);
      predictions.change(uri, version, changes);
    },
    closed: (uri) => {
      history.close(uri);
      predictions.close(uri);
    },
    forgotten: (uri) => {
      history.forget(uri);
      predictions.close(uri);
    },
  });

  configuration.onChange((settings, previous) => {
    exclusion.update(settings);
    documents.reconsider();
    if (isSameEngine(settings, previous)) return;
    predictions.reset();
    void engine?.dispose();
    engine = undefined;
  });
  server.onInitialize(() => {
    exclusion = new Exclusion(configuration.settings, {
      folders: server.client.workspaceFolders.map(({ uri }) => uri),
    });
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

/** The document's path in the innermost workspace folder that holds it, or its name where none does. */
function workspacePath(uri: string, folders: Client['workspaceFolders']): string {
  const inside = folders
    .map((folder) => (folder.uri.endsWith('/') ? folder.uri : `${folder.uri}/`))
    .filter((folder) => uri.startsWith(folder))
    .map((folder) => uri.slice(folder.length))
    .sort((a, b) => a.length - b.length)[0];
  const path = inside ?? uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
