import type { ServedPrompt } from './servedPrompt.ts';
import { readZeta1 } from './zeta1Prompt.ts';
import { readZeta2 } from './zeta2Prompt.ts';

/** Reads a prompt in any known format; undefined for any other. */
export function readPrompt(prompt: string): ServedPrompt | undefined {
  return readZeta2(prompt) ?? readZeta1(prompt);
}
