import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateRequest, HostSetup } from '../../server/model-host/hostProtocol.ts';
import type { GenerationEnd, ModelHost } from '../../server/model-host/modelHost.ts';
import { ProcessModelHost, type ProcessModelHostOptions } from '../../server/model-host/processModelHost.ts';
import { EngineError } from '../../shared/errors.ts';
import { type TinyModel, tinyModel } from './tinyModel.ts';

let tiny: TinyModel;
const hosts: ProcessModelHost[] = [];
const never = new AbortController().signal;

beforeAll(async () => {
  tiny = await tinyModel();
});
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.dispose();
});
afterAll(() => tiny.remove());

function start(setup: Partial<HostSetup> = {}, options: Partial<ProcessModelHostOptions> = {}): ProcessModelHost {
  const defaults = {
    folder: tiny.folder,
    device: 'cpu',
    deviceId: 0,
    gpuMemoryLimit: 0,
    threads: 1,
  } as const;
  const host = new ProcessModelHost({ setup: { ...defaults, ...setup }, ...options });
  hosts.push(host);
  return host;
}

type Asked = Omit<GenerateRequest, 'kind' | 'id'>;

const asking = (raw: string, maxTokens: number): Asked => ({ prompt: { raw }, maxTokens, stop: [] });

async function answer(host: ModelHost, request: Asked, signal = never) {
  const ids: number[] = [];
  let text = '';
  let end: GenerationEnd | undefined;
  const stream = host.generate(request, signal);
  for (;;) {
    const { value, done } = await stream.next();
    if (done) {
      end = value;
      return { ids, text, end };
    }
    ids.push(...value.ids);
    text += value.text;
  }
}

describe('ProcessModelHost', () => {
  it('answers, and the same question again with the cache it has', async () => {
    const host = start();
    expect(host.pid).toBeUndefined();
    const question = asking('def f(x):\n    return the = in re', 40);
    const first = await answer(host, question);
    const second = await answer(host, question);
    expect(first.ids).toHaveLength(40);
    expect(second.ids).toEqual(first.ids);
    expect(second.text).toBe(first.text);
    expect(first.end.stats.reusedTokens).toBe(0);
    expect(second.end.stats.reusedTokens).toBe(second.end.stats.promptTokens - 1);
    expect(host.device).toBe('cpu');
  });

  it('serves the next request after it was killed in the middle of an answer', async () => {
    const host = start();
    const stream = host.generate(asking('the', 3000), never);
    await stream.next();
    const pid = host.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    const rest = (async () => {
      while (!(await stream.next()).done);
    })();
    await expect(rest).rejects.toThrow(EngineError);
    await expect(rest).rejects.toThrow(/model host died \(SIGKILL\), perhaps for want of memory/);
    expect((await answer(host, asking('the', 5))).ids).toHaveLength(5);
    expect(host.pid).not.toBe(pid);
  });

  it('leaves an answer when it is aborted, and serves the next', async () => {
    const host = start();
    const controller = new AbortController();
    const stream = host.generate(asking('the', 3000), controller.signal);
    await stream.next();
    controller.abort(new Error('the text changed'));
    await expect(
      (async () => {
        while (!(await stream.next()).done);
      })(),
    ).rejects.toThrow('the text changed');
    const next = await answer(host, asking('the', 5));
    expect(next.ids).toHaveLength(5);
    // The same prompt: had the first answer not been left, its cache would be longer than the prompt.
    expect(next.end.stats.reusedTokens).toBe(next.end.stats.promptTokens - 1);
  });

  it('leaves an answer when its reader stops reading', async () => {
    const host = start();
    for await (const chunk of host.generate(asking('the', 3000), never)) if (chunk.ids.length > 0) break;
    expect((await answer(host, asking('other', 5))).ids).toHaveLength(5);
  });

  it('answers requests made at once, each with its own, and counts', async () => {
    const host = start();
    const questions = ['the', 'a = b', 'return'].map((raw) => asking(raw, 12));
    const together = await Promise.all(questions.map((question) => answer(host, question)));
    for (const [index, question] of questions.entries()) {
      expect(together[index]?.ids).toEqual((await answer(host, question)).ids);
    }
    expect(await host.count(['', 'the', '<|im_end|>'], never)).toEqual([0, 1, 10]);
    await expect(host.count(['a'], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  it('ends when idle, and comes back', async () => {
    const ready: string[] = [];
    const host = start({}, { idleMs: 50, onReady: ({ device }) => ready.push(device) });
    await answer(host, asking('the', 5));
    const pid = host.pid ?? 0;
    await until(() => host.pid === undefined);
    await until(() => !existsSync(`/proc/${pid}`));
    expect((await answer(host, asking('the', 5))).ids).toHaveLength(5);
    expect(ready).toEqual(['cpu', 'cpu']);
  });

  it('says why a model cannot be loaded, and leaves a host that keeps failing alone for longer and longer', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cursorcore-broken-'));
    const host = start({ folder }, { backOff: { firstMs: 60_000 } });
    await expect(answer(host, asking('the', 5))).rejects.toThrow(
      /model\.json cannot be read: no such file.*import or pull it again/,
    );
    const { manifest } = tiny;
    writeFileSync(
      path.join(folder, 'model.json'),
      JSON.stringify({ ...manifest, files: manifest.files.map((file) => ({ ...file, size: 1e12 })) }),
    );
    await expect(answer(host, asking('the', 5))).rejects.toThrow(
      /needs about [\d.]+ GB of memory and [\d.]+ GB are free/,
    );
    expect(host.pid).toBeUndefined();
    await expect(answer(host, asking('the', 5))).rejects.toThrow(/needs about .* tried again in 60 s/);
    expect(host.pid).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  it('fails what is under way when it is disposed, and asks no more', async () => {
    const host = start();
    const stream = host.generate(asking('the', 3000), never);
    await stream.next();
    await host.dispose();
    await expect(stream.next()).rejects.toThrow('the model host was stopped');
    await expect(answer(host, asking('the', 5))).rejects.toThrow('the model host was stopped');
  });

  it('outlives whatever a host prints or sends', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cursorcore-script-'));
    const script = path.join(folder, 'script.mjs');
    writeFileSync(
      script,
      `process.on('message', ({ kind, id }) => {
        console.log('Content-Length: 5');
        for (const garbage of [null, 7, 'x', {}, { kind: 'tokens' }, { kind: 'done', id: 999, reason: 'stop' }]) process.send(garbage);
        if (kind === 'count') process.send({ kind: 'counts', id, counts: [1] });
        if (kind === 'generate') {
          console.error('FATAL: libcublas: no such thing\\n 1: 0x7f2366 [node]');
          process.exit(7);
        }
      });`,
    );
    const host = start({}, { script: pathToFileURL(script) });
    expect(await host.count(['a'], never)).toEqual([1]);
    await expect(answer(host, asking('the', 5))).rejects.toThrow(
      'the model host died (exit code 7); its last words: FATAL: libcublas: no such thing',
    );
    rmSync(folder, { recursive: true });
  });
});

describe('the host process', () => {
  const script = fileURLToPath(new URL('../../server/model-host/host.ts', import.meta.url));
  const execArgv = ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];

  it('answers messages it does not know with a failure, and goes on', async () => {
    const child = fork(script, { execArgv, silent: true });
    for (const garbage of [
      7,
      'x',
      {},
      { kind: 'generate' },
      { kind: 'generate', id: 1, prompt: [3], maxTokens: 1, stop: [] },
      { kind: 'generate', id: 1, prompt: [], maxTokens: 1.5, stop: [] },
      { kind: 'generate', id: 1, prompt: [], answered: [-1], maxTokens: 1, stop: [] },
    ]) {
      child.send(garbage);
      const [response] = await once(child, 'message');
      expect(response).toEqual({ kind: 'failure', message: 'the model host was sent a message it does not know' });
    }
    child.kill();
    await once(child, 'exit');
  });

  it('ends when whoever started it is gone', async () => {
    const child = fork(script, { execArgv, silent: true });
    child.send({ kind: 'nonsense' });
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

/** Waits until something holds that others bring about. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
