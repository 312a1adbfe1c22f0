import { StoreError } from '../store/storeError.ts';
import { StalledError } from './hubError.ts';
import type { Fetch } from './hubFetch.ts';
import { unstalled } from './unstalled.ts';

export interface ApiLimits {
  /** Bytes of all answers together. A page of a thousand files has about 300 kB. */
  readonly bytes?: number;
  /** How many answers. */
  readonly answers?: number;
  /** Milliseconds without a byte after which a connection is given up. */
  readonly stallMs?: number;
  /** Milliseconds for one answer. */
  readonly totalMs?: number;
}

/**
 * `fetch` for the questions of one pull to the hub's API, whose answers are held in memory: they end, whatever the
 * server sends. Each goes to `endpoint`, the next page too: a mirror names the hub that it mirrors there, and others
 * whom they please. Rejects with a StoreError, and a StalledError.
 */
export function apiFetch(fetch: Fetch, endpoint: string, limits: ApiLimits = {}): Fetch {
  const { bytes = 16 * 2 ** 20, answers = 200, stallMs = 60_000, totalMs = 300_000 } = limits;
  const asked = new Set<string>();
  let left = bytes;
  const refuse = (what: string) => new StoreError(`${endpoint} ${what}; check HF_ENDPOINT and the proxy`);
  return async (input, init) => {
    const target = atEndpoint(endpoint, input instanceof Request ? input.url : String(input));
    if (target === undefined) throw refuse('names a next page that is none of its own');
    if (asked.has(target) || asked.size >= answers) throw refuse('lists the files without an end');
    asked.add(target);
    const response = await fetch(target, init);
    if (!response.body) return response;
    const reader = response.body.getReader();
    const chunks: Uint8Array[] = [];
    const until = performance.now() + totalMs;
    for (;;) {
      const { done, value } = await unstalled(reader, stallMs);
      if (done) break;
      left -= value.length;
      chunks.push(value);
      const late = performance.now() > until;
      if (left >= 0 && !late) continue;
      await reader.cancel();
      throw late
        ? new StalledError(`no whole answer in ${totalMs / 1000} s`)
        : refuse('sends more than a list of files');
    }
    const { status, statusText, headers } = response;
    // The proxy's fetch has classes of its own.
    return new Response(Buffer.concat(chunks), { status, statusText, headers: [...headers] });
  };
}

/** The same question to the endpoint, whatever host stands in the address; undefined for one that is none. */
function atEndpoint(endpoint: string, address: string): string | undefined {
  if (address.startsWith(`${endpoint}/`)) return address;
  const { pathname, search } = new URL(address);
  const at = pathname.indexOf('/api/');
  return at === -1 ? undefined : `${endpoint}${pathname.slice(at)}${search}`;
}
