/**
 * How often a hunk of an answer is right, by how sure the model was of it (`server/engines/model/confidence.ts`), on what
 * `collect.ts` wrote for a format of changes alone; of every other case and of those between, so that a threshold can be chosen on
 * one half and looked at on the other:
 *
 *   npx tsx scripts/gate/confidence.ts CASES OUT.jsonl [CASES OUT.jsonl]...
 *
 * Right is a hunk that does some of what remains, and nothing else.
 */
import { sourceConfidences } from '../../server/engines/model/confidence.ts';
import { gate } from '../../server/engines/model/gate.ts';
import { type NextEditCase, readCases } from '../../server/eval/cases.ts';
import { toHunks } from '../../shared/edits/hunks.ts';
import { readAnswers } from './answers.ts';
import { isRight } from './isRight.ts';

interface Observation {
  /** Of the whole change, as the model said it. */
  readonly probability: number;
  readonly right: boolean;
}

async function observations(casesFile: string, answersFile: string): Promise<Observation[][]> {
  const cases = new Map<string, NextEditCase>();
  for await (const example of readCases(casesFile)) cases.set(example.id, example);
  return readAnswers(answersFile).map(({ id, conversation, answer, parsed: { edits, sources } }) => {
    const example = cases.get(id);
    const shown = new Set(gate(conversation, edits).map(({ start }) => start));
    const probabilities = sourceConfidences(sources ?? [], answer);
    const hunks = toHunks(
      conversation.current,
      edits.map((edit, i) => ({ ...edit, probability: probabilities[i] ?? 0 })),
    );
    const first = hunks.filter((hunk) => hunk.edits.some(({ start }) => shown.has(start)));
    if (!example) return [];
    return first.map((hunk) => ({
      probability: Math.min(...hunk.edits.map(({ probability }) => probability)),
      right: isRight(example, hunk),
    }));
  });
}

const pairs = process.argv.slice(2);
const halves: [Observation[], Observation[]] = [[], []];
for (let i = 0; i + 1 < pairs.length; i += 2) {
  const all = await observations(pairs[i] ?? '', pairs[i + 1] ?? '');
  for (const [place, some] of all.entries()) halves[place % 2 === 0 ? 0 : 1].push(...some);
}
const bounds = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
for (const [name, half] of [
  ['every other', halves[0]],
  ['those between', halves[1]],
] as const) {
  for (const [i, low] of bounds.slice(0, -1).entries()) {
    const high = bounds[i + 1] ?? 1;
    const some = half.filter(({ probability }) => probability >= low && (probability < high || high === 1));
    console.log(`${name}: ${low} to ${high}: ${some.filter(({ right }) => right).length} of ${some.length} right`);
  }
}
