import type * as v from 'valibot';
import type { SettingSchemas } from '../settings/setting.ts';
import type { Engine } from './engine.ts';
import type { WorkerResponse } from './workerProtocol.ts';

/** Where an engine says what it does. */
export interface EngineEvents {
  /** For the log: names, counts and times, never text of documents. */
  readonly log: (message: string) => void;
  /** For the user, once. */
  readonly notify: (message: string) => void;
}

/** An engine, or why it cannot be had. */
export type Created =
  | { readonly engine: Engine }
  | {
      readonly engine?: undefined;
      /** A sentence for the user. */
      readonly problem: string;
      /** Whether nobody who did not ask for this engine misses it, as one for which nothing was installed. */
      readonly isOptional: boolean;
    };

export type ValuesOf<Schemas extends SettingSchemas> = { readonly [K in keyof Schemas]: v.InferOutput<Schemas[K]> };

/**
 * A kind of engine: a folder with this in it, and a line in `kinds.ts`. Whatever others have to know about it is said
 * here. It runs on a worker thread: `create` is called on the thread that speaks LSP and gives a `WorkerEngine` with
 * plain `Options`, of which `start` makes the engine on the worker.
 */
export interface EngineKind<Name extends string, Schemas extends SettingSchemas, Options> {
  /** Its value of the setting `engine`; its other settings are the group of this name. */
  readonly name: Name;
  /** Other values of the setting `engine` that mean it, from earlier versions. */
  readonly aliases?: readonly string[];
  /** What it is, for the setting's description. */
  readonly summary: string;
  readonly settings: Schemas;
  /** Whether `auto` asks it with these settings; always, where this is left out. One that it does not ask is not missed. */
  isForAuto?(settings: ValuesOf<Schemas>): boolean;
  create(settings: ValuesOf<Schemas>, events: EngineEvents): Promise<Created>;
  /** Loads the engine's code, which is wanted on its worker thread alone. */
  start(options: Options, post: (response: WorkerResponse) => void): Promise<Engine>;
}

/** For inference alone. */
export function engineKind<const Name extends string, Schemas extends SettingSchemas, Options>(
  kind: EngineKind<Name, Schemas, Options>,
): EngineKind<Name, Schemas, Options> {
  return kind;
}
