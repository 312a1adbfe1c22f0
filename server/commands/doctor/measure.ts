import type { HostSetup } from '../../model-host/hostProtocol.ts';
import type { ReadyResponse } from '../../model-host/processModelHost.ts';
import { ProcessModelHost } from '../../model-host/processModelHost.ts';
import { perSecond } from '../model/run.ts';

export interface Measurement {
  readonly model: string;
  readonly device: string;
  readonly loadMs: number;
  readonly prefillTokensPerSecond: number | undefined;
  readonly decodeTokensPerSecond: number | undefined;
  /** Why the model does not run where it could. */
  readonly notice?: string;
}

const decodedTokens = 64;

/** Code to read, of about the length of an excerpt in a prompt. */
const sample = Array.from(
  { length: 24 },
  (_, index) =>
    `export function area${index}(width: number, height: number): number {\n  return width * height + ${index};\n}\n`,
).join('');

/** Loads a model as the server would and lets it go on with a piece of code. Rejects with an EngineError. */
export async function measure(
  { name, folder }: { readonly name: string; readonly folder: string },
  device: HostSetup['device'],
  signal: AbortSignal,
): Promise<Measurement> {
  let ready: ReadyResponse | undefined;
  const host = new ProcessModelHost({
    setup: { folder, device, deviceId: 0, gpuMemoryLimit: 0, threads: 0 },
    onReady: (response) => {
      ready = response;
    },
  });
  try {
    const stream = host.generate({ prompt: { raw: sample }, maxTokens: decodedTokens, stop: [] }, signal);
    for (;;) {
      const { value, done } = await stream.next();
      if (!done) continue;
      const { promptTokens, reusedTokens, generatedTokens, prefillMs, decodeMs } = value.stats;
      return {
        model: name,
        device: ready?.device ?? 'cpu',
        loadMs: ready?.loadMs ?? 0,
        prefillTokensPerSecond: perSecond(promptTokens - reusedTokens, prefillMs),
        decodeTokensPerSecond: perSecond(generatedTokens - 1, decodeMs),
        ...(ready?.notice === undefined ? {} : { notice: ready.notice }),
      };
    }
  } finally {
    await host.dispose();
  }
}
