import type { CancellationToken } from 'vscode-languageserver';
import { type ExplainParams, type ExplainResult, explainMethod } from '../../../shared/protocol.ts';
import { offsetAt } from '../textSync.ts';
import { methodNotFound } from '../transport/protocolErrors.ts';
import type { Workspace } from '../workspace.ts';
import { abortSignal } from './cancellation.ts';

/**
 * What the engines considered, for tuning an engine or checking a prediction. It contains text, so it goes only to the
 * client that asks, never to the log.
 */
export function registerExplain({ server, configuration, documents, predictions }: Workspace): void {
  server.connection.onRequest(
    explainMethod,
    async ({ textDocument: { uri }, position }: ExplainParams, token: CancellationToken): Promise<ExplainResult> => {
      if (!configuration.settings['explain.enable']) {
        throw methodNotFound(`${explainMethod} is answered where the setting explain.enable is on`);
      }
      const document = documents.get(uri);
      if (!document) return { version: null, engines: [] };
      const { version } = document;
      const cursor = offsetAt(document, position, server.client.encoding);
      const engines = await predictions.explain(uri, { cursor, signal: abortSignal(token) });
      return engines ? { version, engines } : { version: null, engines: [] };
    },
  );
}
