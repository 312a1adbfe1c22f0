import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decoder, RunInterrupted } from '../../server/model-host/decoder.ts';
import { openDecoder } from '../../server/model-host/execution.ts';
import { InPlaceDecoder } from '../../server/model-host/inPlaceDecoder.ts';
import { type TinyModel, tinyConfig, tinyModel } from './tinyModel.ts';

const setup = { device: 'cpu', deviceId: 0, gpuMemoryLimit: 0, threads: 1 } as const;
const stop: number[] = [];
const prompt = Array.from({ length: 40 }, (_, index) => (index * 37) % 250);

let tiny: TinyModel;
let decoder: Decoder;
let plain: Decoder;

beforeAll(async () => {
  tiny = await tinyModel('in place', { ...tinyConfig, contextLength: 8192 });
  const { inPlaceFiles, ...description } = tiny.manifest.decoder;
  const where = { ...setup, folder: tiny.folder };
  decoder = (await openDecoder(where, tiny.manifest.decoder, 1)).decoder;
  plain = (await openDecoder(where, description, 1)).decoder;
});
afterAll(async () => {
  await decoder.dispose();
  await plain.dispose();
  tiny.remove();
});

// Where the library is not reached by the C API, everything works through the Node binding, more slowly.
describe.runIf(process.platform === 'linux')('InPlaceDecoder', () => {
  it('is what runs a model on the CPU', () => {
    expect(decoder).toBeInstanceOf(InPlaceDecoder);
    expect(plain).not.toBeInstanceOf(InPlaceDecoder);
  });

  it('gives the ids and probabilities of the other decoder, in runs of any size, also beyond its first capacity', async () => {
    const long = Array.from({ length: 1500 }, (_, index) => prompt[(index * 7) % prompt.length] ?? 0);
    const expected = await plain.begin().run({ tokens: long, past: 0, decode: 12, stop });
    const sequence = decoder.begin();
    for (let past = 0; past < 1400; past += 200) {
      await sequence.run({ tokens: long.slice(past, past + 200), past, decode: 0, stop });
    }
    const got = await sequence.run({ tokens: long.slice(1400), past: 1400, decode: 12, stop });
    expect(got.ids).toEqual(expected.ids);
    for (const [index, value] of got.logProbabilities.entries()) {
      expect(value).toBeCloseTo(expected.logProbabilities[index] ?? Number.NaN, 3);
    }
    expect(sequence.length).toBe(1511);
    sequence.release();
  });

  it('overwrites what is behind the past, and forks into sequences that do not disturb each other', async () => {
    const sequence = decoder.begin();
    const expected = await sequence.run({ tokens: prompt, past: 0, decode: 6, stop });
    const fork = sequence.fork(20);
    expect(fork.length).toBe(20);
    await fork.run({ tokens: [1, 2, 3], past: 20, decode: 4, stop });
    const again = await sequence.run({ tokens: prompt.slice(30), past: 30, decode: 6, stop });
    expect(again.ids).toEqual(expected.ids);
    const both = await fork.run({ tokens: prompt.slice(20), past: 20, decode: 6, stop });
    expect(both.ids).toEqual(expected.ids);
    for (const one of [sequence, fork]) one.release();
  });

  it('ends a run when it is interrupted, and computes the next one rightly', async () => {
    const sequence = decoder.begin();
    const long = Array.from({ length: 4000 }, (_, index) => index % 250);
    const run = sequence.run({ tokens: long, past: 0, decode: 1, stop });
    const ended = expect(run).rejects.toThrow(RunInterrupted);
    // The run is on another thread: this one goes on.
    await new Promise((resolve) => setTimeout(resolve, 5));
    decoder.interrupt?.();
    await ended;
    const expected = await plain.begin().run({ tokens: prompt, past: 0, decode: 6, stop });
    expect((await sequence.run({ tokens: prompt, past: 0, decode: 6, stop })).ids).toEqual(expected.ids);
    decoder.interrupt?.();
    expect((await sequence.run({ tokens: prompt, past: 0, decode: 6, stop })).ids).toEqual(expected.ids);
    sequence.release();
  });

  it('says of a graph with other shapes than described that it cannot be computed', async () => {
    const description = { ...tiny.manifest.decoder, headSize: 8 };
    const { decoder: other } = await openDecoder({ ...setup, folder: tiny.folder }, description, 1);
    const sequence = other.begin();
    await expect(sequence.run({ tokens: prompt, past: 0, decode: 1, stop })).rejects.toThrow(
      /^ONNX Runtime cannot compute the model \(.+\); import or pull it again$/,
    );
    sequence.release();
    await other.dispose();
  });
});
