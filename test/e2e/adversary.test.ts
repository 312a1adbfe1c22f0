import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PositionEncoding } from '../../shared/positions/encoding.ts';
import type { Status } from '../../shared/protocol.ts';
import { EditorDocument, ServerProcess } from './client.ts';
import { RestlessEditor, step } from './restlessEditor.ts';
import { eager, source } from './sample.ts';

/** The same sessions each time; ADVERSARY_SEED tries others, ADVERSARY_RUNS more. */
const seed = Number(process.env.ADVERSARY_SEED ?? 20_261_122);
const numRuns = Number(process.env.ADVERSARY_RUNS ?? 12);

const texts = [
  source,
  source.replaceAll('\n', '\r\n'),
  source.trimEnd(),
  source.replaceAll('  ', '\t').replaceAll('return', '/* 😀漢 */ return'),
];

describe.each<PositionEncoding>(['utf-16', 'utf-8'])('in %s', (encoding) => {
  let server: ServerProcess;
  let session = 0;

  beforeAll(async () => {
    server = new ServerProcess();
    await server.initialize({ encodings: [encoding], settings: { ...eager, pattern: { minConfidence: 0.05 } } });
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  it('whatever is edited in between, each offer can be applied to the text that the editor has', async () => {
    let applied = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.array(step, { minLength: 6, maxLength: 25 }),
        async (text, steps) => {
          const uri = `file:///work/session${++session}.ts`;
          const editor = new RestlessEditor(server, uri, text, encoding);
          await editor.take({ kind: 'rename', at: 0 });
          for (const each of steps) await editor.take(each);
          applied += editor.applied;
          server.notify('textDocument/didClose', { textDocument: { uri } });
        },
      ),
      { seed, numRuns },
    );
    expect(applied).toBeGreaterThan(numRuns);
    expect(server.shown).toEqual([]);
  });
});

describe('a server that goes on', () => {
  let server: ServerProcess;
  let name = 0;

  beforeAll(async () => {
    server = new ServerProcess();
    await server.initialize({ settings: eager });
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  const next = () => `file:///work/next${++name}.ts`;
  const predicts = async () => {
    const document = new EditorDocument(server, next(), source);
    expect(await document.nextEdit(document.replace('loadUser', 'fetchUser'))).toBeDefined();
  };

  it.each([
    ['from the top', (lines: number[]) => lines],
    ['from the bottom', (lines: number[]) => lines.reverse()],
    ['in no order', (lines: number[]) => lines.sort((a, b) => ((a * 7919) % 10_007) - ((b * 7919) % 10_007))],
  ])('takes a replace-all of 10,000 places in one notification, %s', async (_, order) => {
    const uri = next();
    const text = '  const value = 1;\n'.repeat(10_000);
    server.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } });
    const contentChanges = order(Array.from({ length: 10_000 }, (_, line) => line)).map((line) => ({
      range: { start: { line, character: 2 }, end: { line, character: 7 } },
      text: 'CONST',
    }));
    server.notify('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges });
    const asked = { textDocument: { uri, version: 2 }, position: { line: 0, character: 0 } };
    expect(await server.request('textDocument/copilotInlineEdit', asked)).toHaveProperty('edits');
    server.notify('textDocument/didClose', { textDocument: { uri } });
    await predicts();
  });

  it('has nothing to say about texts that were typed over, and goes on', async () => {
    const document = new EditorDocument(server, next(), source.repeat(100));
    const asked: Promise<unknown>[] = [];
    for (let key = 0; key < 200; key++) {
      document.type(0, 'x');
      asked.push(document.nextEdit(1));
    }
    const answers = await Promise.all(asked);
    expect(answers.slice(0, -1).filter((answer) => answer !== undefined)).toEqual([]);
    await predicts();
    expect(await server.request('workspace/executeCommand', { command: 'cursorcore.status' })).not.toHaveProperty(
      'lastError',
    );
  });

  it('stays to its word when an offer is taken late, twice, or was never made', async () => {
    const document = new EditorDocument(server, next(), source);
    const offer = await document.nextEdit(document.replace('loadUser', 'fetchUser'));
    document.type(0, '// ');
    const status = () => server.request('workspace/executeCommand', { command: 'cursorcore.status' });
    const { accepted } = (await status()) as { accepted: number };
    for (let time = 0; time < 3; time++) await server.request('workspace/executeCommand', offer?.command ?? {});
    expect(await status()).toMatchObject({ accepted: accepted + 1 });
    const late = await document.nextEdit(0);
    expect(late?.textDocument.version ?? document.version).toBe(document.version);
  });

  it.each([
    ['a long line', (text: string) => 'x'.repeat(20_000) + text],
    ['a NUL', (text: string) => `\0${text}`],
    ['a mark of generated code', (text: string) => `// @generated\n${text}`],
    ['too much text', (text: string) => 'const a = 1;\n'.repeat(100_000) + text],
    ['a private key', (text: string) => `-----BEGIN PRIVATE KEY-----\n${'A1b2C3d4'.repeat(20)}\n${text}`],
  ])('forgets a document that becomes excluded for %s, until that is gone', async (_, put) => {
    const document = new EditorDocument(server, next(), source);
    const cursor = document.replace('loadUser', 'fetchUser');
    expect(await document.nextEdit(cursor)).toBeDefined();
    const excluded = async () => {
      const status = await server.request<Status>('workspace/executeCommand', { command: 'cursorcore.status' });
      return status.excluded.filter(({ uri }) => uri === document.uri).length;
    };
    const pasted = put('');
    document.change({ start: document.position(0), end: document.position(0) }, pasted);
    expect(await excluded()).toBe(1);
    expect(await document.nextEdit(cursor)).toBeUndefined();
    document.change({ start: document.position(0), end: document.position(pasted.length) }, '');
    expect(await excluded()).toBe(0);
  });

  it.each(['.env', '%2Eenv', '.ENV.local', '.ssh/config', '%E9/%2Enetrc', 'ID_RSA', 'a%2F.env', '.env?x#y'])(
    'keeps %s out, however the URI is written',
    async (secret) => {
      for (const prefix of [
        'file:///work/',
        'FILE:///work/',
        'file:///c%3A/work/',
        'untitled:',
        'vscode-vfs://host/work/',
      ]) {
        const document = new EditorDocument(server, prefix + secret, source);
        expect(await document.nextEdit(document.replace('loadUser', 'fetchUser'))).toBeUndefined();
        server.notify('textDocument/didClose', { textDocument: { uri: document.uri } });
      }
      await predicts();
    },
  );
});
