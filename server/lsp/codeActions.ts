import { type CodeAction, CodeActionKind, CodeActionTriggerKind } from 'vscode-languageserver';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import type { Offer } from '../prediction/offers.ts';
import { describeEdits } from '../prediction/presentation.ts';
import { abortSignal } from './cancellation.ts';
import { contentModified } from './errors.ts';
import { acceptCommand, asWorkspaceEdit } from './offers.ts';
import type { OfferArguments } from './schemas.ts';
import { offsetAt } from './textSync.ts';
import type { Workspace } from './workspace.ts';

/**
 * Every editor's key for code actions lists quick fixes, and first; some have one for quick fixes alone (eglot's
 * `eglot-code-action-quickfix`), which then applies a single one without asking. Applying all edits is no quick fix, so
 * that there the nearest hunk stays the only one; nor is it a `source` action, which editors may run on saving.
 */
const nextKind = CodeActionKind.QuickFix;
const allKind = CodeActionKind.RefactorRewrite;

/** Predictions as code actions, for editors that know neither ghost text nor next edits (LSP 3.18, `textDocument/codeAction`). */
export function registerCodeActions({ server, configuration, documents, predictions }: Workspace): void {
  /** Whether the client asks for edits later; otherwise an action has to carry them from the start. */
  const resolvesEdits = (): boolean => {
    const support = server.client.capabilities.textDocument?.codeAction;
    const properties: unknown = support?.resolveSupport?.properties;
    return support?.dataSupport === true && Array.isArray(properties) && properties.includes('edit');
  };
  /** The edit, and the command that tells us it was applied, for any client that applies the one and runs the other. */
  const effect = (uri: string, offer: Offer): Pick<CodeAction, 'edit' | 'command'> => ({
    edit: asWorkspaceEdit(uri, offer.version, offer.text, offer.edits, server.client),
    command: acceptCommand(uri, offer),
  });
  const toAction = (uri: string, offer: Offer, title: string, kind: string): CodeAction =>
    // Without edit and command, for clients resolve only what has neither.
    resolvesEdits() ? { title, kind, data: { uri, offer: offer.id } } : { title, kind, ...effect(uri, offer) };

  server.capabilities.codeActionProvider = { codeActionKinds: [nextKind, allKind], resolveProvider: true };

  server.connection.onCodeAction(async ({ textDocument: { uri }, range, context }, token) => {
    const document = documents.require(uri);
    const { settings } = configuration;
    if (!document || !settings.enable || !settings['codeAction.enable']) return [];
    const wanted = (kind: string) => !context.only || context.only.some((only) => includesKind(only, kind));
    if (!wanted(nextKind) && !wanted(allKind)) return [];

    const cursor = offsetAt(document, range.start, server.client.encoding);
    // Editors that look for actions at every move of the cursor get what is known, and start nothing.
    const offers =
      context.triggerKind === CodeActionTriggerKind.Automatic
        ? predictions.known(uri, cursor)
        : await predictions.nextAndAll(uri, { cursor, signal: abortSignal(token) });
    const [next, all] = offers;
    const actions: CodeAction[] = [];
    if (next && wanted(nextKind)) actions.push(toAction(uri, next, titleOf(next), nextKind));
    if (all && wanted(allKind)) {
      actions.push(toAction(uri, all, `Apply all ${all.hunks} predicted edits in this file`, allKind));
    }
    return actions;
  });

  server.connection.onCodeActionResolve((action) => {
    const { uri, offer: id }: OfferArguments = action.data;
    const offer = predictions.offer(uri, id);
    if (!offer) throw contentModified('the text has changed since this edit was predicted');
    return { ...action, ...effect(uri, offer) };
  });
}

/** What the offer does and on which line, counted from 1 as editors show it. */
function titleOf({ text, edits }: Offer): string {
  const line = new LineIndex(text).lineAt(edits[0]?.start ?? 0) + 1;
  return `Apply predicted edit: ${describeEdits(text, edits)} (line ${line})`;
}

/** Kinds are hierarchical: `refactor` includes `refactor.rewrite`, and the empty kind includes all. */
function includesKind(only: string, kind: string): boolean {
  return only === '' || kind === only || kind.startsWith(`${only}.`);
}
