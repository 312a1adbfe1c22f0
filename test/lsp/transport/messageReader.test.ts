import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Malformed, maxBodyBytes, ResilientMessageReader } from '../../../server/lsp/transport/messageReader.ts';

function frame(value: unknown): Buffer {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** What a reader makes of the chunks: the messages and what was malformed. */
async function read(chunks: readonly Buffer[]): Promise<{ messages: unknown[]; malformed: Malformed[] }> {
  const stream = new PassThrough();
  const messages: unknown[] = [];
  const malformed: Malformed[] = [];
  const reader = new ResilientMessageReader(stream, { admit: () => true, onMalformed: (what) => malformed.push(what) });
  const closed = new Promise((resolve) => reader.onClose(resolve));
  reader.listen((message) => messages.push(message));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await closed;
  return { messages, malformed };
}

const [one, two] = [
  { jsonrpc: '2.0', method: 'one' },
  { jsonrpc: '2.0', method: 'zwei 😀' },
];

describe('ResilientMessageReader', () => {
  it('reads messages however they are cut into chunks', async () => {
    const bytes = Buffer.concat([frame(one), frame(two), frame({ jsonrpc: '2.0', method: 'x'.repeat(10_000) })]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }), async (cuts) => {
        const at = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
        const { messages, malformed } = await read(at.slice(1).map((end, i) => bytes.subarray(at[i], end)));
        expect(messages).toHaveLength(3);
        expect(messages.slice(0, 2)).toEqual([one, two]);
        expect(malformed).toEqual([]);
      }),
    );
  });

  it('takes other headers and either case', async () => {
    const body = JSON.stringify(one);
    const head = `Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: ${body.length}\r\n\r\n`;
    expect((await read([Buffer.from(head + body)])).messages).toEqual([one]);
  });

  it.each([
    ['a body that is not JSON', frame('{"jsonrpc": secret'), 'body'],
    ['an empty body', frame(''), 'body'],
    ['no Content-Length', Buffer.from('Content-Type: x\r\n\r\n'), 'header'],
    ['a length that is no number', Buffer.from('Content-Length: many\r\n\r\n'), 'header'],
    ['a negative length', Buffer.from('Content-Length: -5\r\n\r\n'), 'header'],
    ['noise', Buffer.from('hello\r\n\r\nworld\r\n\r\n'), 'header'],
    ['noise without an end', Buffer.from('x'.repeat(10_000)), 'header'],
    ['binary noise', Buffer.from(Array.from({ length: 6000 }, (_, i) => (i * 7919) % 256)), 'header'],
    ['a body longer than its length says', Buffer.from('Content-Length: 2\r\n\r\n{}{"more":"text"}'), 'header'],
  ])('goes on after %s', async (_, bytes, kind) => {
    const { messages, malformed } = await read([frame(one), bytes, frame(two)]);
    expect(messages).toContainEqual(one);
    expect(messages.at(-1)).toEqual(two);
    expect(malformed.map((what) => what.kind)).toContain(kind);
  });

  it('does not repeat what a malformed message holds', async () => {
    const { malformed } = await read([frame('{"text": "my secret"'), Buffer.from('my secret\r\n\r\n'), frame(one)]);
    expect(malformed).not.toEqual([]);
    expect(JSON.stringify(malformed)).not.toContain('secret');
  });

  it('skips a body that is too long without keeping it', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const length = maxBodyBytes + 1;
    const head = Buffer.from(`Content-Length: ${length}\r\n\r\n`);
    const body = Array.from({ length: 256 }, () => chunk);
    const { messages, malformed } = await read([head, ...body, Buffer.from('x'), frame(one)]);
    expect(malformed).toHaveLength(1);
    expect(messages).toEqual([one]);
  });

  it('refuses a body of too many values before it has arrived, and goes on behind it', async () => {
    const piece = Buffer.from('{},'.repeat(100_000));
    const pieces = 200;
    const length = 1 + pieces * piece.length + 3;
    const stream = new PassThrough();
    const [messages, malformed]: [unknown[], Malformed[]] = [[], []];
    const reader = new ResilientMessageReader(stream, {
      admit: () => true,
      onMalformed: (what) => malformed.push(what),
    });
    reader.listen((message) => messages.push(message));
    const closed = new Promise((resolve) => reader.onClose(resolve));
    stream.write(`Content-Length: ${length}\r\n\r\n[`);
    let needed = 0;
    for (let i = 1; i <= pieces; i++) {
      stream.write(piece);
      await new Promise(setImmediate);
      if (malformed.length === 0) needed = i;
    }
    stream.write('{}]');
    stream.end(frame(one));
    await closed;
    expect(needed).toBeLessThan(pieces / 10);
    expect(malformed).toEqual([{ kind: 'body', detail: `${length} bytes hold more values than a message may have` }]);
    expect(messages).toEqual([one]);
  });

  it('takes a large body of text, and of changes in very many places', async () => {
    const at = { line: 1, character: 2 };
    const changes = Array.from({ length: 100_000 }, () => ({ range: { start: at, end: at }, text: ', [{' }));
    const text = '{"a": [1, 2]}, \\"\n'.repeat(100_000);
    const bodies = [
      { jsonrpc: '2.0', method: 'many', params: changes },
      { jsonrpc: '2.0', method: 'long', params: { text } },
    ];
    const { messages, malformed } = await read([Buffer.concat(bodies.map(frame))]);
    expect(malformed).toEqual([]);
    expect(JSON.stringify(messages) === JSON.stringify(bodies)).toBe(true);
  });

  it('loses at most what noise touches', async () => {
    const noise = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(noise, async (bytes) => {
        const { messages } = await read([bytes, frame(one), frame(two), frame(two)]);
        expect(messages.at(-1)).toEqual(two);
      }),
    );
  });
});
