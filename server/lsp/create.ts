import type { createEngines } from '../engines/registry.ts';
import { registerCodeActions } from './codeActions.ts';
import { registerCommands } from './commands.ts';
import { type CompletionOptions, registerCompletions } from './completions.ts';
import { registerConfiguration } from './configuration.ts';
import { registerDocuments } from './documents.ts';
import { registerHints } from './hints.ts';
import { registerInlineCompletion } from './inlineCompletion.ts';
import { registerNextEdit } from './nextEdit.ts';
import { registerProgress } from './progress.ts';
import { LanguageServer, type ServerOptions } from './server.ts';
import { createWorkspace } from './workspace.ts';

/** What the server offers; each feature registers its own capability and handlers. */
const features = [registerInlineCompletion, registerNextEdit, registerCodeActions, registerHints, registerCommands];

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
