import type { ChatMessage } from '../../shared/conversation/format.ts';
import type { Prompt } from '../../shared/conversation/prompt.ts';
import type { Device } from '../models/manifest.ts';

/** How the model host is started: what it loads, and where. Sent once, as the first message. */
export interface HostSetup {
  /** The model's folder in the store. */
  readonly folder: string;
  readonly device: 'auto' | Device;
  /** Which GPU, counted from 0. */
  readonly deviceId: number;
  /** Maximum bytes of GPU memory; 0 leaves it to the provider. */
  readonly gpuMemoryLimit: number;
  /** Threads for the CPU; 0 means one for each physical core. */
  readonly threads: number;
  /** How long a task of the host may take before it counts as hanging; other values than the default are for tests. */
  readonly limits?: HostLimits;
}

/** In milliseconds. */
export interface HostLimits {
  /** Reading a model, from a slow disk. */
  readonly loadMs: number;
  /** A run of the first answer: a GPU's driver may first compile kernels. */
  readonly firstRunMs: number;
  /** A run, which `Pace` keeps below half a second; or encoding a prompt, which has a separate limit. */
  readonly runMs: number;
}

export interface GenerateRequest {
  readonly kind: 'generate';
  readonly id: number;
  /**
   * A finished prompt; or messages for the model's own chat template (generation prompt added); or raw text, in which
   * control tokens are recognised, for checking a model.
   */
  readonly prompt:
    | Prompt
    | { readonly messages: readonly ChatMessage[]; readonly answerPrefix: string }
    | { readonly raw: string };
  /**
   * Ids of the answer so far, to be continued: they follow the prompt's, and are not returned again. Ids, not
   * text, since encoding a text again may split it in another way than the model did.
   */
  readonly answered?: readonly number[];
  /** What the answer is likely to be but for a few changes, from behind the prompt on. It changes how long the answer takes, and nothing else. */
  readonly expected?: Prompt;
  /**
   * Maximum number of tokens to generate, `answered` not counted; 0 only reads the prompt, ahead of one that begins
   * like it.
   */
  readonly maxTokens: number;
  /** Control tokens or plain strings that end the answer; they are part of the returned text. */
  readonly stop: readonly string[];
}

/** How many tokens does each text take by itself, as plain text? */
export interface CountRequest {
  readonly kind: 'count';
  readonly id: number;
  readonly texts: readonly string[];
}

export type HostRequest =
  | { readonly kind: 'setup'; readonly setup: HostSetup }
  | GenerateRequest
  | CountRequest
  | { readonly kind: 'cancel'; readonly id: number };

export interface GenerationStats {
  readonly promptTokens: number;
  /** How many of them were still in the cache. */
  readonly reusedTokens: number;
  readonly generatedTokens: number;
  /** Runs of the model, of whatever length; 0 where a server does not tell. */
  readonly runs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
}

/** Of an answer about which nothing is known, such as one that was left before it ended. */
export const noStats: GenerationStats = {
  promptTokens: 0,
  reusedTokens: 0,
  generatedTokens: 0,
  runs: 0,
  prefillMs: 0,
  decodeMs: 0,
};

export type HostResponse =
  /** The model is loaded. `notice` reports a fallback to the CPU. */
  | { readonly kind: 'ready'; readonly device: Device; readonly loadMs: number; readonly notice?: string }
  | {
      readonly kind: 'tokens';
      readonly id: number;
      readonly text: string;
      readonly ids: readonly number[];
      readonly logProbabilities: readonly number[];
      /** How many UTF-16 code units of `text` each of `ids` added. */
      readonly lengths: readonly number[];
    }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly reason: 'stop' | 'length' | 'cancelled';
      readonly stats: GenerationStats;
    }
  | { readonly kind: 'counts'; readonly id: number; readonly counts: readonly number[] }
  /** `topic`: as `EngineError` has it. Without `id` the failure is that the model cannot be loaded. */
  | { readonly kind: 'failure'; readonly id?: number; readonly message: string; readonly topic?: string };
