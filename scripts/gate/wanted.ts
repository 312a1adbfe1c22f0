/**
 * What the gate does with edits of which it is known whether they were wanted, from cases cut out of git histories: the
 * hunks that were still to come should be shown, and the way back to the snapshot before should not. No model is needed.
 *
 *   npx tsx scripts/gate/wanted.ts CASES.jsonl.gz …
 *
 * The cases are split in two halves by their order; rules are tuned on the first, and both are printed.
 */
import { gate } from '../../server/engines/model/gate.ts';
import { type NextEditCase, readCases, toConversation } from '../../server/eval/cases.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { diffEdits } from '../../shared/edits/diff.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

interface Tally {
  wanted: number;
  shown: number;
  reverted: number;
  silent: number;
  readonly why: Map<string, number>;
}

const halves: Tally[] = [0, 1].map(() => ({ wanted: 0, shown: 0, reverted: 0, silent: 0, why: new Map() }));

function count(tally: Tally, example: NextEditCase): void {
  const conversation = toConversation(example);
  const snippet = Snippet.of(example.current);
  const judge = (edits: readonly OffsetEdit[], onRefused = (_: string) => {}) =>
    gate(conversation, edits, { onRefused });
  for (const { start, end, lines } of example.remaining) {
    const edits = snippet.editsFor(start, end, lines);
    if (edits.length === 0) continue;
    tally.wanted++;
    const shown = judge(edits, (why) => tally.why.set(why, (tally.why.get(why) ?? 0) + 1));
    if (shown.length > 0) tally.shown++;
  }
  const back = diffEdits(example.current, example.history.at(-1) ?? example.current);
  if (back.length === 0) return;
  tally.reverted++;
  // Behind a line of comment, so that the text as a whole is none that was there before.
  if (
    judge([...back, { start: example.current.length, end: example.current.length, newText: '\nsome other line' }])
      .length <= 1
  )
    tally.silent++;
}

async function main(): Promise<void> {
  for (const file of process.argv.slice(2)) {
    let index = 0;
    for await (const example of readCases(file)) {
      const tally = halves[index++ % 2];
      if (tally) count(tally, example);
    }
  }
  for (const { wanted, shown, reverted, silent, why } of halves) {
    const reasons = [...why].map(([reason, times]) => `${reason}: ${times}`).join('; ');
    process.stdout.write(
      `wanted hunks shown ${shown} of ${wanted} (${(shown / wanted).toFixed(3)}); ways back not shown ${silent} of ${reverted} (${(silent / reverted).toFixed(3)}); refused ${reasons}\n`,
    );
  }
}

await main();
