import { readFileSync } from 'node:fs';
import type { ScoredText } from '../../server/engines/model/confidence.ts';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import type { ParsedAnswer } from '../../shared/conversation/format.ts';
import { formats, type PromptFormatName } from '../../shared/conversation/formats.ts';

/** A model's answer as `collect.ts` wrote it, and what its format reads in it. */
export interface CollectedAnswer {
  readonly id: string;
  readonly conversation: Conversation;
  readonly answer: ScoredText;
  readonly parsed: ParsedAnswer;
  /** From the question to the answer's end, prompt included. */
  readonly ms: number;
}

export function readAnswers(file: string): CollectedAnswer[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { id, format, conversation, options, answerPrefix = '', answer, complete, ms } = JSON.parse(line);
    const { parse } = formats[format as PromptFormatName];
    const parsed = parse(answerPrefix + answer.text, conversation, { ...options, complete });
    return { id, conversation, answer, parsed, ms };
  });
}
