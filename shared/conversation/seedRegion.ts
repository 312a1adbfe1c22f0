import { endedLines } from '../edits/lines.ts';
import { control, joinTexts, type Prompt, text } from './prompt.ts';
import { type RecentChange, unifiedHunk } from './recentChanges.ts';
import type { RegionSheet } from './region.ts';

/** Seed-Coder's tokens for fill-in-the-middle, and the other marks of Zed's models based on it. */
export const seedTokens = {
  suffix: '<[fim-suffix]>',
  prefix: '<[fim-prefix]>',
  middle: '<[fim-middle]>',
  endOfSentence: '<[end▁of▁sentence]>',
  filename: '<filename>',
  cursor: '<|user_cursor|>',
} as const;

/** The prompt of Zed's models based on Seed-Coder, which differ in how they write the region. */
export function seedPrompt({ path, above, below, changes }: RegionSheet, region: readonly string[]): Prompt {
  const { suffix, prefix, middle, filename } = seedTokens;
  const edits = changes.length === 0 ? '' : `${filename}edit_history\n${changes.map(edit).join('\n')}\n`;
  return joinTexts([
    control(suffix),
    text(below.length === 0 ? '\n' : endedLines(below)),
    control(prefix),
    text(`${edits}${filename}${path}\n${endedLines(above)}${endedLines(region)}`),
    control(middle),
  ]);
}

function edit(change: RecentChange): string {
  return `--- a/${change.path}\n+++ b/${change.path}\n${unifiedHunk(change)}\n`;
}
