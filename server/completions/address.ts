import { randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** Where completions are served. */
export interface ListenAddress {
  /** An address of this machine alone. */
  readonly host: string;
  readonly port: number;
}

export const defaultAddress: ListenAddress = { host: '127.0.0.1', port: 7079 };

/** Where the token is looked for: a variable of our own, and the one by which Zed knows it. */
export const tokenVariables = [
  'CURSORCORE_COMPLETIONS_TOKEN',
  'ZED_OPEN_AI_COMPATIBLE_EDIT_PREDICTION_API_KEY',
] as const;
const minToken = 16;

/** Reads `PORT` or `HOST:PORT`, port 0 for any that is free. Throws an Error for another machine's address and for what is no address. */
export function readAddress(value: string): ListenAddress {
  const [, name = '', digits = ''] = /^(?:(.*):)?(\d{1,5})$/.exec(value) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) throw new Error(`"${value}" is no address; it is PORT or 127.0.0.1:PORT`);
  const host =
    name === '' || name.toLowerCase() === 'localhost' ? defaultAddress.host : name.replace(/^\[(.*)\]$/, '$1');
  if (host !== '::1' && !(isIPv4(host) && host.startsWith('127.'))) {
    throw new Error(
      `completions are served on this machine alone, as on 127.0.0.1; "${name}" is not its loopback address`,
    );
  }
  return { host, port };
}

/** The token that the environment names; undefined where it names none. Throws an Error for one that could be guessed. */
export function tokenFrom(environment: NodeJS.ProcessEnv): string | undefined {
  for (const name of tokenVariables) {
    const token = environment[name]?.trim();
    if (token === undefined || token === '') continue;
    if (token.length < minToken) throw new Error(`${name} must have ${minToken} characters or more`);
    return token;
  }
  return undefined;
}

export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** A host as it stands in a URL. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
