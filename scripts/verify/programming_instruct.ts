/**
 * Writes what `data` makes of processes, for `programming_instruct.py` to compare with what the authors' scripts make.
 *
 *   npx tsx scripts/verify/programming_instruct.ts PROCESSES.jsonl SAMPLES.jsonl OUT.json [COUNT]
 *
 * SAMPLES are those of PROCESSES. Offsets are in code points, as Python counts.
 */
import { writeFileSync } from 'node:fs';
import { sampleConversation } from '../../server/data/exportPairs.ts';
import { readRecords } from '../../server/data/jsonLines.ts';
import { Random } from '../../server/data/random.ts';
import type { Process, Sample } from '../../server/data/records.ts';
import { decompose, difference } from '../../server/data/segments.ts';
import { formats } from '../../shared/conversation/formats.ts';
import { promptText } from '../../shared/conversation/prompt.ts';
import { languageName } from '../../shared/conversation/snippetPrompt.ts';

const [processFile = '', sampleFile = '', out = '', count = '200'] = process.argv.slice(2);
const names = { wf: 'wholeFile', lc: 'locationAndChange', sr: 'searchAndReplace' } as const;

function segmentsAndSteps({ id, snippets }: Process) {
  const [before = '', after = ''] = [snippets[0], snippets.at(-1)];
  const change = difference(before, after);
  const order = new Random('0', id).shuffled([...change.segments.keys()]);
  const segments = change.segments.map(({ start, end, newStart, newEnd }) => ({
    start,
    removed: change.before.slice(start, end),
    added: change.after.slice(newStart, newEnd),
  }));
  return { before, after, order, segments, steps: decompose(change, order) };
}

function conversations(sample: Sample) {
  const points = (offset: number) => [...sample.current.slice(0, offset)].length;
  const { target, history, current, next, instruction, chat, language } = sample;
  const loc = target && (target.kind === 'cursor' ? points(target.offset) : [points(target.start), points(target.end)]);
  const ours = Object.entries(names).map(([short, name]) => {
    const { messages = [] } = formats[name].render(sampleConversation(sample));
    const answer = formats[name].write?.(sampleConversation(sample), next, chat === null ? {} : { reply: chat }) ?? [];
    const said = messages.map(({ role, content }) => ({ role, content: promptText(content) }));
    return [short, [...said, { role: 'assistant', content: promptText(answer).replace(/<\|im_end\|>$/, '') }]] as const;
  });
  return {
    history,
    current,
    next,
    user: instruction ?? '',
    chat: chat ?? '',
    loc,
    lang: languageName(language),
    ours: Object.fromEntries(ours),
  };
}

const samples = new Map<string, Sample>();
for await (const sample of readRecords('sample', sampleFile)) {
  if (!samples.has(sample.process)) samples.set(sample.process, sample);
}
const shared: object[] = [];
for await (const one of readRecords('process', processFile)) {
  const sample = samples.get(one.id);
  if (!sample) continue;
  shared.push({
    id: one.id,
    type: sample.type,
    message: one.message,
    ...segmentsAndSteps(one),
    sample: conversations(sample),
  });
  if (shared.length === Number(count)) break;
}
writeFileSync(out, JSON.stringify(shared));
console.log(`${shared.length} processes`);
