import { StalledError } from './hubError.ts';

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** The next bytes; rejects, and drops the connection, where none come in `stallMs`. */
export async function unstalled(reader: Reader, stallMs: number): Promise<Awaited<ReturnType<Reader['read']>>> {
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = true;
    // Ends the read below, as if the body had ended.
    reader.cancel().catch(() => {});
  }, stallMs);
  try {
    const next = await reader.read();
    if (stalled) throw new StalledError(`nothing came for ${stallMs / 1000} s`);
    return next;
  } finally {
    clearTimeout(timer);
  }
}
