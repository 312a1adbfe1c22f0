import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cudaProblem, gpuNames } from '../../server/model-host/cuda.ts';
import { inspectCuda, librariesIn, missingCommands } from '../../server/model-host/cudaLibraries.ts';
import { cudaOptions, limitProblem, openDecoder } from '../../server/model-host/execution.ts';
import { loadRuntime, runtimeProblem } from '../../server/model-host/runtime.ts';
import { sharedObject } from './sharedObject.ts';
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
    expect(gpuNames(path.join(folder, 'none'), folder)).toEqual([]);
  });

  it('knows a GPU by its device where the kernel hides what the driver says of it', () => {
    const devices = path.join(folder, 'dev');
    mkdirSync(path.join(devices, 'nvidia-caps'), { recursive: true });
    for (const name of ['nvidiactl', 'nvidia-uvm', 'nvidia10', 'nvidia2']) writeFileSync(path.join(devices, name), '');
    const unnamed = ['nvidia2', 'nvidia10'].map((name) => `unknown model (${path.join(devices, name)})`);
    expect(gpuNames(path.join(folder, 'none'), devices)).toEqual(unnamed);
    const hidden = path.join(folder, 'hidden');
    mkdirSync(hidden);
    expect(gpuNames(hidden, devices)).toEqual(unnamed);
    expect(gpuNames(hidden, path.join(folder, 'none'))).toEqual([]);
    // The driver tells of the GPU, not of its model.
    mkdirSync(path.join(hidden, '0000:02:00.0'));
    expect(gpuNames(hidden, devices)).toEqual(['0000:02:00.0']);
  });

  it('asks for the libraries that a provider links, not for those that it only mentions', () => {
    const file = path.join(folder, 'libonnxruntime_providers_cuda.so');
    const linked = ['libcublasLt.so.13', 'libcudart.so.13', 'libcuda.so.1', 'libc.so.6'];
    writeFileSync(file, sharedObject(linked, 'libcudart.so.12\0libnvrtc.so.12'));
    writeFileSync(path.join(folder, 'libcublasLt.so.13'), '');
    const { providers, dependencies } = librariesIn(folder, [folder]);
    expect(providers).toEqual([
      { name: 'libonnxruntime_providers_shared.so' },
      { name: 'libonnxruntime_providers_cuda.so', path: file },
    ]);
    expect(dependencies.map(({ name }) => name)).toEqual(['libcublasLt.so.13', 'libcudart.so.13', 'libcuda.so.1']);
    expect(dependencies[0]?.path).toBe(path.join(folder, 'libcublasLt.so.13'));
    // As after a download that broke off.
    writeFileSync(file, sharedObject(linked).subarray(0, 300));
    const broken = librariesIn(folder, [folder]);
    expect(broken).toMatchObject({ providers: [{}, { path: file, isDamaged: true }], dependencies: [] });
    expect(missingCommands(broken.providers.slice(1), [])).toEqual([
      expect.stringMatching(/^ONNXRUNTIME_NODE_INSTALL=/),
    ]);
  });

  it('names the commands that get what is missing, and none when nothing is', () => {
    const provider = { name: 'libonnxruntime_providers_cuda.so' };
    const [install = ''] = missingCommands([provider], []);
    expect(install).toMatch(/^ONNXRUNTIME_NODE_INSTALL=cuda12 node '.*onnxruntime-node\/script\/install\.js'/);
    const there = { ...provider, path: '/lib/x' };
    expect(missingCommands([there], [{ name: 'libcudart.so.13' }, { name: 'libcudnn.so.9' }])).toEqual([
      'sudo apt-get install cuda-libraries-13-0 cudnn9-cuda-13',
    ]);
    // Each names its version; what the provider opens later, it does not name.
    expect(missingCommands([there], [{ name: 'libcublas.so.12' }])).toEqual([
      'sudo apt-get install cuda-libraries-12-9 cudnn9-cuda-12',
    ]);
    // Part of the driver, in none of these packages.
    expect(missingCommands([there], [{ name: 'libcudart.so.13', path: '/lib/y' }, { name: 'libcuda.so.1' }])).toEqual(
      [],
    );
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
