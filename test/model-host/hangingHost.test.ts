import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HostSetup } from '../../server/model-host/hostProtocol.ts';
import { HostDied } from '../../server/model-host/modelHost.ts';
import { ProcessModelHost, type ProcessModelHostOptions } from '../../server/model-host/processModelHost.ts';
import { pulseVariable } from '../../server/model-host/pulseProtocol.ts';
import { built } from '../built.ts';
import { eventually } from '../eventually.ts';
import { endlessModel } from './endlessModel.ts';
import { type TinyModel, tinyModel } from './tinyModel.ts';

/** The built host, which starts several times sooner than its source. */
const script = pathToFileURL(built('modelHost.js'));
const never = new AbortController().signal;
const usual = { device: 'cpu', deviceId: 0, gpuMemoryLimit: 0, threads: 1 } as const;
let tiny: TinyModel;
let host: ProcessModelHost | undefined;

beforeAll(async () => {
  tiny = await tinyModel();
});
afterAll(() => tiny.remove());
afterEach(() => host?.dispose());

function start(setup: Pick<HostSetup, 'folder' | 'limits'>, options: Partial<ProcessModelHostOptions> = {}) {
  host = new ProcessModelHost({ setup: { ...usual, ...setup }, silenceMs: 2_000, script, ...options });
  return host;
}

async function ids(host: ProcessModelHost, maxTokens: number, signal = never): Promise<number[]> {
  const ids: number[] = [];
  for await (const chunk of host.generate({ prompt: { raw: 'the' }, maxTokens, stop: [] }, signal))
    ids.push(...chunk.ids);
  return ids;
}

describe.skipIf(process.platform === 'win32')('a host that is stopped', () => {
  it('while it writes is ended; what it was asked fails, and the next request is answered', async () => {
    const host = start({ folder: tiny.folder });
    const stream = host.generate({ prompt: { raw: 'the' }, maxTokens: 3000, stop: [] }, never);
    await stream.next();
    const pid = host.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    const rest = (async () => {
      while (!(await stream.next()).done);
    })();
    await expect(rest).rejects.toThrow('the model host gave no sign of life any more and was ended');
    await expect(rest).rejects.toBeInstanceOf(HostDied);
    expect(await ids(host, 5)).toHaveLength(5);
    await eventually(() => expect(isThere(pid)).toBe(false));
  });

  it('while it has nothing to do is noticed by the next request, also where nobody waits for that long', async () => {
    const gone: number[] = [];
    const host = start({ folder: tiny.folder }, { onGone: () => gone.push(1) });
    await ids(host, 5);
    const pid = host.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    // As while someone types: each request is left before the host counts as silent.
    await eventually(async () => {
      const left = AbortSignal.timeout(50);
      await expect(ids(host, 5, left)).rejects.toThrow();
      expect(gone).toEqual([1]);
    });
    await eventually(async () => expect(await ids(host, 5)).toHaveLength(5));
  });

  it('while it loads is ended', async () => {
    const host = start({ folder: tiny.folder }, { silenceMs: 1_000 });
    const asked = ids(host, 5);
    process.kill(host.pid ?? 0, 'SIGSTOP');
    await expect(asked).rejects.toThrow('gave no sign of life');
    // On a busy machine the next one may be too slow for that time as well.
    await eventually(async () => expect(await ids(host, 5)).toHaveLength(5));
  });
});

describe.each(['in place', 'loop'] as const)('a run that does not come back from native code, cache %s', (layout) => {
  let endless: TinyModel;
  beforeAll(async () => {
    endless = await endlessModel(layout);
  });
  afterAll(() => endless.remove());

  it('is as good as a death', async () => {
    const limits = { loadMs: 60_000, firstRunMs: 1_000, runMs: 1_000 };
    const host = start({ folder: endless.folder, limits });
    await expect(ids(host, 5)).rejects.toThrow(
      'the model host did not come back from loading or running the model and was ended',
    );
    expect(host.pid).toBeUndefined();
  });

  it('may last as long as the limit says, for there are signs of life meanwhile', async () => {
    const host = start({ folder: endless.folder }, { silenceMs: 4_000 });
    await host.count([], never);
    await expect(ids(host, 5, AbortSignal.timeout(6_000))).rejects.toThrow(/aborted due to timeout/);
    expect(host.pid).toBeDefined();
  });

  it('does not outlive whoever started the host', async () => {
    const env = { ...process.env, [pulseVariable]: '1' };
    const child = fork(fileURLToPath(script), { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'] });
    child.send({ kind: 'setup', setup: { ...usual, folder: endless.folder } });
    const [ready] = await once(child, 'message');
    expect(ready).toMatchObject({ kind: 'ready' });
    child.send({ kind: 'generate', id: 1, prompt: { raw: 'the' }, maxTokens: 5, stop: [] });
    await once(pulseOf(child), 'data');
    child.disconnect();
    pulseOf(child).destroy();
    const [code, signal] = await once(child, 'exit');
    // Whichever comes first: the main thread hears of it before its run, or its pulse does meanwhile.
    expect([code, signal]).toBeOneOf([
      [0, null],
      [null, 'SIGKILL'],
    ]);
  });
});

function pulseOf(child: ChildProcess) {
  const stream = child.stdio[4];
  if (!stream) throw new Error('there is no pipe');
  return stream;
}

function isThere(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
