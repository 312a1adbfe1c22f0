import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cudaProblem, gpuNames } from '../../server/model-host/cuda.ts';
import { inspectCuda, missingCommands, neededLibraries } from '../../server/model-host/cudaLibraries.ts';
import { cudaOptions, limitProblem, openDecoder } from '../../server/model-host/execution.ts';
import { loadRuntime, runtimeProblem } from '../../server/model-host/runtime.ts';
import { type TinyModel, tinyModel } from './tinyModel.ts';

let folder: string;
let tiny: TinyModel;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'cursorcore-cuda-'));
  tiny = await tinyModel();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  tiny.remove();
});

const hasCuda = cudaProblem('decoder-cuda.onnx') === undefined;
const setup = { device: 'auto', deviceId: 1, gpuMemoryLimit: 0, threads: 0 } as const;

describe('CUDA', () => {
  it('knows the GPUs that the driver names', () => {
    const gpu = path.join(folder, 'gpus', '0000:01:00.0');
    mkdirSync(gpu, { recursive: true });
    writeFileSync(path.join(gpu, 'information'), 'Model: \t\t NVIDIA GeForce RTX 4090\nIRQ:   100\n');
    expect(gpuNames(path.join(folder, 'gpus'))).toEqual(['NVIDIA GeForce RTX 4090']);
    expect(gpuNames(path.join(folder, 'none'))).toEqual([]);
  });

  it('finds the libraries that a provider names, also where a read ends in the middle of a name', () => {
    const file = path.join(folder, 'provider.so');
    const bytes = Buffer.alloc(5 << 20);
    bytes.write('libcublasLt.so.13\0libcudart.so.13\0', 100);
    bytes.write('libcudnn.so.9\0', (1 << 22) - 5);
    bytes.write('libcufft.so.12\0', bytes.length - 15);
    writeFileSync(file, bytes);
    expect(neededLibraries(file)).toEqual(['libcublasLt.so.13', 'libcudart.so.13', 'libcudnn.so.9', 'libcufft.so.12']);
  });

  it('names the commands that get what is missing, and none when nothing is', () => {
    const provider = { name: 'libonnxruntime_providers_cuda.so' };
    const [install = ''] = missingCommands([provider], []);
    expect(install).toMatch(/^ONNXRUNTIME_NODE_INSTALL=cuda12 node '.*onnxruntime-node\/script\/install\.js'/);
    const there = { ...provider, path: '/lib/x' };
    expect(missingCommands([there], [{ name: 'libcudart.so.13' }, { name: 'libcudnn.so.9' }])).toEqual([
      'sudo apt-get install cuda-libraries-13-0 cudnn9-cuda-13',
    ]);
    expect(missingCommands([there], [{ name: 'libcudart.so.13', path: '/lib/y' }])).toEqual([]);
    expect(inspectCuda().providers.map(({ name }) => name)).toContain('libonnxruntime_providers_cuda.so');
  });

  it('asks for the GPU by its number, with the CPU behind it', () => {
    expect(cudaOptions({ threads: 3, deviceId: 1 })).toMatchObject({
      executionProviders: [{ name: 'cuda', deviceId: 1 }, 'cpu'],
      intraOpNumThreads: 3,
    });
  });

  it.skipIf(hasCuda)('falls back to the CPU, and says so where the GPU was asked for', async () => {
    const { decoder } = tiny.manifest;
    const described = { ...decoder, files: { ...decoder.files, cuda: 'decoder-cuda.onnx' } };
    const asked = await openDecoder({ ...setup, folder: tiny.folder, device: 'cuda' }, described, 1);
    expect(asked.device).toBe('cpu');
    expect(asked.notice).toMatch(
      /^CUDA cannot be used: .+\. The model runs on the CPU; `cursorcore-lsp doctor` tells what to do\.$/,
    );
    const quiet = await openDecoder({ ...setup, folder: tiny.folder, device: 'cpu' }, described, 1);
    expect(quiet).toMatchObject({ device: 'cpu' });
    expect(quiet.notice).toBeUndefined();
    for (const { decoder } of [asked, quiet]) await decoder.dispose();
  });

  it.each([
    ['darwin', 'arm64'],
    ['win32', 'x64'],
    ['linux', 'arm64'],
  ])('is not missed by `auto` where ONNX Runtime has none: %s/%s', async (platform, arch) => {
    // Before the process says that it is another one.
    await loadRuntime();
    const own = Object.getOwnPropertyDescriptors(process);
    try {
      Object.defineProperties(process, { platform: { value: platform }, arch: { value: arch } });
      const open = (device: 'auto' | 'cuda') =>
        openDecoder({ ...setup, folder: tiny.folder, device }, tiny.manifest.decoder, 1);
      const [auto, asked] = [await open('auto'), await open('cuda')];
      expect([auto.device, auto.notice]).toEqual(['cpu', undefined]);
      expect(asked.notice).toContain(`CUDA on linux/x64 only, this is ${platform}/${arch}`);
      for (const { decoder } of [auto, asked]) await decoder.dispose();
    } finally {
      Object.defineProperties(process, { platform: own.platform, arch: own.arch });
    }
  });

  it('keeps a model off the GPU that is larger than what it may take', () => {
    expect(limitProblem({ gpuMemoryLimit: 0 }, 1e12)).toBeUndefined();
    expect(limitProblem({ gpuMemoryLimit: 2 ** 30 }, 2 ** 30)).toBeUndefined();
    expect(limitProblem({ gpuMemoryLimit: 2 ** 30 }, 2 ** 31)?.text).toBe(
      'the model has 2048 MiB and it may take 1024 MiB of the GPU',
    );
  });

  it('says what to do with a model that has no graph, or one that cannot be opened', async () => {
    const onCpu = { ...setup, folder: tiny.folder, device: 'cpu' } as const;
    const { inPlaceFiles: _, ...decoder } = tiny.manifest.decoder;
    await expect(openDecoder(onCpu, { ...decoder, files: {} }, 1)).rejects.toThrow(
      /no graph for the CPU; import it again/,
    );
    writeFileSync(path.join(tiny.folder, 'garbage.onnx'), 'garbage');
    for (const files of [{ files: { cpu: 'garbage.onnx' } }, { inPlaceFiles: { cpu: 'garbage.onnx' } }]) {
      await expect(openDecoder(onCpu, { ...decoder, ...files }, 1)).rejects.toThrow(
        /ONNX Runtime cannot open garbage\.onnx \(.+\); import the model again/,
      );
    }
  });
});

describe('runtimeProblem', () => {
  const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

  it.each([
    [
      coded('ERR_MODULE_NOT_FOUND', "Cannot find package 'onnxruntime-node' imported from x"),
      /is not installed; .*ONNXRUNTIME_NODE_INSTALL=skip/,
    ],
    [
      coded('MODULE_NOT_FOUND', "Cannot find module '../bin/napi-v6/freebsd/x64/onnxruntime_binding.node'"),
      /has no build for/,
    ],
    [
      coded('ERR_DLOPEN_FAILED', "/lib/libm.so.6: version `GLIBC_2.38' not found (required by libonnxruntime.so.1)"),
      /needs GLIBC_2\.38, .*too old for: update the system or set `engine` to "pattern"/,
    ],
    [new Error('bad ELF\nmore'), /does not load on .* \(bad ELF\): install cursorcore-lsp again/],
  ])('says what to do about %s', (error, sentence) => {
    expect(runtimeProblem(error)).toMatch(sentence);
  });
});
