import { createInterface } from 'node:readline/promises';

/** Asks on a terminal; where there is none, or `yes` was said on the command line, nothing is asked. */
export async function confirmed(question: string, yes: boolean, signal: AbortSignal): Promise<boolean> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal in raw mode gives Ctrl-C to the reader instead of making a signal of it.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await terminal.question(`${question} [Y/n] `, { signal });
    return /^(y(es)?)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
