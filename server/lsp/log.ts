import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { printable } from '../../shared/printable.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * The server's log, one line per message. Messages never contain text of documents: only names, versions, sizes and
 * times. A name may contain anything, so terminal control characters are escaped.
 */
export class Log {
  readonly #sinks = new Set<(level: LogLevel, message: string) => void>();

  error(message: string): void {
    this.#write('error', message);
  }

  warn(message: string): void {
    this.#write('warn', message);
  }

  info(message: string): void {
    this.#write('info', message);
  }

  debug(message: string): void {
    this.#write('debug', message);
  }

  addSink(sink: (level: LogLevel, message: string) => void): void {
    this.#sinks.add(sink);
  }

  /** Also appends every message to `file`, whose folder is created. Throws when the file cannot be written. */
  addFile(file: string): void {
    makeFolder(path.dirname(path.resolve(file)));
    const descriptor = openSync(file, 'a');
    process.on('exit', () => closeSync(descriptor));
    // Synchronous, so that the last messages before a crash are in the file.
    this.addSink((level, message) => {
      try {
        writeSync(descriptor, `${new Date().toISOString()} ${level.padEnd(5)} ${message}\n`);
      } catch {
        // A full disk is no reason to stop serving.
      }
    });
  }

  #write(level: LogLevel, message: string): void {
    const line = printable(message);
    for (const sink of this.#sinks) sink(level, line);
  }
}

/**
 * Node's own `recursive` retries forever where the parent folder exists and nothing can be created in it, as in /proc.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another server may have created it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}
