/**
 * Asks an installed model, in any prompt format, about the cases of a file, and writes its whole answers with the tokens'
 * probabilities: what the gate is fitted on, so that a fit needs no model.
 *
 *   npx tsx scripts/gate/collect.ts MODEL_FOLDER FORMAT peer|next-edit CASES OUT.jsonl [LIMIT]
 *
 * Needs `npm run build` before, for the model host. Answers that OUT has already are not asked for again.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { planPrompt, promptParts } from '../../server/engines/model/promptPlan.ts';
import { TokenCounter } from '../../server/engines/model/tokenCounter.ts';
import { wholeAnswer } from '../../server/engines/model/writing.ts';
import { readCases, toConversation } from '../../server/eval/cases.ts';
import { offsetOf, peerConversation, readPeerCases } from '../../server/eval/peer/peerCase.ts';
import { ProcessModelHost } from '../../server/model-host/processModelHost.ts';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { formats, type PromptFormatName } from '../../shared/conversation/formats.ts';
import { promptText } from '../../shared/conversation/prompt.ts';

const [folder = '', format = '', kind = '', file = '', out = '', limit = '9999'] = process.argv.slice(2);

async function questions(): Promise<{ id: string; conversation: Conversation }[]> {
  if (kind === 'peer') {
    const cases = await readPeerCases(file);
    return cases.flatMap((example) =>
      example.cursors.map((cursor, i) => ({
        id: `${example.id}#${i}`,
        conversation: peerConversation(example, offsetOf(example, cursor)),
      })),
    );
  }
  const all: { id: string; conversation: Conversation }[] = [];
  for await (const example of readCases(file)) all.push({ id: example.id, conversation: toConversation(example) });
  return all;
}

async function main(): Promise<void> {
  const prompts = formats[format as PromptFormatName];
  const host = new ProcessModelHost({
    setup: { folder, device: 'cpu', deviceId: 0, gpuMemoryLimit: 0, threads: 0 },
  });
  const { signal } = new AbortController();
  const counter = new TokenCounter(host);
  const known = new Set(
    existsSync(out)
      ? readFileSync(out, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => String((JSON.parse(line) as { id: unknown }).id))
      : [],
  );
  const limits = { maxPromptTokens: 1536, maxNewTokens: 320, contextLength: 32_768 };
  for (const { id, conversation } of (await questions()).slice(0, Number(limit))) {
    if (known.has(id)) continue;
    const plan = await planPrompt(prompts, conversation, limits, counter, signal);
    if (!plan) continue;
    const begun = performance.now();
    const { generation, end } = await wholeAnswer(host, plan, signal);
    const { text, lengths, logProbabilities } = generation;
    const line = {
      id,
      format: plan.format.name,
      conversation: plan.conversation,
      options: plan.options,
      prompt: promptText(promptParts(plan.rendered)),
      answerPrefix: plan.rendered.answerPrefix,
      answer: { text, lengths, logProbabilities },
      complete: end.reason === 'stop',
      promptTokens: plan.promptTokens,
      ms: Math.round(performance.now() - begun),
    };
    appendFileSync(out, `${JSON.stringify(line)}\n`);
    process.stderr.write(`${id} ${line.ms} ms\n`);
  }
  await host.dispose();
}

await main();
