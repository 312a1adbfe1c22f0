import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseHubSpec } from '../../../server/models/hub/hubSpec.ts';
import { type PullOptions, pullModel } from '../../../server/models/hub/pullModel.ts';
import { ModelStore } from '../../../server/models/store.ts';
import { temporaryFolder } from '../storeSupport.ts';
import { writeTinyFolder } from '../tinyFolder.ts';
import { commit, HubServer, sendAndBreak, sendRange } from './hubServer.ts';

let hub: HubServer;
let root: string;
let store: ModelStore;

beforeEach(async () => {
  const folder = writeTinyFolder(path.join(temporaryFolder(), 'tiny'), { vocabulary: 4096 });
  writeFileSync(path.join(folder, 'pytorch_model.bin'), 'never');
  writeFileSync(path.join(folder, 'README.md'), 'not needed');
  hub = new HubServer(folder);
  await hub.start();
  root = temporaryFolder();
  store = new ModelStore(root);
});
afterEach(() => hub.stop());

const weights = 'model.safetensors';

function pull(options: Partial<PullOptions> = {}) {
  const env = { HF_ENDPOINT: hub.endpoint };
  return pullModel(store, root, parseHubSpec('owner/tiny'), {
    retryMs: 1,
    ...options,
    env: { ...env, ...options.env },
  });
}

/** Everything downloaded and not yet installed, with sizes. */
function downloads(): string[] {
  const folder = path.join(root, 'downloads');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}

const contentOf = (name: string) => hub.files.get(name) ?? Buffer.alloc(0);

describe('pullModel', () => {
  it('downloads what an import needs and no more, installs it, and leaves no download behind', async () => {
    const progress: number[] = [];
    const manifest = await pull({ onDownload: (done, total) => progress.push(done / total) });
    expect(manifest).toMatchObject({
      name: 'tiny',
      source: `owner/tiny@${commit}`,
      architecture: 'Qwen2ForCausalLM',
      precision: 'int8',
      promptFormat: 'fewShotBase',
    });
    expect((await store.open('tiny')).manifest).toEqual(manifest);
    const asked = new Set(hub.seen.filter(({ url }) => url.includes('/resolve/')).map(({ url }) => path.basename(url)));
    expect([...asked].sort()).toEqual(['config.json', weights, 'tokenizer.json', 'tokenizer_config.json']);
    expect(progress.at(-1)).toBe(1);
    expect(downloads()).toEqual([]);
  });

  it('keeps the download where told to, and does not download it again', async () => {
    await pull({ keepDownload: true });
    expect(downloads()).toContain(weights);
    hub.seen.length = 0;
    await pull({ force: true });
    expect(hub.seen.filter(({ url }) => url.includes('/resolve/'))).toEqual([]);
  });

  it('does not trust a download that was kept and changed since', async () => {
    await pull({ keepDownload: true });
    const [name = ''] = readdirSync(path.join(root, 'downloads')).filter((entry) => !entry.startsWith('.'));
    const target = path.join(root, 'downloads', name, 'tokenizer_config.json');
    writeFileSync(target, readFileSync(target, 'utf8').replace('<|endoftext|>', '<|endoftexd|>'));
    hub.seen.length = 0;
    await pull({ force: true });
    expect(hub.seen.filter(({ url }) => url.includes('/resolve/')).map(({ url }) => path.basename(url))).toEqual([
      'tokenizer_config.json',
    ]);
  });

  it('asks first, with what it will download, and takes no for an answer', async () => {
    const manifest = await pull({
      confirm: async ({ bytes, files, commit: found }) => {
        expect({ bytes, commit: found }).toEqual({ bytes: files.reduce((sum, { size }) => sum + size, 0), commit });
        return false;
      },
    });
    expect(manifest).toBeUndefined();
    expect(hub.seen.some(({ url }) => url.includes('/resolve/'))).toBe(false);
    expect(readdirSync(root)).toEqual([]);
  });

  it('asks nothing of the hub where the name is taken', async () => {
    await pull();
    hub.seen.length = 0;
    await expect(pull()).rejects.toThrow('a model tiny is already installed; replace it with --force');
    expect(hub.seen).toEqual([]);
  });

  it('goes on where a connection was cut', async () => {
    hub.meddle = (request, response) => {
      if (!request.url?.endsWith(weights) || request.headers.range || request.url.includes('/resolve/')) return false;
      sendAndBreak(response, contentOf(weights), 300_000);
      return true;
    };
    await pull();
    const ranges = hub.requestsFor(weights).map(({ range }) => range);
    expect(ranges).toHaveLength(2);
    expect(ranges[0]).toBeUndefined();
    expect(Number(/^bytes=(\d+)-$/.exec(ranges[1] ?? '')?.[1])).toBeGreaterThan(0);
    expect(await store.list()).toHaveLength(1);
  });

  it('goes on where a connection went silent', async () => {
    hub.meddle = (request, response) => {
      if (!request.url?.endsWith(weights) || request.headers.range || request.url.includes('/resolve/')) return false;
      response.writeHead(200, { 'Content-Length': contentOf(weights).length });
      response.write(contentOf(weights).subarray(0, 300_000));
      return true;
    };
    await pull({ stallMs: 300 });
    const [first, ...others] = hub.requestsFor(weights).map(({ range }) => range);
    expect(first).toBeUndefined();
    // On a busy machine the second may have been silent for so long too.
    expect(others.length).toBeGreaterThan(0);
    for (const range of others) expect(range).toMatch(/^bytes=[1-9]/);
  });

  it('goes on where an earlier pull was interrupted', async () => {
    // Larger than what is fetched of it to look at its header.
    const larger = writeTinyFolder(path.join(temporaryFolder(), 'tiny'), { vocabulary: 20_000 });
    for (const [name, content] of new HubServer(larger).files) hub.files.set(name, content);
    const controller = new AbortController();
    const interrupted = pull({
      signal: controller.signal,
      onDownload: (done) => done > 1_200_000 && controller.abort(new Error('interrupted')),
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(downloads()).toContain(`${weights}.part`);
    expect(await store.list()).toEqual([]);
    hub.seen.length = 0;
    await pull();
    const [first] = hub.requestsFor(weights);
    expect(Number(/^bytes=(\d+)-$/.exec(first?.range ?? '')?.[1])).toBeGreaterThan(1_000_000);
    expect(await store.list()).toHaveLength(1);
  });

  it('starts again where what an earlier pull left is damaged or too long, or the server knows no ranges', async () => {
    for (const damage of ['changed', 'long', 'noRanges']) {
      await pull({ keepDownload: true, force: true });
      const [name = ''] = readdirSync(path.join(root, 'downloads')).filter((entry) => !entry.startsWith('.'));
      const target = path.join(root, 'downloads', name, weights);
      const half = readFileSync(target).subarray(0, 200_000);
      if (damage === 'changed') half[1000] = (half[1000] ?? 0) ^ 1;
      writeFileSync(`${target}.part`, damage === 'long' ? Buffer.alloc(contentOf(weights).length + 1) : half);
      unlinkSync(target);
      hub.meddle = (request, response) => {
        if (damage !== 'noRanges' || !request.url?.endsWith(weights) || request.url.includes('/resolve/')) return false;
        sendRange(response, contentOf(weights), undefined);
        return true;
      };
      const manifest = await pull({ force: true });
      expect(manifest?.name).toBe('tiny');
    }
  });

  it.each([
    ['model.safetensors', 300_000],
    ['config.json', 3],
  ])('throws away a tampered %s', async (name, at) => {
    const bytes = Buffer.from(contentOf(name));
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    hub.tampered.set(name, bytes);
    await expect(pull()).rejects.toThrow(new RegExp(`^${name} is not what the hub lists: its checksum is wrong`));
    expect(await store.list()).toEqual([]);
    expect(downloads()).not.toContain(name);
    hub.tampered.clear();
    await pull();
    expect(await store.list()).toHaveLength(1);
  });

  it('gives up on a file that is longer or shorter than listed', async () => {
    const whole = contentOf(weights);
    hub.tampered.set(weights, Buffer.concat([whole, Buffer.alloc(10)]));
    await expect(pull()).rejects.toThrow('model.safetensors is longer than the hub lists it');
    hub.tampered.set(weights, whole.subarray(0, 1000));
    await expect(pull()).rejects.toThrow(/cannot be reached or broke off|checksum is wrong|status 416/);
    expect(await store.list()).toEqual([]);
  });

  it.each([
    [401, 'it is private or gated, or does not exist; check the name'],
    [403, 'refuses owner/tiny (status 403)'],
    [404, 'has no model owner/tiny with a revision main (status 404); check the name and --revision'],
    [429, 'asks for fewer requests (status 429); wait a while'],
    [500, 'answered with status 500; run the command again later'],
  ])('says of status %i that %s', async (status, message) => {
    for (const place of ['/api/', '/resolve/']) {
      hub.meddle = (request, response) => {
        if (!request.url?.includes(place)) return false;
        response.writeHead(status, { 'Retry-After': '0' }).end();
        return true;
      };
      await expect(pull()).rejects.toThrow(message);
    }
    expect(await store.list()).toEqual([]);
  });

  it('waits and asks again where the hub is overloaded for a moment', async () => {
    let refused = 0;
    hub.meddle = (request, response) => {
      if (!request.url?.includes('/resolve/') || refused >= 3) return false;
      response.writeHead(++refused === 1 ? 429 : 503, { 'Retry-After': '0' }).end();
      return true;
    };
    await pull();
    expect(refused).toBe(3);
  });

  it('says so where there is no hub, or something else in its place', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const endpoint = `http://127.0.0.1:${(nobody.address() as AddressInfo).port}`;
    await new Promise((resolve) => nobody.close(resolve));
    await expect(pull({ env: { HF_ENDPOINT: endpoint } })).rejects.toThrow(
      `${endpoint} cannot be reached or broke off (ECONNREFUSED); check the network`,
    );
    for (const answer of ['<html>', '{}', '[]', 'null', '{"sha":"../.."}']) {
      hub.meddle = (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(answer);
        return true;
      };
      await expect(pull()).rejects.toThrow(/check HF_ENDPOINT/);
    }
    expect(readdirSync(root)).toEqual([]);
  });

  it('sends the token to the endpoint and to nobody else', async () => {
    await pull({ env: { HF_TOKEN: 'hf_secret' } });
    for (const { host, authorization } of hub.seen) {
      expect(authorization).toBe(host === 'hub' ? 'Bearer hf_secret' : undefined);
    }
    expect(hub.requestsFor(weights)).toHaveLength(1);
  });

  it('goes through the proxy that the environment names, and keeps the token from storage there too', async () => {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, client) => {
      asked.push(request.url ?? '');
      const port = request.url?.startsWith('hub.invalid') ? hub.port : Number(request.url?.split(':')[1]);
      const upstream = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      await pull({ env: { HF_ENDPOINT: 'http://hub.invalid', http_proxy: address, HF_TOKEN: 'hf_secret' } });
      expect(asked).toContain('hub.invalid:80');
      for (const { host, authorization } of hub.seen) {
        expect(authorization).toBe(host === 'hub' ? 'Bearer hf_secret' : undefined);
      }
      asked.length = 0;
      await pull({ force: true, env: { HTTP_PROXY: address, NO_PROXY: '127.0.0.1' } });
      expect(asked).toEqual([]);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it('lets one process at a time download a model', async () => {
    const results = await Promise.allSettled([pull({ name: 'one' }), pull({ name: 'two' })]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    expect(String(refused?.reason)).toContain('is downloading owner/tiny right now; wait until it has ended');
  });

  it('says what a repository without safetensors has instead', async () => {
    hub.files.delete(weights);
    await expect(pull()).rejects.toThrow('pickle files alone, which can run code');
    hub.files.set('tiny-q4_0.gguf', Buffer.from('GGUF'));
    await expect(pull()).rejects.toThrow('name the one you want, as in owner/tiny:tiny-q4_0.gguf');
    hub.files.clear();
    await expect(pull()).rejects.toThrow('has no safetensors and no GGUF file');
  });

  it('installs nothing where what was downloaded is no model, and keeps it for another try', async () => {
    const content = Buffer.from(contentOf(weights));
    content.writeFloatLE(Number.NaN, 20_000);
    hub.files.set(weights, content);
    await expect(pull()).rejects.toThrow(/values that are no numbers/);
    expect(await store.list()).toEqual([]);
    expect(downloads()).toContain(weights);
  });
});
