import { UsageError } from '../store/storeError.ts';
import { StalledError } from './hubError.ts';
import { shownAddress } from './shownAddress.ts';

export type Fetch = typeof fetch;

/** How the hub is reached. */
export interface HubAccess {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly hasToken: boolean;
  /** Uses the proxy from the environment, and sends the token only to the endpoint. */
  readonly fetch: Fetch;
}

const proxyVariables = ['http_proxy', 'https_proxy'];
const usualAnswerMs = 60_000;

/**
 * Reads `HF_ENDPOINT`, `HF_TOKEN`, `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Rejects with a UsageError.
 * @param answerMs without the first byte of an answer for so long, a request has failed
 */
export async function hubAccess(
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
  answerMs = usualAnswerMs,
): Promise<HubAccess> {
  const given = env.HF_ENDPOINT || 'https://huggingface.co';
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`HF_ENDPOINT is ${shownAddress(given)}, which is no address such as https://huggingface.co`);
  }
  const token = env.HF_TOKEN?.trim();
  if (token && !/^[\x21-\x7e]+$/.test(token)) throw new UsageError('HF_TOKEN has characters that no token has');
  const authorization = token ? `Bearer ${token}` : basicOf(url);
  const endpoint = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  const through = await proxiedFetch(env);
  return {
    endpoint,
    hasToken: authorization !== undefined,
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      const target = new URL(input instanceof Request ? input.url : input);
      // Where the endpoint redirects to a storage host, fetch takes the header off again (Fetch standard, HTTP-redirect
      // fetch).
      if (authorization && target.origin === url.origin) headers.set('Authorization', authorization);
      return await answered(signal, answerMs, (abort) =>
        through(target, { ...init, headers: Object.fromEntries(headers), signal: abort }),
      );
    },
  };
}

/** The user name and password of an address, which `fetch` accepts only as a header (RFC 7617). */
function basicOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const plain = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A literal percent sign.
    return part;
  }
}

/** Ends a request that is not answered in time, or once `signal` aborts, also while its body is read. */
async function answered(
  signal: AbortSignal | undefined,
  answerMs: number,
  request: (abort: AbortSignal) => Promise<Response>,
): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new StalledError(`no answer for ${answerMs / 1000} s`)), answerMs);
  try {
    return await request(signal ? AbortSignal.any([signal, controller.signal]) : controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `fetch` through the proxy from the environment. Node's own supports none before Node 24; undici's does, and is loaded
 * only if there is one. Rejects with a UsageError.
 */
export async function proxiedFetch(env: NodeJS.ProcessEnv): Promise<Fetch> {
  const variable = (name: string) => env[name] || env[name.toUpperCase()];
  const [httpProxy, httpsProxy] = proxyVariables.map((name) => {
    const value = variable(name);
    const address = value && proxyAddress(value);
    if (!value || address) return address || undefined;
    throw new UsageError(`the proxy ${shownAddress(value)} is no address such as http://proxy.example:3128`);
  });
  if (!httpProxy && !httpsProxy) return fetch;
  const { default: undici } = await import('undici');
  const dispatcher = quietly(
    () =>
      new undici.EnvHttpProxyAgent({
        ...(httpProxy ? { httpProxy } : {}),
        ...(httpsProxy ? { httpsProxy } : {}),
        noProxy: variable('no_proxy') ?? '',
      }),
  );
  // Both declare the same standard with their own types.
  const proxied = undici.fetch as unknown as (input: URL, init: object) => Promise<Response>;
  return (input, init) => proxied(new URL(input instanceof Request ? input.url : input), { ...init, dispatcher });
}

/** Without undici's warning that the class is experimental, which does not help the user. */
function quietly<T>(make: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return make();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * The address of a proxy, with `http://` added if it has no scheme, as in curl; undefined for an invalid one.
 */
function proxyAddress(value: string): string | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) ? address : undefined;
}
