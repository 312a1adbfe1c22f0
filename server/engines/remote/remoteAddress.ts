import { shownAddress } from '../../models/hub/shownAddress.ts';

/** The address of a server. */
export interface Endpoint {
  /** The part before `/completions` and `/models`, e.g. `https://models.example/v1`. */
  readonly api: string;
  /** The part before the API's version, for servers' own methods, e.g. `https://models.example`. */
  readonly root: string;
  /** For messages: host and port. */
  readonly host: string;
  readonly isLoopback: boolean;
}

const methods = /\/(?:chat\/completions|completions|models)$/;
const version = /\/v\d+$/;

/**
 * Reads `remote.url`: the address of an OpenAI-compatible server, with or without `/v1`, or of one of its methods.
 * The problem is a sentence for the user; it never contains a password.
 * @param allowHttp whether text may go to other machines unencrypted
 */
export function readEndpoint(
  address: string,
  allowHttp: boolean,
): { readonly endpoint: Endpoint } | { readonly endpoint?: undefined; readonly problem: string } {
  const given = address.trim();
  const problem = (what: string) => ({ problem: `the setting remote.url ${what}` });
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    return problem(`is ${shownAddress(given)}, which is no address such as http://127.0.0.1:8080.`);
  }
  if (url.username !== '' || url.password !== '') {
    return problem(
      'has a name or password in it, which would be logged: name a key with remote.keyVariable or remote.keyFile.',
    );
  }
  // A key in the address would be logged with it.
  if (url.search !== '' || url.hash !== '') return problem('has a part behind ? or #: leave that out.');
  const isLoopback = isLoopbackHost(url.hostname);
  if (url.protocol === 'http:' && !isLoopback && !allowHttp) {
    return problem(
      `sends your code to ${url.host} unencrypted: use https, or set remote.allowHttp where the network between is trusted.`,
    );
  }
  const path = url.pathname.replace(/\/+$/, '').replace(methods, '');
  const root = `${url.origin}${path.replace(version, '')}`;
  const api = version.test(path) ? `${url.origin}${path}` : `${root}/v1`;
  return { endpoint: { api, root, host: url.host, isLoopback } };
}

/** Whether a host, as a URL has it, is by its name alone this machine (RFC 6761, RFC 1122, RFC 4291). */
function isLoopbackHost(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname);
}
