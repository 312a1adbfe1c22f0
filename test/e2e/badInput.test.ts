import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import { eventually } from '../eventually.ts';
import { EditorDocument, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

/** One server for all: whatever one test does to it, it goes on serving the next. */
let server: ServerProcess;
let uri: string;
let shownBefore: number;
let tests = 0;

beforeAll(async () => {
  server = new ServerProcess();
  await server.initialize({ settings: eager });
});

afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

beforeEach(() => {
  uri = `file:///work/bad${++tests}.ts`;
  shownBefore = server.shown.length;
});

/** After each test another document still gets its prediction. */
afterEach(async () => {
  server.notify('textDocument/didClose', { textDocument: { uri } });
  const good = new EditorDocument(server, goodUri, source);
  expect(await good.nextEdit(good.replace('loadUser', 'fetchUser'))).toBeDefined();
  server.notify('textDocument/didClose', { textDocument: { uri: goodUri } });
});

const goodUri = 'file:///work/good.ts';
const zero = { line: 0, character: 0 };
const range = { start: zero, end: zero };

const open = (text: unknown = 'one\ntwo\n', version: unknown = 1) =>
  server.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version, text } });
const change = (contentChanges: unknown, version: unknown = 2) =>
  server.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
const nextEdit = (textDocument: object = { uri }) =>
  server.request('textDocument/copilotInlineEdit', { textDocument, position: zero });
const warnings = () => server.shown.slice(shownBefore).map(({ message }) => message);

describe('malformed messages', () => {
  it('are answered or skipped', async () => {
    const answers: unknown[] = [];
    server.child.stdout?.on('data', (data: Buffer) => answers.push(data.toString()));
    server.writeBody('{"jsonrpc": "2.0", ');
    server.writeBody('null');
    server.writeBody('[]');
    server.writeBody('"text"');
    server.writeBody('{"jsonrpc":"2.0","id":[1],"method":"shutdown"}');
    server.writeRaw('\r\n\r\nContent-Length: x\r\n\r\n');
    server.writeRaw('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await nextEdit()).toEqual({ edits: [] });
    expect(answers.join('')).toContain('-32700');
    expect(answers.join('')).toContain('-32600');
  });

  it('are answered with InvalidParams where a parameter has the wrong type', async () => {
    const wrong: readonly [string, object][] = [
      ['textDocument/inlineCompletion', {}],
      ['textDocument/inlineCompletion', { textDocument: { uri: 1 }, position: zero }],
      ['textDocument/inlineCompletion', { textDocument: { uri: goodUri }, position: { line: -1, character: 0 } }],
      ['textDocument/copilotInlineEdit', { textDocument: { uri: goodUri }, position: { line: 0.5, character: 0 } }],
      ['textDocument/copilotInlineEdit', { textDocument: { uri: goodUri, version: 'x' }, position: zero }],
      ['textDocument/codeAction', { textDocument: { uri: goodUri }, range: { start: zero }, context: {} }],
      ['textDocument/codeAction', { textDocument: { uri: goodUri }, range }],
      ['codeAction/resolve', { title: 'x', data: { uri } }],
      ['workspace/executeCommand', { command: 1 }],
      ['workspace/executeCommand', { command: 'cursorcore.accept' }],
      ['workspace/executeCommand', { command: 'cursorcore.reject', arguments: [null] }],
      ['workspace/executeCommand', { command: 'cursorcore.instruct', arguments: [{ uri }] }],
      ['workspace/executeCommand', { command: 'constructor' }],
    ];
    for (const [method, params] of wrong) {
      await expect(server.request(method, params), `${method} ${JSON.stringify(params)}`).rejects.toMatchObject({
        code: -32602,
      });
    }
  });

  it('are answered with MethodNotFound where there is no such method', async () => {
    await expect(server.request('textDocument/hover', {})).rejects.toMatchObject({ code: -32601 });
    server.notify('$/unknown', {});
    server.notify('unknown/unknown', {});
  });

  it('may ask for positions outside the text', async () => {
    const far = { line: 100_000, character: 2_147_483_647 };
    open(source);
    const textDocument = { uri };
    const context = { triggerKind: 1 };
    expect(await server.request('textDocument/inlineCompletion', { textDocument, position: far, context })).toEqual({
      items: [],
    });
    expect(await server.request('textDocument/copilotInlineEdit', { textDocument, position: far })).toHaveProperty(
      'edits',
    );
    expect(
      await server.request('textDocument/codeAction', { textDocument, range: { start: far, end: zero }, context }),
    ).toBeInstanceOf(Array);
  });

  it('may accept or reject what was never offered', async () => {
    for (const command of ['cursorcore.accept', 'cursorcore.reject']) {
      for (const offer of ['', '1-1', '0-99999999', 'x'.repeat(1000)]) {
        expect(await server.request('workspace/executeCommand', { command, arguments: [{ uri, offer }] })).toBeNull();
      }
    }
    const stale = { title: 'x', data: { uri: goodUri, offer: '7-9' } };
    await expect(server.request('codeAction/resolve', stale)).rejects.toMatchObject({ code: -32801 });
  });
});

describe('a document out of step', () => {
  const cases: readonly [string, () => void][] = [
    ['is changed before it is opened', () => change([{ range, text: 'x' }])],
    [
      'is changed at a line it has not',
      () => {
        open();
        change([{ range: { start: { line: 7, character: 0 }, end: { line: 8, character: 0 } }, text: '' }]);
      },
    ],
    [
      'is changed by a reversed range',
      () => {
        open();
        change([{ range: { start: { line: 1, character: 0 }, end: zero }, text: '' }]);
      },
    ],
    [
      'is changed with an old version',
      () => {
        open('one\n', 5);
        change([{ range, text: 'x' }], 4);
      },
    ],
    [
      'is changed with the same version',
      () => {
        open('one\n', 5);
        change([{ range, text: 'x' }], 5);
      },
    ],
    [
      'is changed by no text',
      () => {
        open();
        change([{ range }]);
      },
    ],
    [
      'is changed by a range of the wrong type',
      () => {
        open();
        change([{ range: [1, 2], text: 'x' }]);
      },
    ],
    [
      'is changed by something that is no list',
      () => {
        open();
        change('x');
      },
    ],
    [
      'is changed with a version of the wrong type',
      () => {
        open();
        change([{ range, text: 'x' }], 'two');
      },
    ],
    ['is opened without text', () => open(null)],
    ['is opened with text that is no string', () => open({ text: 1 })],
  ];

  it('changed before it is opened, as Helix does with what is typed while the server starts: nothing is said, it is served', async () => {
    change([{ range, text: 'x' }], 1);
    change([{ range, text: 'y' }], 2);
    open(source, 3);
    const start = source.indexOf('loadUser');
    const { line, character } = new LineIndex(source).positionAt(start);
    const name = { start: { line, character }, end: { line, character: character + 'loadUser'.length } };
    change([{ range: name, text: 'fetchUser' }], 4);
    expect(await nextEdit({ uri, version: 4 })).toMatchObject({ edits: [{ textDocument: { uri } }] });
    // One that is not opened is said after a while; by then the other one would have been said, too.
    const other = 'file:///work/other.ts';
    server.notify('textDocument/didChange', {
      textDocument: { uri: other, version: 1 },
      contentChanges: [{ range, text: 'x' }],
    });
    await expect.poll(warnings, { timeout: 10_000 }).toEqual([expect.stringContaining('other.ts is out of step')]);
    server.notify('textDocument/didClose', { textDocument: { uri: other } });
  });

  it.each(cases)(
    '%s: said once, left alone, and followed again once its whole text comes or it is reopened',
    async (_, deed) => {
      deed();
      change([{ range, text: 'y' }], 90);
      change([{ range, text: 'z' }], 91);
      expect(await nextEdit()).toEqual({ edits: [] });
      await expect.poll(warnings, { timeout: 10_000 }).toEqual([expect.stringContaining('.ts is out of step')]);
      const status = await server.request('workspace/executeCommand', { command: 'cursorcore.status' });
      expect(status).toMatchObject({ openDocuments: 0, excluded: [{ uri }] });

      // The whole text, of whatever version, is known ground.
      change([{ text: source }], 2);
      const start = source.indexOf('loadUser');
      const { line, character } = new LineIndex(source).positionAt(start);
      const name = { start: { line, character }, end: { line, character: character + 'loadUser'.length } };
      change([{ range: name, text: 'fetchUser' }], 3);
      expect(await nextEdit({ uri, version: 3 })).toMatchObject({ edits: [{ textDocument: { uri } }] });

      server.notify('textDocument/didClose', { textDocument: { uri } });
      const reopened = new EditorDocument(server, uri, source);
      expect(await reopened.nextEdit(reopened.replace('loadUser', 'fetchUser'))).toBeDefined();
      expect(warnings()).toHaveLength(1);
    },
  );
});

describe('a change', () => {
  it('that ends behind the text, or stands inside a surrogate pair, leaves the text that the client has', async () => {
    open('😀\nlast\n');
    change([{ range: { start: { line: 1, character: 0 }, end: { line: 40, character: 0 } }, text: 'end\n' }]);
    // Half of the pair goes, and another half comes, as clients that count code units may write it.
    change([{ range: { start: { line: 0, character: 1 }, end: { line: 0, character: 2 } }, text: '\ude01' }], 3);
    expect(await nextEdit({ uri, version: 3 })).toEqual({ edits: [] });
    expect(warnings()).toEqual([]);
    const status = await server.request('workspace/executeCommand', { command: 'cursorcore.status' });
    expect(status).toMatchObject({ openDocuments: 1, excluded: [] });
  });
});

describe('odd orders', () => {
  it('may open a document twice', async () => {
    open();
    const second = new EditorDocument(server, uri, source);
    expect(await second.nextEdit(second.replace('loadUser', 'fetchUser'))).toBeDefined();
    expect(warnings()).toEqual([]);
  });

  it('may close a document that is not open, and close twice', async () => {
    server.notify('textDocument/didClose', { textDocument: { uri } });
    open();
    server.notify('textDocument/didClose', { textDocument: { uri } });
    server.notify('textDocument/didClose', { textDocument: { uri } });
    expect(await nextEdit()).toEqual({ edits: [] });
  });

  it('may close a document while its prediction is made', async () => {
    // A wait that no busy machine outlasts: what ends it is the document's closing.
    server.notify('workspace/didChangeConfiguration', { settings: { cursorcore: { debounceMs: 5000 } } });
    const doomed = new EditorDocument(server, uri, source);
    doomed.replace('loadUser', 'fetchUser');
    const asked = doomed.nextEdit(0);
    server.notify('textDocument/didClose', { textDocument: { uri } });
    expect(await asked).toBeUndefined();
    server.notify('workspace/didChangeConfiguration', { settings: { cursorcore: {} } });
  });

  it('may cancel requests, known or not', async () => {
    server.notify('$/cancelRequest', { id: 'never' });
    server.notify('$/cancelRequest', { id: 10 ** 9 });
    server.notify('$/cancelRequest', {});
    const doomed = new EditorDocument(server, uri, source);
    doomed.replace('loadUser', 'fetchUser');
    server.writeBody(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 'mine',
        method: 'textDocument/copilotInlineEdit',
        params: { textDocument: { uri }, position: zero },
      }),
    );
    server.notify('$/cancelRequest', { id: 'mine' });
  });

  it('may replace the whole text, and change nothing but the version', async () => {
    open();
    change([{ text: 'three\n' }]);
    change([], 3);
    expect(await nextEdit({ uri, version: 3 })).toHaveProperty('edits');
    expect(warnings()).toEqual([]);
  });
});

describe('content that is nothing for predictions', () => {
  it.each([
    ['50 MB of text', 'const a = 1;\n'.repeat(4_000_000), 'exclude.maxFileSize'],
    ['binary content', String.fromCharCode(...Array.from({ length: 5000 }, (_, i) => (i * 31) % 256)), 'binary'],
  ])('%s is kept out, and says why', async (_, text, reason) => {
    open(text);
    change([{ range, text: 'x' }]);
    expect(await nextEdit()).toEqual({ edits: [] });
    const status = await server.request('workspace/executeCommand', { command: 'cursorcore.status' });
    expect(status).toMatchObject({ openDocuments: 1, excluded: [{ uri, reason: expect.stringContaining(reason) }] });
    expect(warnings()).toEqual([]);
  });

  it('a document that grows too long is kept out from then on', async () => {
    open();
    change([{ range, text: 'const a = 1;\n'.repeat(100_000) }]);
    change([{ range, text: 'x' }], 3);
    expect(await nextEdit()).toEqual({ edits: [] });
    await eventually(async () => {
      const status = await server.request('workspace/executeCommand', { command: 'cursorcore.status' });
      expect(status).toMatchObject({ excluded: [{ uri }] });
    });
  });
});
