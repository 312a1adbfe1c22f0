import { UsageError } from '../store/storeError.ts';
import { StalledError } from './hubError.ts';

export type Fetch = typeof fetch;

/** How the hub is reached. */
export interface HubAccess {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly hasToken: boolean;
  /** Goes through the proxy that the environment names, and sends the token to the endpoint alone. */
  readonly fetch: Fetch;
}

const proxyVariables = ['http_proxy', 'https_proxy'];
/** Without the first byte of an answer for so long, a request has failed. */
const answerMs = 60_000;

/** Reads `HF_ENDPOINT`, `HF_TOKEN`, `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Rejects with a UsageError. */
export async function hubAccess(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<HubAccess> {
  const endpoint = (env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `HF_ENDPOINT is ${JSON.stringify(endpoint)}, which is no address such as https://huggingface.co`,
    );
  }
  const token = env.HF_TOKEN?.trim();
  if (token && !/^[\x21-\x7e]+$/.test(token)) throw new UsageError('HF_TOKEN has characters that no token has');
  const through = await fetchOf(env);
  return {
    endpoint,
    hasToken: Boolean(token),
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      const target = new URL(input instanceof Request ? input.url : input);
      // Where the endpoint redirects to a storage host, fetch takes the header off again (Fetch standard, HTTP-redirect
      // fetch).
      if (token && target.origin === url.origin) headers.set('Authorization', `Bearer ${token}`);
      return await answered(signal, (abort) =>
        through(target, { ...init, headers: Object.fromEntries(headers), signal: abort }),
      );
    },
  };
}

/** Ends a request that is not answered in time, or once `signal` aborts, also while its body is read. */
async function answered(
  signal: AbortSignal | undefined,
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

/** Node's own fetch knows no proxy before Node 24; undici's does, and is loaded only where there is one. */
async function fetchOf(env: NodeJS.ProcessEnv): Promise<Fetch> {
  const proxy = (name: string) => env[name] || env[name.toUpperCase()];
  const [httpProxy, httpsProxy] = proxyVariables.map(proxy);
  if (!httpProxy && !httpsProxy) return fetch;
  for (const value of [httpProxy, httpsProxy]) {
    if (value && !(URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) {
      throw new UsageError(`the proxy ${JSON.stringify(value)} is no address such as http://proxy.example:3128`);
    }
  }
  const { default: undici } = await import('undici');
  const dispatcher = quietly(
    () =>
      new undici.EnvHttpProxyAgent({
        ...(httpProxy ? { httpProxy } : {}),
        ...(httpsProxy ? { httpsProxy } : {}),
        noProxy: proxy('no_proxy') ?? '',
      }),
  );
  // The two declare the same standard with types of their own.
  const proxied = undici.fetch as unknown as (input: URL, init: object) => Promise<Response>;
  return (input, init) => proxied(new URL(input instanceof Request ? input.url : input), { ...init, dispatcher });
}

/** Without undici's warning that the class is experimental, which tells the user nothing. */
function quietly<T>(make: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return make();
  } finally {
    process.emitWarning = emitWarning;
  }
}
