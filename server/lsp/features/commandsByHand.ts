import * as v from 'valibot';
import { MessageType, ShowDocumentRequest } from 'vscode-languageserver';
import { counted } from '../../../shared/plural.ts';
import { LineIndex } from '../../../shared/positions/lineIndex.ts';
import {
  Command,
  type InstructionArguments,
  type InstructionResult,
  type ProtocolRange,
  type Status,
} from '../../../shared/protocol.ts';
import type { Offer } from '../../prediction/offers.ts';
import { describeEdits } from '../../prediction/presentation.ts';
import { nameOf } from '../documents.ts';
import type { EditedPlace } from '../lastPlace.ts';
import { invalidParams } from '../transport/protocolErrors.ts';
import type { Workspace } from '../workspace.ts';
import { asTextEdit } from './offerItems.ts';

/** The commands with arguments, called by those without. */
export interface Actions {
  readonly applyOffer: (uri: string, offer: Offer, signal: AbortSignal) => Promise<InstructionResult>;
  readonly instruct: (target: InstructionArguments, signal: AbortSignal) => Promise<InstructionResult>;
  /** Shows in a message why nothing was done, and returns that as the answer. */
  readonly refuse: (message: string) => InstructionResult;
}

interface Found extends EditedPlace {
  readonly offer: Offer;
}

const nothingOpen =
  'No document is open, or those that are open are kept out of predictions; cursorcore.status says why.';
const usage = 'Give the instruction in double quotes, with lines if you like: "make it async" 12 20';
const acceptIsNotByHand = `${Command.accept} is for editors; ${Command.applyNext} applies what is predicted.`;
const notPredicted = 'No edit is predicted here.';
const line = v.pipe(v.number(), v.integer(), v.minValue(1));
const instructionByHand = v.pipe(
  v.union([v.strictTuple([v.string()]), v.strictTuple([v.string(), line]), v.strictTuple([v.string(), line, line])]),
  v.check(([text]) => text.trim() !== ''),
);

/** Whether a command was run by a user and not by a client, which passes arguments. */
export function isByHand(args: readonly unknown[]): boolean {
  return args.length === 0 || typeof args[0] === 'string';
}

/**
 * The commands as users run them by hand: in the document edited last. They report what they did, and show the place
 * where the client can, because the user may be elsewhere.
 */
export function commandsByHand(
  { server, configuration, documents, predictions, lastPlace }: Workspace,
  { applyOffer, instruct, refuse }: Actions,
): Record<string, (args: readonly unknown[], signal: AbortSignal) => Promise<InstructionResult>> {
  const say = (message: string) => server.showMessage(MessageType.Info, message);
  const why = () => (configuration.settings.enable ? undefined : 'Predictions are switched off (setting `enable`).');

  /** The next edit in the document edited last, or else in another document that its last change affects. */
  const find = async (signal: AbortSignal): Promise<Found | string> => {
    const off = why();
    if (off) return off;
    const place = lastPlace.current;
    if (!place) return nothingOpen;
    const inquiry = { cursor: place.offset, signal };
    const next = await predictions.nextEdit(place.uri, inquiry);
    if (next) return { ...place, offer: next };
    const other = await predictions.nextElsewhere(place.uri, inquiry);
    return other ? { uri: other.uri, offset: lastPlace.in(other.uri), offer: other } : notPredicted;
  };
  const describe = (uri: string, { text, edits }: Offer): string => {
    const at = new LineIndex(text).lineAt(edits[0]?.start ?? 0) + 1;
    return `${describeEdits(text, edits)} (${nameOf(uri)}, line ${at})`;
  };
  /** Makes the editor show the place; if it cannot, the user is told the line. */
  const show = async (uri: string, selection: ProtocolRange): Promise<void> => {
    if (server.client.capabilities.window?.showDocument?.support !== true) return;
    await server.connection.sendRequest(ShowDocumentRequest.type, { uri, takeFocus: true, selection });
  };
  /** How many edits are left, as far as that is known. */
  const left = (uri: string): string => {
    const [next, all] = predictions.known(uri, lastPlace.in(uri));
    const count = all?.hunks ?? (next ? 1 : 0);
    return count > 0 ? `; ${count} more` : '';
  };

  return {
    [Command.accept]: async () => {
      refuse(acceptIsNotByHand);
      throw invalidParams(acceptIsNotByHand);
    },
    [Command.showNext]: async (_, signal) => {
      const found = await find(signal);
      if (typeof found === 'string') return refuse(found);
      const { uri, offer } = found;
      say(`Predicted: ${describe(uri, offer)}`);
      const { start } = asTextEdit({ ...offer, edits: offer.edits.slice(0, 1) }, server.client).range;
      await show(uri, { start, end: start });
      return { applied: false };
    },
    [Command.applyNext]: async (_, signal) => {
      const found = await find(signal);
      if (typeof found === 'string') return refuse(found);
      const { uri, offer } = found;
      const result = await applyOffer(uri, offer, signal);
      if (!result.applied) return result;
      say(`Applied: ${describe(uri, offer)}${left(uri)}`);
      const document = documents.get(uri);
      if (document) {
        const at = new LineIndex(document.getText()).positionAt(lastPlace.in(uri), server.client.encoding);
        await show(uri, { start: at, end: at });
      }
      return result;
    },
    [Command.applyAll]: async (_, signal) => {
      const found = await find(signal);
      if (typeof found === 'string') return refuse(found);
      const { uri, offer } = found;
      const whole = await predictions.wholeOffer(uri, offer.id, signal);
      if (!whole) return refuse('The text has changed since these edits were predicted.');
      const result = await applyOffer(uri, whole, signal);
      if (result.applied) say(`Applied ${counted(whole.hunks, 'predicted edit')} in ${nameOf(uri)}`);
      return result;
    },
    [Command.reject]: async (_, signal) => {
      const found = await find(signal);
      if (typeof found === 'string') return refuse(found);
      const { uri, offer } = found;
      predictions.reject(uri, offer.id);
      server.log.info(`${uri}: offer ${offer.id} rejected`);
      // Removes a hint that is shown for it.
      if (server.client.capabilities.workspace?.diagnostics?.refreshSupport === true) {
        server.connection.languages.diagnostics.refresh();
      }
      say(`Not offered again: ${describe(uri, offer)}${left(uri)}`);
      return { applied: false };
    },
    [Command.instruct]: async (args, signal) => {
      const read = v.safeParse(instructionByHand, args);
      if (!read.success) return refuse(usage);
      const place = lastPlace.current;
      const document = place && documents.get(place.uri);
      if (!document) return refuse(nothingOpen);
      const { uri } = document;
      const [instruction, from, to] = read.output;
      const index = new LineIndex(document.getText());
      if (Math.max(from ?? 1, to ?? 1) > index.lineCount) return refuse(`${nameOf(uri)} has no such line.`);
      const at = (offset: number) => index.positionAt(offset, server.client.encoding);
      const range =
        from === undefined
          ? { start: at(place.offset), end: at(place.offset) }
          : { start: at(index.lineStart(from - 1)), end: at(index.lineEnd(Math.max(from, to ?? from) - 1)) };
      const result = await instruct({ textDocument: { uri }, range, instruction }, signal);
      if (result.applied) say(`Done in ${nameOf(uri)}: ${instruction}`);
      return result;
    },
  };
}

/** The state in one line. */
export function describeStatus({ version, engine, model, enabled, excluded, lastError, ...counts }: Status): string {
  const { openDocuments: open, offered, accepted, rejected } = counts;
  const asked = model ? `${engine} (${model.name}${model.device ? ` on ${model.device}` : ''})` : engine;
  return [
    `cursorcore-lsp ${version}${enabled ? '' : ', switched off'}: engine ${asked}; ${counted(open, 'document')} open`,
    `${offered} offered, ${accepted} accepted, ${rejected} rejected`,
    ...excluded.map(({ uri, reason }) => `${nameOf(uri)} is kept out: ${reason}`),
    ...(lastError === undefined ? [] : [`last error: ${lastError}`]),
  ].join('; ');
}
