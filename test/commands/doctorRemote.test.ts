import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { html, json, ModelServer, stream } from '../engines/remote/modelServer.ts';
import { folderWith, main } from './cli.ts';

/** The built program beside a server that this process runs, so that it cannot be waited for by standing still. */
let server: ModelServer;
const { folder, remove } = folderWith({ 'a.py': 'one = 1\ntwo = 2\n', 'old.py': 'eins = 1\ntwo = 2\n', key: 'sesame' });

beforeEach(async () => {
  server = await ModelServer.start();
});
afterEach(() => server.stop());
afterAll(remove);

async function run(...args: string[]) {
  // What is tested is what a pipe gets, whatever the test runner says of colours.
  const env = { ...process.env, FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes) => (text.stdout += bytes));
  child.stderr.on('data', (bytes) => (text.stderr += bytes));
  const [code] = await once(child, 'close');
  return { code, ...text };
}

const setting = (...settings: string[]) => settings.flatMap((one) => ['--setting', one]);

describe('doctor, with a server named', () => {
  it('says what server it is, what it serves and how fast, and ends with 0', async () => {
    server.owner = 'vllm';
    server.reply = (response, received) => stream(response, 'a = 1 and b = 2', received);
    const { code, stdout, stderr } = await run('doctor', ...setting(`remote.url=${server.url}/v1/`));
    expect(stderr).toBe('');
    expect(stdout).toMatch(/✓ vLLM at 127\.0\.0\.1:\d+ serves a-model\n/);
    expect(stdout).toMatch(/asked by \/v1\/chat\/completions, in the format \w+; it does not say how many tokens/);
    expect(stdout).toMatch(/✓ a-model answers: first token after \d+ ms, then [\d.]+ tokens a second\n/);
    expect(stdout).not.toContain('no model can predict');
    expect(code).toBe(0);
  });

  it('says as JSON what it found, the model that is not listed and the missing probabilities among it', async () => {
    server.reply = (response, received) => stream(response, 'a = 1', { ...received, logprobs: 'none' });
    const settings = setting(`remote.url=${server.url}`, 'remote.model=another', `remote.keyFile=${folder}/key`);
    const { code, stdout } = await run('doctor', ...settings, '--json');
    expect(JSON.parse(stdout).remote).toMatchObject({ model: 'another', models: ['a-model'], hasProbabilities: false });
    expect(code).toBe(0);
    expect(server.asked[0]?.headers.authorization).toBe('Bearer sesame');
    expect(stdout).not.toContain('sesame');
  });

  it.each<[string, ModelServer['reply'], RegExp]>([
    ['wants a key', (response) => json(response, {}, 401), /wants a key: name it with remote\.keyVariable/],
    ['is a web page', (response) => html(response), /answers with a web page: see whether remote\.url/],
    ['says nothing', (response, received) => stream(response, '', received), /answers with nothing/],
  ])('that %s, says so and ends with 1', async (_name, reply, message) => {
    server.reply = reply;
    const { code, stdout } = await run('doctor', ...setting(`remote.url=${server.url}`));
    expect(stdout).toMatch(message);
    expect(code).toBe(1);
  });

  it('that is not there, and one whose address is wrong', async () => {
    const { url } = server;
    await server.stop();
    expect((await run('doctor', ...setting(`remote.url=${url}`))).stdout).toMatch(/cannot be reached: nothing listens/);
    const plain = await run('doctor', ...setting('remote.url=http://models.example'));
    expect(plain.stdout).toMatch(/unencrypted: use https, or set remote\.allowHttp/);
  });
});

describe('--setting', () => {
  it('lets predict ask a server', async () => {
    // It goes on with what the prompt has of the answer.
    server.reply = (response, received) => {
      const begun = received.body.prompt.split('```python\n').at(-1) ?? '';
      return stream(response, 'uno = 1\ntwo = 2\n```<|next_end|>'.slice(begun.length), received);
    };
    const settings = setting(`remote.url=${server.url}`, 'remote.promptFormat=fewShotBase', 'remote.minConfidence=0');
    const history = ['--history', `${folder}/old.py`, '--engine', 'remote'];
    const { code, stdout } = await run('predict', `${folder}/a.py`, ...history, ...settings, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ engine: 'remote', newText: 'uno = 1\ntwo = 2\n' });
    expect(code).toBe(0);
    // Without the server that was named, nobody answers in its place.
    await server.kill();
    const gone = await run('predict', `${folder}/a.py`, ...history, ...settings);
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be reached') });
  });

  it.each([
    ['remote', /expected NAME=VALUE/],
    ['remote.adress=x', /there is no setting remote\.adress/],
    ['remote.maxNewTokens=many', /expected a whole number, 16 to 32768, but received "many"/],
    ['remote=x', /expected an object, for it is the group of remote\.url/],
  ])('%s is refused', async (one, message) => {
    const { code, stderr } = await run('doctor', '--setting', one);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
