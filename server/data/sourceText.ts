import { readFile, stat } from 'node:fs/promises';
import { sequenceRatio } from '../../shared/conversation/sequenceMatcher.ts';
import { DataExclusion } from './privacy.ts';

const exclusion = new DataExclusion();

/**
 * The text of a file of code with `\n` between its lines, or in a few words why it is left out. `maxSize` is in UTF-16 code
 * units.
 */
export async function readSourceText(file: string, maxSize: number): Promise<string | { problem: string }> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return { problem: 'no file' };
    if (stats.size > maxSize * 4) return { problem: 'too large' };
    const bytes = await readFile(file);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
    if (text.includes('\r')) return { problem: 'has carriage returns inside lines' };
    if (text.length > maxSize) return { problem: 'too large' };
    const reason = exclusion.contentReason(text);
    return reason === undefined ? text : { problem: reason.split(':')[0] ?? reason };
  } catch (error) {
    return { problem: error instanceof TypeError ? 'not UTF-8' : 'missing' };
  }
}

/** The part of the lines of both texts that stand in both, 0 to 1. */
export function alike(a: string, b: string): number {
  return sequenceRatio(a.split('\n'), b.split('\n'));
}
