import * as v from 'valibot';
import { type CodeAction, CodeActionKind, CodeActionTriggerKind, type Diagnostic } from 'vscode-languageserver';
import type { PositionEncoding } from '../../../shared/positions/encoding.ts';
import { LineIndex } from '../../../shared/positions/lineIndex.ts';
import {
  Command,
  type InstructionArguments,
  type PositionArguments,
  type ProtocolPosition,
} from '../../../shared/protocol.ts';
import type { Offer } from '../../prediction/offers.ts';
import { describeEdits } from '../../prediction/presentation.ts';
import { appliesEdits } from '../client.ts';
import { nameOf } from '../documents.ts';
import type { OpenDocument } from '../openDocument.ts';
import { clamped, offsetAt } from '../textSync.ts';
import { contentModified } from '../transport/protocolErrors.ts';
import { type ActionData, diagnosticSchema } from '../transport/schemas.ts';
import type { Workspace } from '../workspace.ts';
import { abortSignal } from './cancellation.ts';
import { hintSource } from './hints.ts';
import { acceptCommand, asWorkspaceEdit } from './offerItems.ts';

/**
 * Every editor's key for code actions lists quick fixes first; some have a key for quick fixes only (eglot's
 * `eglot-code-action-quickfix`), which applies a single one without asking. "Apply all" is no quick fix, so that the
 * nearest hunk is the only one there; nor is it a `source` action, which editors may run on saving.
 */
const nextKind = CodeActionKind.QuickFix;
const allKind = CodeActionKind.RefactorRewrite;
const fixKind = CodeActionKind.QuickFix;
/**
 * Editors show no action before every server has listed its own, so ours come after at most this many milliseconds; a
 * prediction that takes longer becomes an action that waits for it.
 */
const listAfterMs = 1000;
/** A title shows no more than this many characters of a diagnostic. */
const maxTitle = 80;

/** Predictions as code actions, for editors without ghost text or next edits (LSP 3.18, `textDocument/codeAction`). */
export function registerCodeActions({ server, configuration, documents, predictions }: Workspace): void {
  /** Whether the client requests edits later; otherwise an action must contain them from the start. */
  const resolvesEdits = (): boolean => {
    const support = server.client.capabilities.textDocument?.codeAction;
    const properties: unknown = support?.resolveSupport?.properties;
    return support?.dataSupport === true && Array.isArray(properties) && properties.includes('edit');
  };
  /** The edit, and the command that reports it as applied, for any client that applies edits and runs commands. */
  const effect = (uri: string, offer: Offer): Pick<CodeAction, 'edit' | 'command'> => ({
    edit: asWorkspaceEdit(uri, offer.version, offer.text, offer.edits, server.client),
    command: acceptCommand(uri, offer),
  });
  const nextAction = (uri: string, offer: Offer, where = ''): CodeAction => {
    const action = { title: titleOf(offer, where), kind: nextKind };
    // Without edit and command, because clients resolve only an action that has neither.
    return resolvesEdits() ? { ...action, data: { uri, offer: offer.id } } : { ...action, ...effect(uri, offer) };
  };
  const allAction = (uri: string, offer: Offer): CodeAction | undefined => {
    const title = `Apply all ${offer.partial ? '' : `${offer.hunks} `}predicted edits in this file`;
    if (resolvesEdits()) return { title, kind: allKind, data: { uri, offer: offer.id, all: true } };
    // The rest is predicted only on request.
    if (!offer.partial) return { title, kind: allKind, ...effect(uri, offer) };
    if (!appliesEdits(server.client)) return undefined;
    return {
      title,
      kind: allKind,
      command: { title, command: Command.applyAll, arguments: [{ uri, offer: offer.id }] },
    };
  };
  /** An instruction per diagnostic to fix it, which asks the engine only once it is run. */
  const fixes = async (document: OpenDocument, diagnostics: readonly unknown[]): Promise<CodeAction[]> => {
    const read = diagnostics
      .filter((diagnostic): diagnostic is Diagnostic => v.is(diagnosticSchema, diagnostic))
      .filter(({ source }) => source !== hintSource);
    const engines = read.length > 0 && appliesEdits(server.client) ? await predictions.engines() : [];
    return engines.some((engine) => engine.supportsInstructions)
      ? read.map((one) => fixAction(document, one, server.client.encoding))
      : [];
  };

  const codeActionKinds = [...new Set([nextKind, fixKind, allKind])];
  server.capabilities.codeActionProvider = { codeActionKinds, resolveProvider: true };

  server.connection.onCodeAction(async ({ textDocument: { uri }, range, context }, token) => {
    const document = documents.get(uri);
    const { settings } = configuration;
    if (!document || !settings.enable || !settings['codeAction.enable']) return [];
    // Some clients send an empty list where they want any kind.
    const only = context.only?.length ? context.only : [''];
    const wanted = (kind: string) => only.some((one) => includesKind(one, kind));
    if (!wanted(nextKind) && !wanted(allKind)) return [];

    const cursor = offsetAt(document, range.start, server.client.encoding);
    // Editors that request actions at every cursor move get what is known; no engine call is started.
    const inquiry = { cursor, signal: abortSignal(token) };
    const automatic = context.triggerKind === CodeActionTriggerKind.Automatic;
    const offers = automatic ? predictions.known(uri, cursor) : await predictions.nextAndAll(uri, inquiry, listAfterMs);
    const [next, all] = offers ?? [];
    const elsewhere = async () =>
      automatic ? predictions.knownElsewhere(uri) : await predictions.nextElsewhere(uri, inquiry);
    const other = offers && !next && wanted(nextKind) ? await elsewhere() : undefined;
    const actions: CodeAction[] = [];
    if (!offers && wanted(nextKind) && appliesEdits(server.client))
      actions.push(laterAction(uri, clamped(document, range.start, server.client.encoding)));
    if (next && wanted(nextKind)) actions.push(nextAction(uri, next));
    if (other) actions.push(nextAction(other.uri, other, ` in ${nameOf(other.uri)}`));
    if (wanted(fixKind)) actions.push(...(await fixes(document, context.diagnostics ?? [])));
    const everything = all && wanted(allKind) ? allAction(uri, all) : undefined;
    return everything ? [...actions, everything] : actions;
  });

  server.connection.onCodeActionResolve(async (action, token) => {
    const data: ActionData | undefined = action.data;
    // Some clients resolve actions that are complete already.
    if (!data) return action;
    const { uri, offer: id, all } = data;
    const offer = all ? await predictions.wholeOffer(uri, id, abortSignal(token)) : predictions.offer(uri, id);
    if (!offer) throw contentModified('the text has changed since this edit was predicted');
    return { ...action, ...effect(uri, offer) };
  });
}

/** What the offer does and on which line, counted from 1 as editors show it. */
function titleOf({ text, edits }: Offer, where: string): string {
  const line = new LineIndex(text).lineAt(edits[0]?.start ?? 0) + 1;
  return `Apply predicted edit${where}: ${describeEdits(text, edits)} (line ${line})`;
}

function laterAction(uri: string, position: ProtocolPosition): CodeAction {
  const title = 'Predict the next edit and apply it';
  const argument: PositionArguments = { textDocument: { uri }, position };
  return { title, kind: nextKind, command: { title, command: Command.applyNext, arguments: [argument] } };
}

function fixAction(document: OpenDocument, diagnostic: Diagnostic, encoding: PositionEncoding): CodeAction {
  const { uri } = document;
  const range = {
    start: clamped(document, diagnostic.range.start, encoding),
    end: clamped(document, diagnostic.range.end, encoding),
  };
  const message = typeof diagnostic.message === 'string' ? diagnostic.message : diagnostic.message.value;
  const line = message.replaceAll(/\s+/g, ' ');
  const title = `Fix: ${line.length > maxTitle ? `${line.slice(0, maxTitle)}…` : line}`;
  const argument: InstructionArguments = { textDocument: { uri }, range, instruction: message };
  const command = { title, command: Command.instruct, arguments: [argument] };
  return { title, kind: fixKind, diagnostics: [diagnostic], command };
}

/** Kinds are hierarchical: `refactor` includes `refactor.rewrite`, and the empty kind includes all. */
function includesKind(only: string, kind: string): boolean {
  return only === '' || kind === only || kind.startsWith(`${only}.`);
}
