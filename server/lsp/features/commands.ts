import * as v from 'valibot';
import { MessageType, type WorkspaceEdit } from 'vscode-languageserver';
import { errorText } from '../../../shared/errors.ts';
import { counted } from '../../../shared/plural.ts';
import { Command, type InstructionResult, type Status } from '../../../shared/protocol.ts';
import type { Engine } from '../../engines/engine.ts';
import type { Offer } from '../../prediction/offers.ts';
import { appliesEdits } from '../client.ts';
import type { LanguageServer } from '../server.ts';
import { offsetAt } from '../textSync.ts';
import { invalidParams } from '../transport/protocolErrors.ts';
import { describeIssue, instructionArguments, offerArguments, positionArguments } from '../transport/schemas.ts';
import type { Workspace } from '../workspace.ts';
import { abortSignal, untilAborted } from './cancellation.ts';
import { commandsByHand, describeStatus, isByHand } from './commandsByHand.ts';
import { asWorkspaceEdit } from './offerItems.ts';

const keptOut = 'This file is kept out of predictions; the status command says why.';
const notOpen = 'The editor has not opened this file with the server.';
const cannotApply = 'This editor applies no edits that a server sends (workspace/applyEdit).';

/** What clients run through `workspace/executeCommand`: accept, reject, apply, instruct, status. */
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
    [Command.applyAll]: (args, signal) => applyAll(workspace, parse(offerArguments, Command.applyAll, args), signal),
    [Command.applyNext]: (args, signal) =>
      applyNext(workspace, parse(positionArguments, Command.applyNext, args), signal),
    [Command.instruct]: (args, signal) =>
      instruct(workspace, parse(instructionArguments, Command.instruct, args), signal),
    [Command.status]: async (): Promise<Status> => {
      const status = {
        version: server.version,
        ...describeEngines(await predictions.engines()),
        enabled: configuration.settings.enable,
        openDocuments: documents.size,
        excluded: [...documents.excluded].map(([uri, reason]) => ({ uri, reason })),
        ...predictions.counts,
        ...(predictions.lastError === undefined ? {} : { lastError: predictions.lastError }),
      };
      if (!server.client.extensions.chat) server.showMessage(MessageType.Info, describeStatus(status));
      return status;
    },
  };
  const byHand = commandsByHand(workspace, {
    applyOffer: (uri, offer, signal) => applyOffer(workspace, uri, offer, signal),
    instruct: (target, signal) => instruct(workspace, target, signal),
    refuse: (message) => refuse(server, message),
  });

  server.capabilities.executeCommandProvider = { commands: Object.values(Command) };
  server.connection.onExecuteCommand(({ command, arguments: args }, token) => {
    const given = args ?? [];
    const named = isByHand(given) && Object.hasOwn(byHand, command) ? byHand : commands;
    const run = Object.hasOwn(named, command) ? named[command] : undefined;
    if (!run) throw invalidParams(`there is no command ${command}`);
    return run(given, abortSignal(token));
  });
}

/** Inline chat: asks the engine with an instruction, and has the client apply the answer. */
async function instruct(
  { server, documents, predictions }: Workspace,
  { textDocument: { uri }, range, instruction }: v.InferOutput<typeof instructionArguments>,
  signal: AbortSignal,
): Promise<InstructionResult> {
  const document = documents.get(uri);
  if (!document) return refuse(server, documents.excluded.has(uri) ? keptOut : notOpen);
  const engines = await predictions.engines();
  if (!engines.some((engine) => engine.supportsInstructions)) {
    // Short: Neovim asks for a key where a message fills more than a line.
    return refuse(server, 'Instructions want a model: `cursorcore-lsp model pull` lists some.');
  }
  const [start, end] = [range.start, range.end].map((at) => offsetAt(document, at, server.client.encoding));
  const answer = await predictions.instruct(uri, { start: start ?? 0, end: end ?? 0, instruction, signal });
  if (!answer) return refuse(server, 'The text changed, or the engine failed, before the instruction was carried out.');
  const { chat } = answer;
  const reply = chat ? { chat } : {};
  if (chat && !server.client.extensions.chat) server.showMessage(MessageType.Info, chat);
  if (answer.edits.length === 0) {
    return chat ? { applied: false, chat } : refuse(server, 'The engine proposes no change for this instruction.');
  }
  const edit = asWorkspaceEdit(uri, answer.version, answer.text, answer.edits, server.client);
  return { ...(await apply(server, instruction, edit, signal)), ...reply };
}

/** Applies an offer and everything else that is predicted, for clients that do not resolve code actions. */
async function applyAll(
  workspace: Workspace,
  { uri, offer: id }: v.InferOutput<typeof offerArguments>,
  signal: AbortSignal,
): Promise<InstructionResult> {
  const { server, predictions } = workspace;
  const offer = await predictions.wholeOffer(uri, id, signal);
  if (!offer) return refuse(server, 'The text has changed since these edits were predicted.');
  return applyOffer(workspace, uri, offer, signal);
}

/** Waits for a prediction without time limit and applies its first hunk, for clients that could not wait for it. */
async function applyNext(
  workspace: Workspace,
  { textDocument: { uri }, position }: v.InferOutput<typeof positionArguments>,
  signal: AbortSignal,
): Promise<InstructionResult> {
  const { server, documents, predictions } = workspace;
  const document = documents.get(uri);
  if (!document) return refuse(server, documents.excluded.has(uri) ? keptOut : notOpen);
  const cursor = offsetAt(document, position, server.client.encoding);
  const offer = await predictions.nextEdit(uri, { cursor, signal });
  return offer ? applyOffer(workspace, uri, offer, signal) : refuse(server, 'No edit is predicted here.');
}

async function applyOffer(
  { server, predictions }: Workspace,
  uri: string,
  offer: Offer,
  signal: AbortSignal,
): Promise<InstructionResult> {
  const edit = asWorkspaceEdit(uri, offer.version, offer.text, offer.edits, server.client);
  const result = await apply(server, `Apply ${counted(offer.hunks, 'predicted edit')}`, edit, signal);
  if (result.applied && predictions.accept(offer.id)) server.log.info(`${uri}: offer ${offer.id} accepted`);
  return result;
}

/** Has the client apply an edit. Rejects once `signal` aborts, because a client may never answer. */
async function apply(
  server: LanguageServer,
  label: string,
  edit: WorkspaceEdit,
  signal: AbortSignal,
): Promise<InstructionResult> {
  if (!appliesEdits(server.client)) return refuse(server, cannotApply);
  const answer = server.connection.workspace.applyEdit({ label, edit }).catch((error) => {
    server.log.warn(`workspace/applyEdit: ${errorText(error)}`);
    return undefined;
  });
  const response = await untilAborted(answer, signal);
  return response?.applied === true ? { applied: true } : refuse(server, 'The editor did not apply the edit.');
}

function refuse(server: LanguageServer, message: string): InstructionResult {
  server.showMessage(MessageType.Warning, message);
  return { applied: false, message };
}

function describeEngines(engines: readonly Engine[]): Pick<Status, 'engine' | 'model'> {
  const model = engines.find((engine) => engine.model)?.model;
  return { engine: engines.map(({ name }) => name).join(', '), ...(model ? { model } : {}) };
}
