import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { built } from '../built.ts';

/** The built program; `npm test` builds it first. */
export const main = built('main.js');

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end, with nothing on standard input. */
export function run(...args: string[]): Run {
  return runIn({}, ...args);
}

export function runIn(options: { cwd?: string; env?: NodeJS.ProcessEnv }, ...args: string[]): Run {
  const env = { ...process.env, ...options.env };
  // The test runner may force colours; what is tested is what a pipe gets.
  if (options.env?.FORCE_COLOR === undefined) delete env.FORCE_COLOR;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    input: '',
    timeout: 60_000,
    ...options,
    env,
  });
  return { code: status, stdout, stderr };
}

/** Whether the machine has the tool for a pseudo-terminal, and a pseudo-terminal to give. */
let hasTerminals: boolean | undefined;

/** Runs the program in a pseudo-terminal, where there can be one. */
export function runInTerminal(...args: string[]): Run | undefined {
  hasTerminals ??= spawnSync('script', ['-qec', 'true', '/dev/null'], { timeout: 10_000 }).status === 0;
  if (!hasTerminals) return undefined;
  const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
  const { status, stdout, stderr } = spawnSync('script', ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, TERM: 'xterm-256color', FORCE_COLOR: undefined, NO_COLOR: undefined },
  });
  return { code: status, stdout, stderr };
}

export function start(...args: string[]) {
  return spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** A folder with these files, and how to remove it. */
export function folderWith(files: Record<string, string>): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** An LSP message as it goes over the wire. */
export function frame(message: object): string {
  const body = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { processId: null, rootUri: null, capabilities: {} },
};
