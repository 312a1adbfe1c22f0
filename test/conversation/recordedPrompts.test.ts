import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type PeerCase, peerConversation, readPeerCases } from '../../server/eval/peer/peerCase.ts';
import { type RecordedQuestion, readQuestion } from '../../server/eval/peer/recording.ts';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import type { RenderedPrompt } from '../../shared/conversation/format.ts';
import { sweepPrompt } from '../../shared/conversation/formats/sweep.ts';
import { zetaPrompt } from '../../shared/conversation/formats/zeta.ts';
import { zeta2Prompt } from '../../shared/conversation/formats/zeta2.ts';
import { formats } from '../../shared/conversation/formats.ts';
import { Marks } from '../../shared/conversation/marks.ts';
import { promptText } from '../../shared/conversation/prompt.ts';
import type { RecentChange } from '../../shared/conversation/recentChanges.ts';
import { type RegionSheet, regionOf, regionSheet } from '../../shared/conversation/region.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { applyEdits } from '../../shared/edits/apply.ts';

/** A public evaluation with what other clients sent and models answered. It is not ours, and lies beside the checkout. */
const file = fileURLToPath(new URL('../../../shared/data/peer_eval.jsonl', import.meta.url));
const there = existsSync(file);

const write: Partial<Record<RecordedQuestion['format'], (sheet: RegionSheet) => RenderedPrompt>> = {
  sweep: sweepPrompt,
  zeta: zetaPrompt,
  zeta2: zeta2Prompt,
};

interface Recorded {
  readonly example: PeerCase;
  readonly prompt: string;
  readonly answer: string;
  readonly question: RecordedQuestion;
}

async function recordings(): Promise<Recorded[]> {
  const all: Recorded[] = [];
  for (const example of await readPeerCases(file)) {
    for (const recorded of Object.values(example.recorded)) {
      const [first] = recorded;
      const question = readQuestion(first?.prompt, example.buffer);
      if (first && question) all.push({ example, prompt: String(first.prompt), answer: first.answer, question });
    }
  }
  return all;
}

/**
 * The changes as the client had them, which are not what ours would be: it knows no line numbers, calls what is the same in
 * both texts changed, and asks Zeta 2 with the changes in no order.
 */
function changesOf({ example, prompt }: Recorded): RecentChange[] {
  const changes = example.history.map(
    ({ old, new: made }): RecentChange => ({
      path: example.file,
      oldStart: 0,
      newStart: 0,
      above: [],
      removed: old.split('\n'),
      added: made.split('\n'),
      below: [],
    }),
  );
  const place = ({ added }: RecentChange) => prompt.indexOf(`+${added.join('\n+')}`);
  return changes.toSorted((a, b) => place(a) - place(b));
}

/** Without its history: the client shows the region as it is now for what it was before, for Sweep. */
function conversationOf({ example, question }: Recorded): Conversation {
  return { ...peerConversation({ ...example, history: [] }, question.cursor) };
}

describe.skipIf(!there)('what other clients sent', () => {
  test('is what ours says of the same, byte for byte', async () => {
    const all = await recordings();
    expect(all.length).toBe(175);
    for (const recorded of all) {
      const { question, prompt, example } = recorded;
      const conversation = conversationOf(recorded);
      const sheet = regionSheet(conversation, question.view, new Marks([], conversation), { context: 0, count: 9 });
      const rendered = write[question.format]?.({ ...sheet, changes: changesOf(recorded) });
      expect(promptText(rendered?.prompt ?? []), `${example.id} ${question.format}`).toBe(prompt);
      expect(rendered?.answerPrefix).toBe(question.answerPrefix);
    }
  });

  test('and so is all of it where nothing was changed, or one line in another document', async () => {
    let same = 0;
    for (const recorded of await recordings()) {
      const { question, prompt, example } = recorded;
      if (example.history.length > 1 || example.history.some((change) => /\n/.test(change.old + change.new))) continue;
      const related = example.history.map(({ old, new: made }) => ({
        path: example.file,
        languageId: '',
        before: old,
        after: made,
      }));
      const conversation = { ...conversationOf(recorded), related };
      expect(promptText(formats[question.format].render(conversation, question.view).prompt ?? [])).toBe(prompt);
      same++;
    }
    expect(same).toBe(105);
  });

  test('and every answer can be read and applied, within the lines that it was about', async () => {
    for (const recorded of await recordings()) {
      const { question, answer, example } = recorded;
      const conversation = conversationOf(recorded);
      const { format, view, answerPrefix } = question;
      const parsed = formats[format].parse(answerPrefix + answer, conversation, { ...view, complete: true });
      expect(parsed.problem, example.id).toBeUndefined();
      const after = applyEdits(example.buffer, parsed.edits);
      expect(after).not.toMatch(/<\|/);
      const { first, last } = regionOf(conversation, view);
      const snippet = Snippet.of(example.buffer);
      expect(after.startsWith(example.buffer.slice(0, snippet.lineStart(first)))).toBe(true);
      expect(after.endsWith(example.buffer.slice(snippet.lineStart(last)))).toBe(true);
    }
  });
});
