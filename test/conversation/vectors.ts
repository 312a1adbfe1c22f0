import { readFileSync } from 'node:fs';
import type { Conversation, TargetArea } from '../../shared/conversation/conversation.ts';
import type { PromptFormatName } from '../../shared/conversation/formats.ts';

export interface VectorMessage {
  readonly role: string;
  readonly content: string;
}

/** What `vectors/generate.py` writes for one conversation. */
export interface Vector {
  readonly name: string;
  readonly languageId: string;
  readonly history: readonly string[];
  readonly current: string;
  readonly target: number | readonly [number, number] | null;
  readonly instruction: string;
  readonly next: string;
  readonly chat: string;
  readonly formats: Partial<Record<PromptFormatName, { messages: readonly VectorMessage[]; answer: string }>>;
  readonly fewShotInstruct?: readonly VectorMessage[];
  readonly fewShotBase?: string;
  readonly excerpts: readonly { first: number; last: number; plain: string; numbered: string }[];
  readonly templates?: Record<'default' | 'assistant-conversation' | 'prefix_response', string>;
}

export function readVectors(file: string | URL = new URL('./vectors/vectors.jsonl', import.meta.url)): Vector[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

export function conversationOf({ history, current, target, instruction, languageId }: Vector): Conversation {
  const area: TargetArea | undefined =
    target === null
      ? undefined
      : typeof target === 'number'
        ? { kind: 'cursor', offset: target }
        : { kind: 'selection', start: target[0], end: target[1] };
  return {
    path: 'file',
    languageId,
    history,
    current,
    ...(area ? { target: area } : {}),
    ...(instruction === '' ? {} : { instruction }),
  };
}
