import type { createEngines } from '../engines/registry.ts';
import { type CompletionOptions, registerCompletions } from './completionService.ts';
import { registerConfiguration } from './configuration.ts';
import { registerDocuments } from './documents.ts';
import { registerCodeActions } from './features/codeActions.ts';
import { registerCommands } from './features/commands.ts';
import { registerExplain } from './features/explainRequest.ts';
import { registerHints } from './features/hints.ts';
import { registerInlineCompletion } from './features/inlineCompletion.ts';
import { registerNextEdit } from './features/nextEditRequest.ts';
import { LanguageServer, type ServerOptions } from './server.ts';
import { registerProgress } from './workDoneProgress.ts';
import { createWorkspace } from './workspace.ts';

/** What the server offers; each feature registers its own capability and handlers. */
const features = [
  registerInlineCompletion,
  registerNextEdit,
  registerCodeActions,
  registerHints,
  registerCommands,
  registerExplain,
];

/** The language server with all its features, ready to `listen`. */
export function createServer(
  options: ServerOptions,
  makeEngines?: typeof createEngines,
  completions?: CompletionOptions,
): LanguageServer {
  const server = new LanguageServer(options);
  const workspace = createWorkspace(server, registerConfiguration(server), registerProgress(server), makeEngines);
  registerDocuments(server, workspace.documents);
  for (const register of features) register(workspace);
  if (completions) registerCompletions(workspace, completions);
  return server;
}
