import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { gpuNames, providerLibraries, runtimeFolder } from './cuda.ts';
import { runtimeManifest } from './runtime.ts';

export interface LibraryState {
  readonly name: string;
  /** Where it is; undefined when it is missing. */
  readonly path?: string;
}

export interface CudaReport {
  readonly gpus: readonly string[];
  /** The NVIDIA driver's version, e.g. `580.95.05`. */
  readonly driver?: string;
  /** What ONNX Runtime loads for CUDA, beside its own library. */
  readonly providers: readonly LibraryState[];
  /** The libraries that these load: CUDA's and cuDNN's own. Empty if the providers, which name them, are missing. */
  readonly dependencies: readonly LibraryState[];
  /** Shell commands that install what is missing. */
  readonly commands: readonly string[];
}

/** Checks everything that CUDA needs. Takes up to a second, as the provider library is large. */
export function inspectCuda(): CudaReport {
  const folder = runtimeFolder();
  const providers = providerLibraries.map((name) => stateOf(name, folder === undefined ? [] : [folder]));
  const provider = providers.find(({ name }) => name === 'libonnxruntime_providers_cuda.so')?.path;
  const needed = provider === undefined ? [] : neededLibraries(provider);
  const dependencies = needed.map((name) => stateOf(name, [...searchedFolders(), ...linkerFolders(name)]));
  const gpus = gpuNames();
  const driver = driverVersion();
  return {
    gpus,
    ...(driver === undefined ? {} : { driver }),
    providers,
    dependencies,
    commands: gpus.length === 0 ? [] : missingCommands(providers, dependencies),
  };
}

/** Commands for what is missing, in the order to run them. */
export function missingCommands(providers: readonly LibraryState[], dependencies: readonly LibraryState[]): string[] {
  const commands: string[] = [];
  const manifest = runtimeManifest();
  if (manifest !== undefined && providers.some(({ path }) => path === undefined)) {
    // The package's own installer; `cuda12` is its name for the CUDA build, for any CUDA version.
    commands.push(
      `ONNXRUNTIME_NODE_INSTALL=cuda12 node '${path.join(path.dirname(manifest), 'script', 'install.js')}' && cursorcore-lsp doctor`,
    );
  }
  if (dependencies.some(({ path }) => path === undefined)) {
    const versions = dependencies.map(({ name }) => /^libcu(?:dart|blas(?:Lt)?)\.so\.(\d+)$/.exec(name)?.[1]);
    const cuda = versions.find((version) => version !== undefined);
    const cudnn = dependencies.map(({ name }) => /^libcudnn\.so\.(\d+)/.exec(name)?.[1]).find(Boolean) ?? '9';
    if (cuda !== undefined) {
      commands.push(`sudo apt-get install cuda-libraries-${cuda}-0 cudnn${cudnn}-cuda-${cuda}`);
    }
  }
  return commands;
}

const cudaLibrary = /lib(?:cudart|cublas|cublasLt|cudnn|cufft|curand|nvrtc|nvJitLink)\.so\.\d+/g;

/** The CUDA libraries that a shared library names, e.g. `libcublas.so.13`. */
export function neededLibraries(file: string): string[] {
  const found = new Set<string>();
  const chunk = Buffer.alloc(1 << 22);
  const descriptor = openSync(file, 'r');
  try {
    // Chunks overlap by more than a name's length.
    for (let position = 0; ; position += chunk.length - 64) {
      const read = readSync(descriptor, chunk, 0, chunk.length, position);
      for (const [name] of chunk.toString('latin1', 0, read).matchAll(cudaLibrary)) found.add(name);
      if (read < chunk.length) return [...found].sort();
    }
  } finally {
    closeSync(descriptor);
  }
}

function stateOf(name: string, folders: readonly string[]): LibraryState {
  const found = folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
  return found === undefined ? { name } : { name, path: found };
}

function searchedFolders(): string[] {
  return (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== '');
}

/** Folders where the dynamic linker's cache has a library. */
function linkerFolders(name: string): string[] {
  const cached = tried(() => execFileSync('ldconfig', ['-p'], { encoding: 'utf8', env: linkerEnvironment })) ?? '';
  return cached
    .split('\n')
    .filter((line) => line.trim().startsWith(`${name} `))
    .map((line) => path.dirname(line.slice(line.indexOf('=>') + 2).trim()));
}

/** Debian leaves ldconfig out of a user's path. */
const linkerEnvironment = { ...process.env, PATH: `${process.env.PATH ?? ''}:/sbin:/usr/sbin` };

function driverVersion(): string | undefined {
  const text = tried(() => readFileSync('/proc/driver/nvidia/version', 'utf8'));
  return text === undefined ? undefined : /Kernel Module.*?\s(\d+\.[\d.]+)/.exec(text)?.[1];
}

function tried<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
