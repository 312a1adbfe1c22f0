/**
 * What becomes of a model's answers to half-made commits, as `collect.ts` wrote them: read by their format, with and
 * without the gate.
 *
 *   npx tsx scripts/gate/shown.ts CASES OUT.jsonl [OUT.jsonl]...
 *
 * For each file of answers a row: how many cases were asked, for how many something is shown, in how many the first hunk
 * is right (does some of what remains, and nothing else), in how many a hunk only deletes lines, which no other hunk puts
 * in, and how long half of the answers took at most, prompt included.
 */
import { gate } from '../../server/engines/model/gate.ts';
import { type NextEditCase, readCases } from '../../server/eval/cases.ts';
import { type Hunk, toHunks } from '../../shared/edits/hunks.ts';
import { pickHunk } from '../../shared/edits/pick.ts';
import { readAnswers } from './answers.ts';
import { isRight } from './isRight.ts';

const [casesFile = '', ...answerFiles] = process.argv.slice(2);
const cases = new Map<string, NextEditCase>();
for await (const example of readCases(casesFile)) cases.set(example.id, example);

interface Row {
  shown: number;
  right: number;
  deleting: number;
}

function deletes(hunks: readonly Hunk[]): boolean {
  const put = new Set(hunks.flatMap(({ newLines }) => newLines.map((line) => line.trim())));
  return hunks.some(
    ({ newLines, oldLines }) => newLines.length === 0 && oldLines.some((line) => !put.has(line.trim())),
  );
}

for (const file of answerFiles) {
  const rows: Record<'plain' | 'gated', Row> = {
    plain: { shown: 0, right: 0, deleting: 0 },
    gated: { shown: 0, right: 0, deleting: 0 },
  };
  const times: number[] = [];
  for (const { id, conversation, parsed, ms } of readAnswers(file)) {
    const example = cases.get(id);
    if (!example) throw new Error(`${file} has an answer to ${id}, which is not in ${casesFile}`);
    times.push(ms);
    const { edits } = parsed;
    for (const [row, some] of [
      [rows.plain, edits.map((edit) => ({ ...edit, confidence: 1 }))],
      [rows.gated, gate(conversation, edits)],
    ] as const) {
      const { target, current } = conversation;
      const first = pickHunk(current, some, target?.kind === 'cursor' ? target.offset : 0);
      if (!first) continue;
      row.shown++;
      if (isRight(example, first)) row.right++;
      if (deletes(toHunks(current, some))) row.deleting++;
    }
  }
  times.sort((a, b) => a - b);
  const told = ({ shown, right, deleting }: Row) => `shown ${shown}, right ${right}, deleting ${deleting}`;
  console.log(
    `${file}: ${times.length} asked; plain: ${told(rows.plain)}; gated: ${told(rows.gated)}; half within ${((times[times.length >> 1] ?? 0) / 1000).toFixed(1)} s`,
  );
}
