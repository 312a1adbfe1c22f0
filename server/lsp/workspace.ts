import { EngineError, errorText } from '../../shared/errors.ts';
import { counted } from '../../shared/plural.ts';
import { type RefreshParams, refreshMethod } from '../../shared/protocol.ts';
import { Conversations } from '../conversation/conversations.ts';
import { CurrentEngines } from '../engines/currentEngines.ts';
import { createEngines, type EngineChoice, isSameChoice } from '../engines/registry.ts';
import { EditHistory } from '../history/editHistory.ts';
import { Exclusion } from '../history/exclusion.ts';
import { PredictionService } from '../prediction/service.ts';
import type { Configuration } from './configuration.ts';
import { Documents } from './documents.ts';
import { LastPlace } from './lastPlace.ts';
import type { LanguageServer } from './server.ts';
import { SessionRecording } from './sessionRecording.ts';
import type { ShowProgress } from './workDoneProgress.ts';

/** What the features that offer predictions use. */
export interface Workspace {
  readonly server: LanguageServer;
  readonly configuration: Configuration;
  readonly documents: Documents;
  readonly predictions: PredictionService;
  readonly lastPlace: LastPlace;
  readonly recording: SessionRecording;
}

/** Connects documents, their history and the prediction service with the engines that the settings name. */
export function createWorkspace(
  server: LanguageServer,
  configuration: Configuration,
  showProgress: ShowProgress,
  makeEngines: typeof createEngines = createEngines,
): Workspace {
  let exclusion = new Exclusion(configuration.settings);
  const history = new EditHistory({ isExcluded: (uri) => exclusion.nameReason(uri) !== undefined });
  const engines = new CurrentEngines(engineChooser(server, configuration, makeEngines), () => predictions.reset());

  const conversations = new Conversations({
    history,
    settings: () => configuration.settings,
    folders: () => server.client.workspaceFolders.map(({ uri }) => uri),
    languageId: (uri) => documents.get(uri)?.languageId,
    now: Date.now,
  });
  const recording = new SessionRecording(server, configuration, (uri) => {
    const current = history.current(uri);
    const languageId = documents.get(uri)?.languageId ?? '';
    return (
      current && {
        path: conversations.pathOf(uri),
        languageId,
        text: current.text,
        hasSecrets: current.secrets.length > 0,
      }
    );
  });
  const predictions = new PredictionService({
    engines: () => engines.get(),
    debounceMs: () => configuration.settings.debounceMs,
    conversation: (uri, target) => conversations.about(uri, target),
    onCall: ({ uri, engine, background, result, cancel }) => {
      const start = performance.now();
      const took = () => `by ${engine.name} in ${(performance.now() - start).toFixed(1)} ms`;
      result.then(
        ({ edits }) => server.log.debug(`${uri}: ${counted(edits.length, 'edit')} predicted ${took()}`),
        () => server.log.debug(`${uri}: no prediction ${took()}`),
      );
      if (!background) showProgress('Predicting edits', result, cancel);
    },
    onLateAnswer: (uri, version) => {
      const params: RefreshParams = { textDocument: { uri, version } };
      if (server.client.extensions.refresh) server.notify(refreshMethod, params);
    },
    onFailure: (uri, error) => {
      server.log.error(`${uri}: ${errorText(error)}`);
      // One message per kind of failure; `status` has the last one unchanged.
      if (error instanceof EngineError) server.warnOnce(error.message, error.topic);
      else server.warnOnce(error instanceof Error ? error.message : 'The engine failed.');
    },
    onOffer: (uri, via, { id, edits }) => recording.recorder?.offered(uri, via, id, edits),
    onAnswer: (id, answer) => recording.recorder?.answered(id, answer),
  });

  const lastPlace = new LastPlace();
  const documents = new Documents({
    exclude: (uri, text, inserted) => exclusion.keptOut(uri, text, inserted),
    opened: (document, formerly) => {
      const { uri, version, languageId } = document;
      const text = document.getText();
      history.open({ uri, path: conversations.pathOf(uri), languageId, text, formerly });
      predictions.open(uri, version, text, formerly);
      lastPlace.opened(uri);
      recording.opened(uri);
    },
    changed: ({ uri, version, buffer }, changes) => {
      const edits = changes.map(({ edit }) => edit);
      history.change(uri, edits, Date.now(), changes.at(-1)?.text, (start, end) => buffer.slice(start, end));
      predictions.change(uri, version, changes);
      lastPlace.changed(uri, changes);
      recording.changed(uri, edits);
    },
    closed: (uri) => {
      history.close(uri);
      predictions.close(uri);
      lastPlace.closed(uri);
      recording.closed(uri);
    },
    departed: (uri) => {
      history.depart(uri);
      predictions.depart(uri);
      recording.recorder?.departed(uri);
    },
    forgotten: (uri) => {
      history.forget(uri);
      predictions.close(uri);
      predictions.depart(uri);
      lastPlace.closed(uri);
      recording.forgotten(uri);
    },
  });

  configuration.onChange((settings, previous) => {
    exclusion.update(settings);
    documents.reconsider();
    if (isSameChoice(settings, previous)) return;
    predictions.reset();
    void engines.dispose();
  });
  const readFolders = () => {
    exclusion = new Exclusion(configuration.settings, {
      folders: server.client.workspaceFolders.map(({ uri }) => uri),
    });
  };
  server.onInitialize(readFolders);
  server.onFoldersChanged(() => {
    readFolders();
    documents.reconsider();
  });
  server.onInitialized(() => {
    // Only to report at once when the configured engine is unavailable; nothing is started yet.
    void engines.get();
  });
  server.onShutdown(() => engines.close());
  return { server, configuration, documents, predictions, lastPlace, recording };
}

/** Chooses engines by the current settings; problems are shown to the user, and a change of engines is logged. */
function engineChooser(
  server: LanguageServer,
  configuration: Configuration,
  makeEngines: typeof createEngines,
): () => Promise<EngineChoice> {
  let logged = '';
  return async () => {
    const choice = await makeEngines(configuration.settings, {
      log: (message) => server.log.debug(message),
      notify: (message) => server.warnOnce(message),
    });
    for (const notice of choice.notices) server.warnOnce(notice);
    const names = choice.engines.map(({ name, model }) => (model ? `${name} (${model.name})` : name)).join(', ');
    // While no model is installed, the search is repeated.
    if (names !== logged) server.log.info(`engine: ${names}`);
    logged = names;
    return choice;
  };
}
