import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { noTelemetry, runtimeManifest } from './runtime.ts';

/**
 * ONNX Runtime through its C API, by a foreign function interface (`koffi`), over the library that onnxruntime-node ships.
 *
 * The Node binding copies every output of a run, so that a cache that goes in and comes out is copied for every token;
 * it blocks the event loop, and a run once begun cannot be ended. The C API writes into tensors that it is given, even
 * into those that it reads: the cache grows in place. Functions are found by their place in the table `OrtApi`
 * (`onnxruntime_c_api.h`), which is only ever appended to.
 */

/** A pointer to something of ONNX Runtime's. */
type Handle = bigint;
type Status = Handle | null;
/** An argument through which a function returns a pointer. */
type Out = [Handle | null];

/** The version of the table asked for: the oldest that has all functions used here (ONNX Runtime 1.16). */
const apiVersion = 16;
/** The number of functions at least to be read of the table. */
const tableSize = 131;

/** Where the functions are in the table, and their C declarations. */
const declarations = {
  getErrorMessage: [2, 'const char *GetErrorMessage(void *status)'],
  createEnv: [3, 'void *CreateEnv(int level, const char *id, _Out_ void **env)'],
  disableTelemetry: [6, 'void *DisableTelemetryEvents(void *env)'],
  createSession: [7, 'void *CreateSession(void *env, const char *path, void *options, _Out_ void **session)'],
  run: [
    9,
    'void *Run(void *session, void *options, const char **input_names, void **inputs, size_t input_count, const char **output_names, size_t output_count, _Inout_ void **outputs)',
  ],
  createSessionOptions: [10, 'void *CreateSessionOptions(_Out_ void **options)'],
  setOptimizationLevel: [23, 'void *SetSessionGraphOptimizationLevel(void *options, int level)'],
  setThreads: [24, 'void *SetIntraOpNumThreads(void *options, int threads)'],
  createRunOptions: [39, 'void *CreateRunOptions(_Out_ void **options)'],
  setTerminate: [46, 'void *RunOptionsSetTerminate(void *options)'],
  unsetTerminate: [47, 'void *RunOptionsUnsetTerminate(void *options)'],
  createTensor: [
    49,
    'void *CreateTensorWithDataAsOrtValue(void *memory, void *data, size_t bytes, int64_t *shape, size_t rank, int type, _Out_ void **value)',
  ],
  createCpuMemoryInfo: [69, 'void *CreateCpuMemoryInfo(int allocator, int type, _Out_ void **memory)'],
  releaseStatus: [93, 'void ReleaseStatus(void *status)'],
  releaseSession: [95, 'void ReleaseSession(void *session)'],
  releaseValue: [96, 'void ReleaseValue(void *value)'],
  releaseRunOptions: [97, 'void ReleaseRunOptions(void *options)'],
  releaseSessionOptions: [100, 'void ReleaseSessionOptions(void *options)'],
  addConfigEntry: [130, 'void *AddSessionConfigEntry(void *options, const char *key, const char *value)'],
} as const satisfies Record<string, readonly [index: number, declaration: string]>;

interface Functions {
  getErrorMessage(status: Handle): string;
  createEnv(level: number, id: string, env: Out): Status;
  disableTelemetry(env: Handle): Status;
  createSession: AsyncFunction<[env: Handle, path: string, options: Handle, session: Out]>;
  run: AsyncFunction<
    [
      session: Handle,
      options: Handle,
      inputNames: readonly string[],
      inputs: readonly Handle[],
      inputCount: number,
      outputNames: readonly string[],
      outputCount: number,
      outputs: readonly Handle[],
    ]
  >;
  createSessionOptions(options: Out): Status;
  setOptimizationLevel(options: Handle, level: number): Status;
  setThreads(options: Handle, threads: number): Status;
  createRunOptions(options: Out): Status;
  setTerminate(options: Handle): Status;
  unsetTerminate(options: Handle): Status;
  createTensor(
    memory: Handle,
    data: ArrayBufferView,
    bytes: number,
    shape: BigInt64Array,
    rank: number,
    type: number,
    value: Out,
  ): Status;
  createCpuMemoryInfo(allocator: number, type: number, memory: Out): Status;
  releaseStatus(status: Handle): void;
  releaseSession(session: Handle): void;
  releaseValue(value: Handle): void;
  releaseRunOptions(options: Handle): void;
  releaseSessionOptions(options: Handle): void;
  addConfigEntry(options: Handle, key: string, value: string): Status;
}

/** A function that can also be called on another thread. */
interface AsyncFunction<Parameters extends readonly unknown[]> {
  (...parameters: Parameters): Status;
  async(...parameters: [...Parameters, callback: (error: Error | null, status: Status) => void]): void;
}

/** The C API's numbers for element types (`ONNXTensorElementDataType`). */
const elementTypes = { float32: 1, int64: 7 } as const;

/** Where it was run; on other platforms the Node binding is used. */
const platforms: readonly NodeJS.Platform[] = ['linux'];
/** ONNX Runtime's own threads have the system's usual size; a call runs on a stack of koffi's, which is small by default. */
const stackBytes = 8 * 1024 * 1024;
const warning = 3;
const allOptimizations = 99;
const arenaAllocator = 1;
const defaultMemory = 0;

/** koffi unloads a library once nothing refers to it; pointers to functions are no references. */
const libraries: object[] = [];
let loaded: Promise<NativeRuntime | undefined> | undefined;

/** A failure that ONNX Runtime reports, with its own message. */
export class NativeError extends Error {
  override readonly name = 'NativeError';
}

/** A tensor over memory of ours, which stays where it is: it is read and written in place. */
export interface NativeTensor {
  readonly handle: Handle;
  /** Keeps the memory alive. */
  readonly data: Float32Array | BigInt64Array;
}

export class NativeRuntime {
  readonly #functions: Functions;
  readonly #env: Handle;
  readonly #memory: Handle;

  private constructor(library: object, functions: Functions) {
    libraries.push(library);
    this.#functions = functions;
    this.#env = this.#made((out) => functions.createEnv(warning, 'cursorcore-lsp', out));
    this.#check(functions.disableTelemetry(this.#env));
    this.#memory = this.#made((out) => functions.createCpuMemoryInfo(arenaAllocator, defaultMemory, out));
  }

  /** Undefined where it cannot be used: koffi or the library is not there, or the platform is one where it was never run. */
  static async load(): Promise<NativeRuntime | undefined> {
    const library = libraryFile();
    if (library === undefined) return undefined;
    // One for the process: koffi takes each declaration once.
    loaded ??= NativeRuntime.#load(library);
    return loaded;
  }

  static async #load(library: string): Promise<NativeRuntime | undefined> {
    Object.assign(process.env, noTelemetry);
    try {
      const { default: koffi } = await import('koffi');
      koffi.config({ sync_stack_size: stackBytes, async_stack_size: stackBytes, resident_async_pools: 1 });
      const opened = koffi.load(library);
      const base = opened.func('void *OrtGetApiBase()')();
      const [getApi] = koffi.decode(base, koffi.array('void *', 1));
      const api = koffi.decode(getApi, koffi.proto('void *GetApi(uint32_t version)'))(apiVersion);
      if (!api) return undefined;
      const table = koffi.decode(api, koffi.array('void *', tableSize));
      const functions = Object.entries(declarations).map(([name, [index, declaration]]) => [
        name,
        koffi.decode(table[index], koffi.proto(declaration)),
      ]);
      return new NativeRuntime(opened, Object.fromEntries(functions));
    } catch {
      return undefined;
    }
  }

  /** Opens a graph on the CPU. `threads`: 0 for one a physical core. Rejects with a NativeError. */
  async open(file: string, threads: number): Promise<NativeSession> {
    const functions = this.#functions;
    const options = this.#made((out) => functions.createSessionOptions(out));
    try {
      // As `cpuOptions` has them for the Node binding, but with the arena: what a run needs beside the cache is a few tens
      // of megabytes, and to get it anew costs a tenth of a token's time.
      this.#check(functions.setOptimizationLevel(options, allOptimizations));
      this.#check(functions.addConfigEntry(options, 'session.intra_op.allow_spinning', '0'));
      if (threads > 0) this.#check(functions.setThreads(options, threads));
      const session: Out = [null];
      const create = promisify<Handle, string, Handle, Out, Status>(functions.createSession.async);
      this.#check(await create(this.#env, file, options, session));
      const runOptions = this.#made((out) => functions.createRunOptions(out));
      return new NativeSession(functions, session[0] ?? 0n, runOptions, (status) => this.#check(status));
    } finally {
      functions.releaseSessionOptions(options);
    }
  }

  /** A tensor of zeros. */
  tensor<Type extends keyof typeof elementTypes>(
    type: Type,
    shape: readonly number[],
  ): NativeTensor & { readonly data: Type extends 'int64' ? BigInt64Array : Float32Array };
  tensor(type: keyof typeof elementTypes, shape: readonly number[]): NativeTensor {
    const count = shape.reduce((product, size) => product * size, 1);
    // Memory of a small typed array made without a buffer would be on V8's heap, which moves.
    const buffer = new ArrayBuffer(Math.max(1, count) * (type === 'int64' ? 8 : 4));
    const data = type === 'int64' ? new BigInt64Array(buffer, 0, count) : new Float32Array(buffer, 0, count);
    const dims = BigInt64Array.from(shape, BigInt);
    const handle = this.#made((out) =>
      this.#functions.createTensor(this.#memory, data, data.byteLength, dims, dims.length, elementTypes[type], out),
    );
    return { handle, data };
  }

  /** A tensor of these numbers. */
  int64(values: readonly number[], shape: readonly number[]): NativeTensor {
    const tensor = this.tensor('int64', shape);
    values.forEach((value, index) => {
      tensor.data[index] = BigInt(value);
    });
    return tensor;
  }

  release(tensor: NativeTensor): void {
    this.#functions.releaseValue(tensor.handle);
  }

  #made(make: (out: Out) => Status): Handle {
    const out: Out = [null];
    this.#check(make(out));
    return out[0] ?? 0n;
  }

  #check(status: Status): void {
    if (!status) return;
    const message = this.#functions.getErrorMessage(status);
    this.#functions.releaseStatus(status);
    throw new NativeError(message);
  }
}

/** A graph with its weights. One run at a time. */
export class NativeSession {
  readonly #functions: Functions;
  readonly #session: Handle;
  readonly #runOptions: Handle;
  readonly #check: (status: Status) => void;
  #running = false;
  #interrupted = false;

  constructor(functions: Functions, session: Handle, runOptions: Handle, check: (status: Status) => void) {
    this.#functions = functions;
    this.#session = session;
    this.#runOptions = runOptions;
    this.#check = check;
  }

  /** Whether the last run was ended by `interrupt`. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /**
   * Computes `outputs` on another thread; a tensor may be both read and written. Rejects with a NativeError for what the
   * graph does not take, and for a run that was interrupted.
   */
  async run(inputs: ReadonlyMap<string, NativeTensor>, outputs: ReadonlyMap<string, NativeTensor>): Promise<void> {
    if (this.#running) throw new Error('one run at a time');
    this.#running = true;
    this.#interrupted = false;
    const handles = (tensors: ReadonlyMap<string, NativeTensor>) => [...tensors.values()].map(({ handle }) => handle);
    try {
      this.#check(this.#functions.unsetTerminate(this.#runOptions));
      const status = await new Promise<Status>((resolve, reject) => {
        this.#functions.run.async(
          this.#session,
          this.#runOptions,
          [...inputs.keys()],
          handles(inputs),
          inputs.size,
          [...outputs.keys()],
          outputs.size,
          handles(outputs),
          (error, status) => (error ? reject(error) : resolve(status)),
        );
      });
      this.#check(status);
    } finally {
      this.#running = false;
    }
  }

  /** Ends the run in progress after the operator that is being computed. */
  interrupt(): void {
    if (!this.#running) return;
    this.#interrupted = true;
    this.#check(this.#functions.setTerminate(this.#runOptions));
  }

  release(): void {
    this.#functions.releaseRunOptions(this.#runOptions);
    this.#functions.releaseSession(this.#session);
  }
}

/** The shared library that onnxruntime-node brings along; undefined where there is none for this platform. */
function libraryFile(): string | undefined {
  const manifest = runtimeManifest();
  if (manifest === undefined || !platforms.includes(process.platform)) return undefined;
  try {
    const bin = path.join(path.dirname(manifest), 'bin');
    for (const version of readdirSync(bin)) {
      const folder = path.join(bin, version, process.platform, process.arch);
      const file = readdirSync(folder).find((name) => /^libonnxruntime\.so(\.\d+)*$/.test(name));
      if (file !== undefined) return path.join(folder, file);
    }
  } catch {
    // There is no build for this processor.
  }
  return undefined;
}
