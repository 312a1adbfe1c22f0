import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import { toHunks } from '../../../shared/edits/hunks.ts';
import type { PositionEncoding } from '../../../shared/positions/encoding.ts';
import { LineIndex } from '../../../shared/positions/lineIndex.ts';
import type { Offer } from '../../prediction/offers.ts';
import { describeEdits } from '../../prediction/presentation.ts';
import type { Workspace } from '../workspace.ts';
import { abortSignal } from './cancellation.ts';

/** A hint shows no more than this many characters of a line. */
const maxShown = 80;
/** `Diagnostic.source` of hints, which distinguishes them from real problems in the code. */
export const hintSource = 'cursorcore';

/**
 * The next edit as a hint diagnostic at its place, for editors that cannot otherwise show one unasked, such as Helix
 * (LSP 3.18, `textDocument/diagnostic`). Pulled, so that it is renewed after each change and starts nothing in editors
 * that do not ask. Only if the setting enables it: it counts among the diagnostics.
 */
export function registerHints({ server, configuration, documents, predictions, lastPlace }: Workspace): void {
  server.onInitialize(() => {
    if (!configuration.settings['hintDiagnostics.enable']) return;
    server.capabilities.diagnosticProvider = {
      identifier: hintSource,
      interFileDependencies: false,
      workspaceDiagnostics: false,
    };
  });
  server.connection.languages.diagnostics.on(async ({ textDocument: { uri } }, token) => {
    const document = documents.get(uri);
    const { settings } = configuration;
    if (!document || !settings.enable || !settings['hintDiagnostics.enable']) return { kind: 'full', items: [] };
    const offer = await predictions.nextEdit(uri, { cursor: lastPlace.in(uri), signal: abortSignal(token) });
    const hint = offer && asHint(offer, server.client.encoding);
    return { kind: 'full', items: hint ? [hint] : [] };
  });
}

/** On the text that the first edit replaces. */
function asHint(offer: Offer, encoding: PositionEncoding): Diagnostic | undefined {
  const [edit] = offer.edits;
  if (!edit) return undefined;
  const index = new LineIndex(offer.text);
  const [start, end] = [index.positionAt(edit.start, encoding), index.positionAt(edit.end, encoding)];
  const message = `predicted: ${preview(offer)}`;
  return { range: { start, end }, severity: DiagnosticSeverity.Hint, source: hintSource, message };
}

/** The text that would be inserted, or the resulting text, as far as one line shows it. */
function preview({ text, edits }: Offer): string {
  const [edit, ...others] = edits;
  const written =
    toHunks(text, edits)[0]
      ?.newLines.map((line) => line.trim())
      .filter((line) => line !== '') ?? [];
  const [first, ...more] = written;
  if (!edit || first === undefined) return describeEdits(text, edits);
  if (more.length > 0) return `${cut(first)} …`;
  return others.length === 0 && edit.start === edit.end ? cut(edit.newText.trim()) : cut(first);
}

function cut(line: string): string {
  return line.length > maxShown ? `${line.slice(0, maxShown)}…` : line;
}
