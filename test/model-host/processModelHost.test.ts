import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GenerationEnd, ModelHost } from '../../server/model-host/modelHost.ts';
import { ProcessModelHost, type ProcessModelHostOptions } from '../../server/model-host/processModelHost.ts';
import type { GenerateRequest, HostSetup } from '../../server/model-host/protocol.ts';
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
    idleMs: 0,
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
});
