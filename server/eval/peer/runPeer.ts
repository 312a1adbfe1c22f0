import { performance } from 'node:perf_hooks';
import { formats } from '../../../shared/conversation/formats.ts';
import type { Engine } from '../../engines/engine.ts';
import { gate } from '../../engines/model/gate.ts';
import { offsetOf, type PeerCase, peerConversation } from './peerCase.ts';
import { judgePeer, type PeerResult } from './peerScore.ts';
import { readQuestion } from './recording.ts';

/** Asks an engine at each cursor of a case. An answer that stopped at its first hunk is finished before it is judged. */
export async function askPeerCase(engine: Engine, example: PeerCase, signal: AbortSignal): Promise<PeerResult[]> {
  const results: PeerResult[] = [];
  for (const [i, cursor] of example.cursors.entries()) {
    const conversation = peerConversation(example, offsetOf(example, cursor));
    const begun = performance.now();
    const first = await engine.predict(conversation, signal);
    const latency = performance.now() - begun;
    const whole = first.partial && engine.finish ? await engine.finish(conversation, signal) : first;
    results.push(judgePeer(example, i, whole.edits, latency));
  }
  return results;
}

/**
 * What a recorded answer comes to, read and judged as it would be had the model been asked by us; undefined where the model
 * was not asked, or in a format that is not ours. Such a case has one cursor, the one that was recorded.
 */
export function replayPeerCase(example: PeerCase, model: string, gated = true): PeerResult | undefined {
  const recording = example.recorded[model]?.[0];
  const question = recording && readQuestion(recording.prompt, example.buffer);
  if (!question) return undefined;
  const conversation = peerConversation(example, question.cursor);
  const { edits } = formats[question.format].parse(question.answerPrefix + recording.answer, conversation, {
    ...question.view,
    complete: true,
  });
  return judgePeer(example, 0, gated ? gate(conversation, edits) : edits);
}
