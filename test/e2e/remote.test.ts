import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstructionResult, NextEdit, Status } from '../../shared/protocol.ts';
import { folderWith } from '../commands/cli.ts';
import { event, html, json, ModelServer, stream } from '../engines/remote/modelServer.ts';
import { eventually } from '../eventually.ts';
import { EditorDocument, ServerProcess } from './client.ts';

/** The built server over a server of models of the test's own. */
let models: ModelServer;
let server: ServerProcess;

beforeEach(async () => {
  models = await ModelServer.start();
  server = new ServerProcess();
});
afterEach(async () => {
  expect(await server.stop()).toBe(0);
  await models.stop();
});

const text = 'const one = 1;\nconst two = 2;\nconst three = 3;\nconst four = 4;\nconst five = 5;\n';
const fenced = (code: string) => `${code}\n\`\`\`<|next_end|>`;
const shownCode = (prompt: string) => prompt.split('Current code:\n```typescript\n').at(-1)?.split('\n```')[0] ?? '';

function settings(more: Record<string, unknown> = {}) {
  const remote = { url: models.url, promptFormat: 'fewShotBase', debounceMs: 0, minConfidence: 0, ...more };
  return { debounceMs: 0, remote };
}

const status = () => server.request<Status>('workspace/executeCommand', { command: 'cursorcore.status' });
const inText = ({ textDocument, range, text: newText }: NextEdit) => [textDocument.uri, range.start.line, newText];

describe('auto, with a server named', () => {
  it('asks it where the embedded engine is silent, and shows what it says', async () => {
    models.reply = (response, received) =>
      stream(response, fenced(shownCode(received.body.prompt).replace('five = 5', 'five = 6')), received);
    await server.initialize({ settings: settings() });
    const document = new EditorDocument(server, 'file:///work/a.ts', text);
    const end = document.type(text.indexOf(';'), '0');
    const edit = await document.nextEdit(end);
    expect(edit && inText(edit)).toEqual(['file:///work/a.ts', 4, expect.stringContaining('6')]);
    expect(await status()).toMatchObject({ engine: 'pattern, remote' });
  });

  it('takes instructions to it', async () => {
    models.reply = (response, received) =>
      stream(
        response,
        `<|next_start|>\`\`\`typescript\n${fenced(shownCode(received.body.prompt).replace('two', 'zwei'))}`,
        received,
      );
    await server.initialize({ settings: settings() });
    server.connection.onRequest('workspace/applyEdit', () => ({ applied: true }));
    const document = new EditorDocument(server, 'file:///work/a.ts', text);
    const argument = {
      textDocument: { uri: document.uri },
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 5 } },
      instruction: 'Say it in German.',
    };
    const result = await server.request<InstructionResult>('workspace/executeCommand', {
      command: 'cursorcore.instruct',
      arguments: [argument],
    });
    expect(result).toMatchObject({ applied: true });
    expect(models.asked[0]?.body.prompt).toContain('Say it in German.');
  });

  it('leaves the connection when the text changes', async () => {
    models.reply = (response, received) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event(['c'], received));
    };
    await server.initialize({ settings: settings() });
    const document = new EditorDocument(server, 'file:///work/a.ts', text);
    const end = document.type(text.indexOf(';'), '0');
    const first = document.nextEdit(end).catch(() => undefined);
    await eventually(() => expect(models.asked).toHaveLength(1));
    document.type(end, '0');
    await first;
    await eventually(() => expect(models.closedEarly).toBe(1));
    expect(server.shown).toEqual([]);
  });
});

describe('a server that fails', () => {
  const renamed = 'function area(w) {\n  return w;\n}\narea(1);\nlog();\nlog();\narea(2);\n';
  const kill = 'killed midway';
  const behaviours: [string, ModelServer['reply']][] = [
    [
      kill,
      (response, received) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(event(['c'], received), () => response.destroy());
      },
    ],
    ['silent', () => {}],
    ['a web page', (response) => html(response)],
    ['wrong JSON', (response) => json(response, [1, 2])],
    ['lying about its end', (response, received) => stream(response, 'const', { ...received, finish: 'stop' })],
    ['refusing the key', (response) => json(response, { error: {} }, 401)],
    ['without such a model', (response) => json(response, { error: {} }, 404)],
    ['asked too often', (response) => json(response, {}, 429)],
    ['loading', (response) => json(response, {}, 503, { 'retry-after': '60' })],
  ];

  it.each(behaviours)('(%s) leaves the embedded engine at work, with one message at most', async (name, reply) => {
    models.reply = reply;
    await server.initialize({ settings: settings(name === 'silent' ? { silenceMs: 150 } : {}) });
    const document = new EditorDocument(server, 'file:///work/a.js', renamed, 'utf-16', 'javascript');
    document.replace('area', 'surface');
    for (const line of [3, 6]) {
      const edit = await document.nextEdit(document.text.indexOf('area'));
      expect(edit && inText(edit)).toEqual(['file:///work/a.js', line, expect.stringContaining('surface')]);
      if (edit) await document.accept(edit);
    }
    // Asked where the embedded engine has nothing to say, again and again.
    for (let at = 0; at < 6; at++) {
      document.type(document.text.length, '\n');
      await document.nextEdit(document.text.length);
    }
    const isFailure = name !== 'lying about its end';
    if (isFailure) await eventually(() => expect(server.shown.length).toBeGreaterThan(0));
    expect(server.shown.map(({ message }) => message)).toHaveLength(isFailure ? 1 : 0);
    for (const { message } of [...server.shown, ...server.logged]) expect(message).not.toMatch(/return w|sign in/);
  });
});

describe('what leaves the machine', () => {
  it('is nothing of files that are kept out, and no secret', async () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const { folder, remove } = folderWith({});
    mkdirSync(path.join(folder, '.git'));
    writeFileSync(path.join(folder, '.gitignore'), 'ignored/\n');
    const uri = (name: string) => pathToFileURL(path.join(folder, name)).href;
    models.owner = 'llamacpp';
    models.at.set('/tokenize', (response, { body }) => json(response, { tokens: body.content.split(' ') }));
    models.reply = (response, received) => stream(response, fenced(shownCode(received.body.prompt)), received);
    await server.initialize({ settings: settings() });
    server.notify('workspace/didChangeWorkspaceFolders', {
      event: { added: [{ uri: pathToFileURL(folder).href, name: 'a' }], removed: [] },
    });
    const hidden = ['.env', 'ignored/a.ts', 'id_rsa'].map((name, i) => {
      const document = new EditorDocument(server, uri(name), `HIDDEN_${i}=open_sesame_${i}\n`);
      document.type(6, 'x');
      return document;
    });
    const document = new EditorDocument(server, uri('a.ts'), `const token = '${token}';\n${text}`);
    for (const one of hidden) await one.nextEdit(2);
    document.replace('one', 'eins');
    document.replace(token, token.replace('a1B2', 'Z9Y8'));
    await document.nextEdit(document.text.indexOf('two'));
    await eventually(() => expect(models.asked.length).toBeGreaterThan(0));
    const sent = models.received.map(({ text: body }) => body).join('\n');
    expect(sent).toContain('const two = 2');
    expect(sent).toContain('xxxx');
    expect(sent).not.toMatch(/open_sesame|HIDDEN|ghp_|a1B2|Z9Y8/);
    remove();
  });

  it('is nothing at all where no server is named', async () => {
    await server.initialize({ settings: { debounceMs: 0, remote: { model: 'a-model' } } });
    const document = new EditorDocument(server, 'file:///work/a.ts', text);
    await document.nextEdit(document.type(0, 'x'));
    expect(await status()).toMatchObject({ engine: 'pattern' });
    expect(models.received).toEqual([]);
  });
});
