import * as v from 'valibot';
import { MessageType } from 'vscode-languageserver';
import { Command, type InstructionResult, type Status } from '../../shared/protocol.ts';
import { abortSignal } from './cancellation.ts';
import { invalidParams } from './errors.ts';
import { asWorkspaceEdit } from './offers.ts';
import { describeIssue, instructionArguments, offerArguments } from './schemas.ts';
import { offsetAt } from './textSync.ts';
import type { Workspace } from './workspace.ts';

/** What clients run through `workspace/executeCommand`: accept, reject, instruct, status. */
export function registerCommands(workspace: Workspace): void {
  const { server, configuration, documents, predictions } = workspace;
  const parse = <S extends v.GenericSchema>(schema: S, command: string, args: readonly unknown[]): v.InferOutput<S> => {
    const parsed = v.safeParse(schema, args[0]);
    if (!parsed.success) throw invalidParams(`${command}: ${describeIssue(parsed.issues[0], 'its argument')}`);
    return parsed.output;
  };

  const commands: Record<string, (args: readonly unknown[], signal: AbortSignal) => unknown> = {
    [Command.accept]: (args) => {
      const { uri, offer } = parse(offerArguments, Command.accept, args);
      if (predictions.accept(offer)) server.log.info(`${uri}: offer ${offer} accepted`);
      return null;
    },
    [Command.reject]: (args) => {
      const { uri, offer } = parse(offerArguments, Command.reject, args);
      if (predictions.reject(uri, offer)) server.log.info(`${uri}: offer ${offer} rejected`);
      return null;
    },
    [Command.instruct]: (args, signal) =>
      instruct(workspace, parse(instructionArguments, Command.instruct, args), signal),
    [Command.status]: (): Status => ({
      version: server.version,
      engine: predictions.engineName,
      enabled: configuration.settings.enable,
      openDocuments: documents.size,
      excluded: [...documents.excluded].map(([uri, reason]) => ({ uri, reason })),
      ...predictions.counts,
      ...(predictions.lastError === undefined ? {} : { lastError: predictions.lastError }),
    }),
  };

  server.capabilities.executeCommandProvider = { commands: Object.keys(commands) };
  server.connection.onExecuteCommand(({ command, arguments: args }, token) => {
    const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (!run) throw invalidParams(`there is no command ${command}`);
    return run(args ?? [], abortSignal(token));
  });
}

/** Inline chat: asks the engine with an instruction, and has the client apply what it answers. */
async function instruct(
  { server, documents, predictions }: Workspace,
  { textDocument: { uri }, range, instruction }: v.InferOutput<typeof instructionArguments>,
  signal: AbortSignal,
): Promise<InstructionResult> {
  const refuse = (message: string): InstructionResult => {
    server.showMessage(MessageType.Warning, message);
    return { applied: false, message };
  };
  const document = documents.require(uri);
  if (!document) return refuse('This file is kept out of predictions; the status command says why.');
  if (!predictions.takesInstructions) {
    return refuse(`The ${predictions.engineName} engine cannot take instructions; it predicts from your edits alone.`);
  }
  const [start, end] = [range.start, range.end].map((at) => offsetAt(document, at, server.client.encoding));
  const answer = await predictions.instruct(uri, { start: start ?? 0, end: end ?? 0, instruction, signal });
  if (!answer) return refuse('The text changed, or the engine failed, before the instruction was carried out.');
  if (answer.chat) server.showMessage(MessageType.Info, answer.chat);
  if (answer.edits.length === 0) return refuse('The engine proposes no change for this instruction.');
  const edit = asWorkspaceEdit(uri, answer.version, answer.text, answer.edits, server.client);
  const response = await server.connection.workspace.applyEdit({ label: instruction, edit });
  return response?.applied === true ? { applied: true } : refuse('The editor did not apply the edit.');
}
