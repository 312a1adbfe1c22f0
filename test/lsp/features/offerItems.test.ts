import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextDocumentEdit, TextEdit } from 'vscode-languageserver-protocol';
import type { Client } from '../../../server/lsp/client.ts';
import { asTextEdit, asWorkspaceEdit } from '../../../server/lsp/features/offerItems.ts';
import { DocumentPrediction } from '../../../server/prediction/documentPrediction.ts';
import { nextOffer, offerOfAll } from '../../../server/prediction/offers.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import type { PositionEncoding } from '../../../shared/positions/encoding.ts';
import { LineIndex } from '../../../shared/positions/lineIndex.ts';

const uri = 'file:///a';
const unit = fc.constantFrom('a', '\t', ' ', '\n', '\r\n', '\r', 'é', '漢', '😀');
const piece = fc.string({ unit, maxLength: 5 });
const encoding = fc.constantFrom<PositionEncoding>('utf-16', 'utf-8');

/** A text and edits that lie apart, at any offsets: engines know nothing of positions. */
const predicted = fc
  .record({
    text: fc.string({ unit, minLength: 1, maxLength: 40 }),
    at: fc.array(fc.nat(), { minLength: 2, maxLength: 8 }),
    newText: piece,
  })
  .map(({ text, at, newText }) => {
    const offsets = [...new Set(at.map((offset) => offset % (text.length + 1)))].sort((a, b) => a - b);
    const edits: OffsetEdit[] = [];
    for (let i = 0; i + 1 < offsets.length; i += 2)
      edits.push({ start: offsets[i] ?? 0, end: offsets[i + 1] ?? 0, newText });
    return { text, edits };
  });

/** What a client makes of the edits: positions in its own encoding, all edits against the same text. */
function applyAsClient(text: string, edits: readonly TextEdit[], inEncoding: PositionEncoding): string {
  const index = new LineIndex(text);
  return applyEdits(
    text,
    edits.map(({ range, newText }) => ({
      start: index.offsetAt(range.start, inEncoding),
      end: index.offsetAt(range.end, inEncoding),
      newText,
    })),
  );
}

function predict(text: string, edits: readonly OffsetEdit[]): DocumentPrediction | undefined {
  const prediction = new DocumentPrediction(7, text);
  let id = 0;
  try {
    prediction.answer({ edits: edits.map((edit) => ({ ...edit, confidence: 1 })) }, () => ++id);
  } catch (error) {
    // Edits on both sides of one character, which cannot be told apart in positions, are refused.
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
  return prediction;
}

describe('an offer', () => {
  it('of all edits, applied by the client to its version, gives exactly the predicted text', () => {
    fc.assert(
      fc.property(predicted, encoding, fc.boolean(), ({ text, edits }, inEncoding, documentChanges) => {
        const client: Client = {
          capabilities: { workspace: { workspaceEdit: { documentChanges } } },
          encoding: inEncoding,
          workspaceFolders: [],
          extensions: {},
        };
        const prediction = predict(text, edits);
        const offer = prediction && (offerOfAll(prediction) ?? nextOffer(prediction, 0));
        if (!prediction || !offer) return;
        const edit = asWorkspaceEdit(uri, offer.version, offer.text, offer.edits, client);
        const [change] = (edit.documentChanges ?? []) as TextDocumentEdit[];
        expect(change?.textDocument).toEqual(documentChanges ? { uri, version: 7 } : undefined);
        const textEdits = (documentChanges ? change?.edits : edit.changes?.[uri]) as TextEdit[];
        expect(applyAsClient(text, textEdits, inEncoding)).toBe(applyEdits(text, edits));
      }),
      { numRuns: 2000 },
    );
  });

  it('of one hunk, applied as a single edit, gives exactly what its edits give', () => {
    fc.assert(
      fc.property(predicted, encoding, fc.nat(), ({ text, edits }, inEncoding, cursor) => {
        const client: Client = { capabilities: {}, encoding: inEncoding, workspaceFolders: [], extensions: {} };
        const prediction = predict(text, edits);
        const offer = prediction && nextOffer(prediction, cursor % (text.length + 1));
        if (!offer) return;
        expect(applyAsClient(text, [asTextEdit(offer, client)], inEncoding)).toBe(applyEdits(text, offer.edits));
      }),
      { numRuns: 2000 },
    );
  });
});
