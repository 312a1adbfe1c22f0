import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

export const commit = '0123456789abcdef0123456789abcdef01234567';

export interface Seen {
  readonly host: 'hub' | 'storage';
  readonly url: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** What a test does to an answer before it is sent; true where it sent one itself. */
export type Meddle = (request: IncomingMessage, response: ServerResponse, seen: readonly Seen[]) => boolean;

/**
 * A hub of one repository, by default `owner/tiny`, on this machine, with the endpoints that a pull uses: the model's information,
 * its tree, and files that for LFS are redirected to a storage host of another origin, with ranges.
 */
export class HubServer {
  readonly seen: Seen[] = [];
  readonly files = new Map<string, Buffer>();
  /** Content that storage gives in place of what is listed. */
  readonly tampered = new Map<string, Buffer>();
  meddle: Meddle = () => false;
  readonly #repo: string;
  readonly #hub: Server;
  readonly #storage: Server;

  constructor(folder: string, repo = 'owner/tiny') {
    this.#repo = repo;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      this.files.set(path.relative(folder, file).split(path.sep).join('/'), readFileSync(file));
    }
    this.#hub = createServer((request, response) => this.#answer('hub', request, response));
    this.#storage = createServer((request, response) => this.#answer('storage', request, response));
  }

  async start(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
  }

  stop(): void {
    for (const server of [this.#hub, this.#storage]) {
      server.closeAllConnections();
      server.close();
    }
  }

  get port(): number {
    return (this.#hub.address() as AddressInfo).port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What was asked of the file `name`, on whichever host gives its content. */
  requestsFor(name: string): Seen[] {
    return this.seen.filter(({ host, url }) => url.endsWith(`/${name}`) && (host === 'storage') === isLarge(name));
  }

  #answer(host: Seen['host'], request: IncomingMessage, response: ServerResponse): void {
    const url = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    const { range, authorization } = request.headers;
    this.seen.push({ host, url, range, authorization });
    if (this.meddle(request, response, this.seen)) return;
    const api = `/api/models/${this.#repo}`;
    if (host === 'hub' && ['main', 'v1'].some((revision) => url === `${api}/revision/${revision}`)) {
      sendJson(response, { _id: 'x', id: this.#repo, sha: commit, lastModified: '2025-01-01T00:00:00.000Z' });
    } else if (host === 'hub' && url === `${api}/tree/${commit}`) {
      sendJson(response, this.#tree());
    } else {
      this.#sendFile(host, url, range, response);
    }
  }

  #sendFile(host: Seen['host'], url: string, range: string | undefined, response: ServerResponse): void {
    const name = url.replace(host === 'hub' ? `/${this.#repo}/resolve/${commit}/` : '/', '');
    const content = this.tampered.get(name) ?? this.files.get(name);
    if (!content || name === url) {
      response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
    } else if (host === 'hub' && isLarge(name)) {
      const { port } = this.#storage.address() as AddressInfo;
      response.writeHead(302, { Location: `http://127.0.0.1:${port}/${name}`, 'X-Linked-ETag': sha256(content) }).end();
    } else {
      sendRange(response, content, range);
    }
  }

  #tree(): object[] {
    return [...this.files].map(([name, content]) => ({
      type: 'file',
      path: name,
      size: content.length,
      oid: createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex'),
      ...(isLarge(name) ? { lfs: { oid: sha256(content), size: content.length, pointerSize: 134 } } : {}),
    }));
  }
}

function isLarge(name: string): boolean {
  return /\.(safetensors|bin|gguf)$/.test(name);
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

export function sendRange(response: ServerResponse, content: Buffer, range: string | undefined): void {
  const first = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(first)) {
    response.writeHead(200, { 'Content-Length': content.length }).end(content);
  } else if (first >= content.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end();
  } else {
    const part = content.subarray(first);
    const { length } = content;
    response
      .writeHead(206, { 'Content-Length': part.length, 'Content-Range': `bytes ${first}-${length - 1}/${length}` })
      .end(part);
  }
}

/** Sends part of the content that it announces, and then breaks the connection. */
export function sendAndBreak(response: ServerResponse, content: Buffer, bytes: number): void {
  response.writeHead(200, { 'Content-Length': content.length });
  response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 50));
}
