// Holds the code that we take from answers against what the authors' own code takes, on recorded answers and on mutated ones.
//
//   PYTHON=python3 npx tsx scripts/verify/apevalParsers.ts CURSORCORE_CLONE APEVAL.json HUMANEVAL.jsonl.gz [RUN ...]
//
// Answers are those kept in the runs, and right answers in CursorCore's formats that lead from each task's snapshot to the
// next. `extractAsPaper` has to agree, but for search text that stands nowhere, where theirs takes the likeliest place.
// The parsers of the formats, which serve editors, are to agree or to refuse; where they differ all the same is printed.
import { spawnSync } from 'node:child_process';
import { extractAsPaper } from '../../server/eval/apeval/asPaper.ts';
import { readApeval } from '../../server/eval/apeval/dataset.ts';
import { RunFolder } from '../../server/eval/apeval/runFolder.ts';
import { formats, type PromptFormatName } from '../../shared/conversation/formats.ts';
import { cursorCoreTokens, promptText } from '../../shared/conversation/prompt.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { idealAnswer } from '../../test/conversation/idealAnswers.ts';

interface Answer {
  readonly format: PromptFormatName;
  readonly current: string;
  readonly answer: string;
}

const [clone, dataset, problems, ...runs] = process.argv.slice(2);
if (clone === undefined || dataset === undefined || problems === undefined) {
  throw new Error('usage: apevalParsers.ts CURSORCORE_CLONE APEVAL.json HUMANEVAL.jsonl.gz [RUN ...]');
}
const tasks = await readApeval(dataset, problems);

const recorded: Answer[] = [];
for (const folder of runs) {
  const run = await RunFolder.read(folder);
  const format = run.spec.format;
  for (const { id, mode, exchanges } of await run.records()) {
    const current = tasks.find((task) => task.id === id)?.conversation.current;
    const [exchange] = exchanges;
    if (format && current !== undefined && exchange && mode === 'paper') {
      recorded.push({ format, current, answer: exchange.answer });
    }
  }
}
const made = tasks.flatMap(({ conversation: { history, current } }) =>
  [...history, current].flatMap((next, i, all) => {
    const before = all[i - 1];
    if (before === undefined || before === next) return [];
    return (['wholeFile', 'locationAndChange', 'searchAndReplace'] as const).map((format) => ({
      format,
      current: before,
      answer: promptText(idealAnswer(format, { current: before, next, chat: '', language: 'python' })),
    }));
  }),
);

/** The same numbers in every run (a linear congruential generator with the constants of Numerical Recipes). */
let state = 1;
const chance = (most: number) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * most);
};
const pieces = [
  '```',
  '```python',
  '...',
  '',
  cursorCoreTokens.nextStart,
  cursorCoreTokens.nextEnd,
  '0,1',
  '99,120',
  'Here.',
];

function mutated({ answer, ...rest }: Answer): Answer {
  const lines = answer.split('\n');
  const at = chance(lines.length);
  const ways = [
    () => lines.splice(at, 1),
    () => lines.splice(at, 0, lines[at] ?? ''),
    () => lines.splice(at, 0, pieces[chance(pieces.length)] ?? ''),
    () => lines.splice(at),
    () => lines.splice(at, 1, ` ${lines[at]}`),
    () => lines.splice(at, 1, (lines[at] ?? '').replace(/\d+/, String(chance(30)))),
    () => lines.splice(at, 1, (lines[at] ?? '').slice(0, chance(20))),
  ];
  ways[chance(ways.length)]?.();
  return { ...rest, answer: lines.join('\n') };
}

const answers = [...recorded, ...made];
const all = [...answers, ...answers.flatMap((one) => Array.from({ length: 5 }, () => mutated(one)))];
const { stdout, status, stderr } = spawnSync(
  process.env.PYTHON ?? 'python3',
  [new URL('./apeval_parsers.py', import.meta.url).pathname, clone],
  { input: all.map((one) => JSON.stringify(one)).join('\n'), encoding: 'utf8', maxBuffer: 1024 ** 3 },
);
if (status !== 0) throw new Error(stderr);
const theirs: string[] = stdout
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

const counts = new Map<string, number>();
const add = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
let shown = 0;
let failed = false;
for (const [i, { format, current, answer }] of all.entries()) {
  const kind = i < answers.length ? 'unchanged' : 'mutated';
  const paper = extractAsPaper(format, current, answer);
  const agrees = paper === theirs[i];
  if (!agrees && format !== 'searchAndReplace') failed = true;
  if (!agrees && kind === 'unchanged')
    console.log(`=== paper differs\n${current}\n--- answer\n${answer}\n--- theirs\n${theirs[i]}\n--- ours\n${paper}`);
  add(`${format}, ${kind}: as the paper ${agrees ? 'the same' : paper === current ? 'refused' : 'OTHERWISE'}`);
  const conversation = { path: 'a.py', languageId: 'python', history: [], current };
  const template = answer.includes(cursorCoreTokens.nextStart) ? 'assistant-conversation' : 'default';
  const { edits, problem } = formats[format].parse(answer, conversation, { complete: true, template });
  const served = applyEdits(current, edits);
  const filled = (code: string | undefined) =>
    code
      ?.split('\n')
      .filter((line) => line.trim() !== '')
      .join('\n');
  const verdict =
    filled(served) === filled(theirs[i])
      ? 'the same'
      : problem !== undefined || served === current
        ? 'refused'
        : 'OTHERWISE';
  add(`${format}, ${kind}: as served ${verdict}`);
  if (verdict === 'OTHERWISE' && shown++ < 6) {
    console.log(
      `--- ${format}, current:\n${current}\n--- answer:\n${answer}\n--- theirs:\n${theirs[i]}\n--- ours:\n${served}\n`,
    );
  }
}
for (const [key, count] of [...counts].sort()) console.log(`${String(count).padStart(6)}  ${key}`);
process.exit(failed ? 1 : 0);
