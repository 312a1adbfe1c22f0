/**
 * What a model's answers to the peer's cases, as `collect.ts` wrote them, come to by the peer's own rule: read by their
 * format, without and with the gate.
 *
 *   npx tsx scripts/gate/peer.ts CASES OUT.jsonl [OUT.jsonl]...
 */
import { gate } from '../../server/engines/model/gate.ts';
import { readPeerCases } from '../../server/eval/peer/peerCase.ts';
import { judgePeer, type PeerResult, peerScore } from '../../server/eval/peer/peerScore.ts';
import { readAnswers } from './answers.ts';

const [casesFile = '', ...answerFiles] = process.argv.slice(2);
const cases = new Map((await readPeerCases(casesFile)).map((example) => [example.id, example]));

for (const file of answerFiles) {
  const results: Record<'plain' | 'gated', PeerResult[]> = { plain: [], gated: [] };
  for (const { id, conversation, parsed, ms } of readAnswers(file)) {
    const [name = '', cursor] = id.split('#');
    const example = cases.get(name);
    if (!example) throw new Error(`${file} has an answer to ${name}, which is not in ${casesFile}`);
    results.plain.push(judgePeer(example, Number(cursor), parsed.edits, ms));
    results.gated.push(judgePeer(example, Number(cursor), gate(conversation, parsed.edits), ms));
  }
  for (const [row, some] of Object.entries(results)) {
    const { score, deltaChrf, show, quiet, p50 = 0 } = peerScore(some);
    const told = `score ${score.toFixed(3)}, deltaChrF ${deltaChrf.toFixed(1)}, show ${show.toFixed(2)}, quiet ${quiet.toFixed(2)}`;
    console.log(`${file}: ${some.length} asked; ${row}: ${told}; half within ${(p50 / 1000).toFixed(1)} s`);
  }
}
