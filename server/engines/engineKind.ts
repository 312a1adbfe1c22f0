import type * as v from 'valibot';
import type { SettingSchemas } from '../settings/setting.ts';
import type { Engine } from './engine.ts';
import type { WorkerResponse } from './workerProtocol.ts';

/** Where an engine reports to. */
export interface EngineEvents {
  /** For the log: names, counts and times, never text of documents. */
  readonly log: (message: string) => void;
  /** For the user, once. */
  readonly notify: (message: string) => void;
}

/** An engine, or why it is not available. */
export type Created =
  | { readonly engine: Engine }
  | {
      readonly engine?: undefined;
      /** A sentence for the user. */
      readonly problem: string;
      /** Whether its absence matters only to users who asked for it, e.g. because nothing was installed for it. */
      readonly isOptional: boolean;
    };

export type ValuesOf<Schemas extends SettingSchemas> = { readonly [K in keyof Schemas]: v.InferOutput<Schemas[K]> };

/**
 * A kind of engine: a folder that contains this, and a line in `kinds.ts`. All that other code must know about it is
 * here. It runs on a worker thread: `create` is called on the thread that handles LSP and returns a `WorkerEngine` with
 * plain `Options`, from which `start` makes the engine on the worker.
 */
export interface EngineKind<Name extends string, Schemas extends SettingSchemas, Options> {
  /** Its value of the setting `engine`; its other settings are the group of this name. */
  readonly name: Name;
  /** Other values of the setting `engine` that mean it, from earlier versions. */
  readonly aliases?: readonly string[];
  /** What it is, for the setting's description. */
  readonly summary: string;
  readonly settings: Schemas;
  /** Whether `auto` includes it with these settings; always, if left out. Its absence matters only if included. */
  isForAuto?(settings: ValuesOf<Schemas>): boolean;
  create(settings: ValuesOf<Schemas>, events: EngineEvents): Promise<Created>;
  /** Loads the engine's code, which only its worker thread needs. */
  start(options: Options, post: (response: WorkerResponse) => void): Promise<Engine>;
}

/** For inference alone. */
export function engineKind<const Name extends string, Schemas extends SettingSchemas, Options>(
  kind: EngineKind<Name, Schemas, Options>,
): EngineKind<Name, Schemas, Options> {
  return kind;
}
