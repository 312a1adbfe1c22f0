import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubAccess } from '../../../server/models/hub/hubFetch.ts';
import { parseHubSpec } from '../../../server/models/hub/hubSpec.ts';
import { type PullOptions, pullModel } from '../../../server/models/hub/pullModel.ts';
import { ModelStore } from '../../../server/models/store.ts';
import { temporaryFolder } from '../storeSupport.ts';
import { writeTinyFolder } from '../tinyFolder.ts';
import { HubServer } from './hubServer.ts';

let hub: HubServer;
let root: string;
let store: ModelStore;

beforeEach(async () => {
  hub = new HubServer(writeTinyFolder(path.join(temporaryFolder(), 'tiny')));
  await hub.start();
  root = temporaryFolder();
  store = new ModelStore(root);
});
afterEach(() => hub.stop());

function pull(options: Partial<PullOptions> = {}) {
  const env = { HF_ENDPOINT: hub.endpoint, ...options.env };
  return pullModel(store, root, parseHubSpec('owner/tiny'), { retryMs: 1, ...options, env });
}

/** Answers every request for the list of files. */
function answerList(answer: (response: ServerResponse, url: URL) => void): void {
  hub.meddle = (request, response) => {
    const url = new URL(request.url ?? '/', hub.endpoint);
    if (!url.pathname.includes('/tree/')) return false;
    answer(response, url);
    return true;
  };
}

const listRequests = () => hub.seen.filter(({ url }) => url.includes('/tree/')).length;
const json = { 'Content-Type': 'application/json' };

describe('what the hub says', () => {
  it('is not read without an end: bytes', async () => {
    let sent = 0;
    answerList((response) => {
      response.writeHead(200, json);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(2 ** 16, ' '))) sent += 2 ** 16;
      };
      response.on('drain', more);
      more();
    });
    await expect(pull()).rejects.toThrow(/sends more than a list of files; check HF_ENDPOINT/);
    expect(sent).toBeLessThan(64 * 2 ** 20);
  });

  it('is not read without an end: pages', async () => {
    answerList((response, url) => {
      const next = Number(url.searchParams.get('cursor') ?? 0) + 1;
      const link = `<${hub.endpoint}${url.pathname}?cursor=${next}>; rel="next"`;
      response.writeHead(200, { ...json, Link: link }).end('[]');
    });
    await expect(pull()).rejects.toThrow(/lists the files without an end; check HF_ENDPOINT/);
    expect(listRequests()).toBeLessThan(201);
    hub.seen.length = 0;
    answerList((response, { href }) => response.writeHead(200, { ...json, Link: `<${href}>; rel="next"` }).end('[]'));
    await expect(pull()).rejects.toThrow(/lists the files without an end/);
    expect(listRequests()).toBe(1);
  });

  it.each(['headers', 'body'])('is not waited for without an end: %s', async (what) => {
    answerList((response) => {
      if (what === 'body') response.writeHead(200, json).write('[');
    });
    await expect(pull({ stallMs: 200 })).rejects.toThrow(
      /cannot be reached or broke off \((nothing came|no answer) for 0\.2 s\)/,
    );
  });

  it('goes on at the endpoint that was asked, whatever host the next page names', async () => {
    const others: string[] = [];
    const other = createServer((request, response) => {
      others.push(request.url ?? '');
      response.end('[]');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    hub.meddle = (request, response) => {
      const url = new URL(request.url ?? '/', hub.endpoint);
      if (!url.pathname.includes('/tree/') || url.searchParams.has('cursor')) return false;
      const link = `<http://name:secret@127.0.0.1:${port}${url.pathname}?cursor=2>; rel="next"`;
      response.writeHead(200, { ...json, Link: link }).end('[]');
      return true;
    };
    try {
      await pull({ env: { HF_TOKEN: 'hf_secret' } });
    } finally {
      other.close();
    }
    expect(others).toEqual([]);
    expect(listRequests()).toBe(2);
    expect(await store.list()).toHaveLength(1);
  });
});

describe('addresses', () => {
  it('of a proxy need no scheme, and may have a name and a password', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, client) => {
      asked.push(request.headers['proxy-authorization']);
      const upstream = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      await pull({ env: { http_proxy: address } });
      await pull({ env: { http_proxy: `name:s%40cret@${address}` }, force: true });
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
    expect(new Set(asked)).toEqual(new Set([undefined, `Basic ${Buffer.from('name:s@cret').toString('base64')}`]));
  });

  it('of the endpoint may have a name and a password, which storage does not get', async () => {
    await pull({ env: { HF_ENDPOINT: hub.endpoint.replace('//', '//name:secret@') } });
    const basic = `Basic ${Buffer.from('name:secret').toString('base64')}`;
    for (const { host, authorization } of hub.seen) expect(authorization).toBe(host === 'hub' ? basic : undefined);
    hub.meddle = (_request, response) => Boolean(response.writeHead(403).end());
    const refused = pull({ env: { HF_ENDPOINT: hub.endpoint.replace('//', '//name:secret@') }, force: true });
    await expect(refused).rejects.toThrow(`${hub.endpoint} refuses owner/tiny`);
  });

  it('are never printed with a password', async () => {
    const part = fc.constantFrom('http', 'htp', '://', ':', '//', 'name', '@', '/', 'host', 'p.example:1', ' ', '%');
    const parts = fc.array(part, { maxLength: 6 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(
        parts,
        parts,
        fc.constantFrom('HF_ENDPOINT', 'https_proxy', 'HTTP_PROXY'),
        async (a, b, name) => {
          const failure = await hubAccess({ [name]: `${a}:hunter2@${b}` }).then(String, String);
          expect(failure).not.toContain('hunter2');
        },
      ),
    );
    expect(() => parseHubSpec('ssh://name:hunter2@host/a/b')).toThrow(/^(?!.*hunter2).*ssh:\/\/\*\*\*@host/);
  });
});
