export interface EngineErrorOptions extends ErrorOptions {
  /**
   * The problem's key, for problems whose messages differ, for example in a number: the user is shown one message per
   * topic. By default the message itself.
   */
  readonly topic?: string | undefined;
}

/** An engine's failure, or that of the model host under it, with a message that tells the user what to do. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
  readonly topic: string;

  constructor(message: string, { topic = message, ...options }: EngineErrorOptions = {}) {
    super(message, options);
    this.topic = topic;
  }
}

/** An error's name, message and, if it is text, its cause; without a stack. */
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

const systemErrors: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOENT: 'no such file',
  ENOTDIR: 'part of its path is not a folder',
};

/** Why the system refused a file, in words for the user: Node's message without the call and the path. */
export function systemErrorWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return systemErrors[code] ?? /^[A-Z0-9]+: (.+), \w+/.exec(error.message)?.[1] ?? error.message;
}
