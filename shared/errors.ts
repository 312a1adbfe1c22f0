/** An error's name, message and, where it is words, its cause; without a stack. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = typeof error.cause === 'string' ? ` (${error.cause})` : '';
  return `${error.name}: ${error.message}${cause}`;
}

/** An error's name and the innermost calls of its stack, without its message, which may quote a user's text. */
export function errorSite(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const calls = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...calls.slice(0, 3).map((line) => line.trim())].join(' ');
}
