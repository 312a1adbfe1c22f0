import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gpuNames, providerLibraries, runtimeFolder } from './cuda.ts';
import { linkedLibraries } from './elf.ts';
import { runtimeManifest } from './runtime.ts';

export interface LibraryState {
  readonly name: string;
  /** Where it is; undefined when it is missing. */
  readonly path?: string;
  /** It is there, but is no whole library, as after a download that broke off. */
  readonly isDamaged?: true;
}

export interface CudaReport {
  readonly gpus: readonly string[];
  /** The NVIDIA driver's version, e.g. `580.95.05`. */
  readonly driver?: string;
  /** What ONNX Runtime loads for CUDA, beside its own library. */
  readonly providers: readonly LibraryState[];
  /**
   * NVIDIA's libraries that are loaded together with these. Empty if the providers, which name them, are missing or
   * damaged. What a provider opens by itself at need, such as cuDNN in ONNX Runtime 1.30, is not known.
   */
  readonly dependencies: readonly LibraryState[];
  /** Shell commands that install what is missing. */
  readonly commands: readonly string[];
}

/** Checks everything that CUDA needs, as far as it can be known without running a model. */
export function inspectCuda(): CudaReport {
  const { providers, dependencies } = librariesIn(runtimeFolder());
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

const nvidiaLibrary = /^lib(?:cu|nv)/;

/** The providers in `folder` and what they are loaded with, looked for in `searched` and by the dynamic linker's cache. */
export function librariesIn(
  folder: string | undefined,
  searched: readonly string[] = searchedFolders(),
): Pick<CudaReport, 'providers' | 'dependencies'> {
  const linked = new Set<string>();
  const providers = providerLibraries.map((name): LibraryState => {
    const state = stateOf(name, folder === undefined ? [] : [folder]);
    if (state.path === undefined) return state;
    const names = linkedLibraries(state.path);
    for (const library of names ?? []) if (nvidiaLibrary.test(library)) linked.add(library);
    return names ? state : { ...state, isDamaged: true };
  });
  const dependencies = [...linked].map((name) => stateOf(name, [...searched, ...linkerFolders(name)]));
  return { providers, dependencies };
}

/** Commands for what is missing, in the order to run them. */
export function missingCommands(providers: readonly LibraryState[], dependencies: readonly LibraryState[]): string[] {
  const commands: string[] = [];
  const manifest = runtimeManifest();
  if (manifest !== undefined && providers.some(({ path, isDamaged }) => path === undefined || isDamaged)) {
    // The package's own installer. `cuda12` is the one name that it knows; which version of CUDA the library wants that
    // it gets is read from that library, when doctor runs again.
    commands.push(
      `ONNXRUNTIME_NODE_INSTALL=cuda12 node '${path.join(path.dirname(manifest), 'script', 'install.js')}' && cursorcore-lsp doctor`,
    );
  }
  const missing = dependencies.filter(({ path }) => path === undefined);
  // CUDA's own library is the driver's, in no package of CUDA's.
  if (missing.some(({ name }) => name !== driverLibrary)) {
    const versions = dependencies.map(({ name }) => /^libcu(?:dart|blas(?:Lt)?)\.so\.(\d+)$/.exec(name)?.[1]);
    const cuda = versions.find((version) => version !== undefined);
    const cudnn = dependencies.map(({ name }) => /^libcudnn\.so\.(\d+)/.exec(name)?.[1]).find(Boolean) ?? '9';
    if (cuda !== undefined) {
      const libraries = `cuda-libraries-${cuda}-${packagedMinor.get(cuda) ?? '0'}`;
      commands.push(`sudo apt-get install ${libraries} cudnn${cudnn}-cuda-${cuda}`);
    }
  }
  return commands;
}

/** The library of NVIDIA's driver that all of CUDA goes through. */
export const driverLibrary = 'libcuda.so.1';

/** Newer distributions have packages of the last minor versions only; the libraries of a major version are compatible. */
const packagedMinor: ReadonlyMap<string, string> = new Map([['12', '9']]);

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
