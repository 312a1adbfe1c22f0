import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import * as v from 'valibot';
import { cpuSeconds, processTree } from './processes.ts';
import { type Answer, epochMs, type Rhythm, type Session, type WrittenQuestion } from './session.ts';
import type { Piece } from './traces.ts';

export interface LlamaServer {
  readonly gguf: string;
  readonly threads: number;
  /** Further options of llama-server. */
  readonly options: readonly string[];
  /** How long whoever asks waits for more keys, in milliseconds, as our server does by itself. */
  readonly debounceMs: number;
}

/** What our server asked its model for the same answer, one after another, and the ids of these prompts. */
export interface Asked {
  readonly isShown: boolean;
  readonly steps: readonly AskedStep[];
}

interface AskedStep {
  readonly question: WrittenQuestion;
  readonly ids: readonly number[];
}

/** When as much was written as by our server, and by the runs before its last one; tokens, and runs for them. */
interface Completed {
  readonly answeredMs: number;
  readonly leastMs: number;
  readonly read: number;
  readonly written: number;
  readonly runs: number;
}

const script = path.resolve(import.meta.dirname, '../../../scripts/verify/llama.sh');
const loadMs = 300_000;
const answerMs = 600_000;

const event = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    content: v.string(),
    tokens: v.optional(v.array(v.number()), []),
    stop: v.boolean(),
    timings: v.optional(
      v.object({ prompt_n: v.number(), predicted_n: v.number(), draft_n_accepted: v.optional(v.number()) }),
    ),
  }),
);

/** llama-server, given the prompts that our server gave its model, and stopped where that was. */
export class LlamaSession implements Session {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #server: LlamaServer;
  readonly #rhythm: Rhythm;
  readonly #asked: readonly (Asked | undefined)[];
  #cpuAtAnswer = 0;
  /** The ids of its last answer, as far as it has been read. */
  #written: number[] = [];
  #printed = '';

  private constructor(
    child: ChildProcess,
    url: string,
    server: LlamaServer,
    rhythm: Rhythm,
    asked: readonly (Asked | undefined)[],
  ) {
    this.#child = child;
    this.#url = url;
    this.#server = server;
    this.#rhythm = rhythm;
    this.#asked = asked;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.#printed = (this.#printed + data.toString()).slice(-2000);
      });
    }
  }

  /** `asked` has what to ask after each piece. Like an editor it does not wait until the model is loaded. */
  static async start(
    server: LlamaServer,
    rhythm: Rhythm,
    asked: readonly (Asked | undefined)[],
  ): Promise<LlamaSession> {
    const port = await freePort();
    const options = ['--model', path.resolve(server.gguf), '--host', '127.0.0.1', '--port', String(port)];
    options.push('--ctx-size', '4096', '--parallel', '1', '--threads', String(server.threads));
    // Control tokens are part of what our host writes, too.
    options.push('--special', '--no-webui', '--offline', ...server.options);
    const child = spawn('bash', [script, 'llama-server', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    return new LlamaSession(child, `http://127.0.0.1:${port}`, server, rhythm, asked);
  }

  async answer({ kind, keys }: Piece, index: number): Promise<Answer | undefined> {
    const asked = this.#asked[index];
    if (!asked) return undefined;
    const cpuAtFirstKey = this.#cpu();
    // Typing means nothing to it but, at first, time in which it loads.
    if (kind === 'cold') await sleep((1000 * (keys.length - 1)) / this.#rhythm.keysPerSecond);
    const lastKey = epochMs();
    await sleep(this.#server.debounceMs);
    await this.#loaded();
    const { leastMs, answeredMs, ...counted } = await this.#completeAll(asked.steps);
    const cpu = this.#cpu();
    const cpuInAll = cpu - this.#cpuAtAnswer;
    this.#cpuAtAnswer = cpu;
    await sleep(this.#rhythm.readingMs);
    return {
      ms: answeredMs - lastKey,
      leastMs: leastMs - lastKey,
      cpu: cpu - cpuAtFirstKey,
      cpuInAll,
      isShown: asked.isShown,
      ...counted,
    };
  }

  async rest(index: number): Promise<Answer | undefined> {
    const shown = this.#asked[index - 1]?.steps.at(-1);
    const [first, ...others] = this.#asked[index]?.steps ?? [];
    if (!shown || !first) return undefined;
    const before = this.#cpu();
    const start = epochMs();
    // It goes on behind what it has written itself.
    const {
      answeredMs,
      leastMs: _,
      ...counted
    } = await this.#completeAll([{ ...first, ids: [...shown.ids, ...this.#written] }, ...others]);
    const cpu = this.#cpu() - before;
    return { ms: answeredMs - start, cpu, cpuInAll: cpu, isShown: true, ...counted };
  }

  async settle(answers: readonly (Answer | undefined)[]): Promise<readonly (Answer | undefined)[]> {
    return answers;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async #loaded(): Promise<void> {
    const end = epochMs() + loadMs;
    for (;;) {
      if (this.#child.exitCode !== null || epochMs() > end) throw new Error(`llama-server: ${this.#printed}`);
      const isReady = await fetch(`${this.#url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return;
      await sleep(10);
    }
  }

  async #completeAll(steps: readonly AskedStep[]): Promise<Completed> {
    let all: Completed = { answeredMs: 0, leastMs: 0, read: 0, written: 0, runs: 0 };
    for (const step of steps) {
      const { read, written, runs, ...moments } = await this.#complete(step);
      all = { ...moments, read: all.read + read, written: all.written + written, runs: all.runs + runs };
    }
    return all;
  }

  /** Greedy decoding, until as much is written as our server had read from its model. */
  async #complete({ ids, question: { maxTokens, stop, characters, leastCharacters } }: AskedStep): Promise<Completed> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error('llama-server does not answer')), answerMs);
    try {
      const response = await fetch(`${this.#url}/completion`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          prompt: ids,
          n_predict: maxTokens,
          stop,
          temperature: 0,
          samplers: ['top_k'],
          top_k: 1,
          cache_prompt: true,
          return_tokens: true,
          stream: true,
          timings_per_token: true,
        }),
        signal: controller.signal,
      });
      if (!response.ok || !response.body) throw new Error(`llama-server: ${response.status} ${await response.text()}`);
      return await this.#read(response.body, characters, leastCharacters);
    } finally {
      clearTimeout(timer);
      // Whatever it still writes is not wanted.
      controller.abort();
    }
  }

  async #read(body: ReadableStream<Uint8Array>, characters: number, leastCharacters: number): Promise<Completed> {
    this.#written = [];
    let length = 0;
    let leastMs: number | undefined;
    let counted = { read: 0, written: 0, runs: 0 };
    const events: string[] = [];
    const parser = createParser({ onEvent: ({ data }) => void events.push(data) });
    const decoder = new TextDecoder();
    reading: for await (const bytes of body) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      for (const data of events.splice(0)) {
        const { content, tokens, stop, timings } = v.parse(event, data);
        length += content.length;
        this.#written.push(...tokens);
        if (timings) {
          const { prompt_n: read, predicted_n: written, draft_n_accepted: accepted = 0 } = timings;
          counted = { read, written, runs: written - accepted };
        }
        if (length >= leastCharacters) leastMs ??= epochMs();
        if (stop || length >= characters) break reading;
      }
    }
    const answeredMs = epochMs();
    return { answeredMs, leastMs: leastMs ?? answeredMs, ...counted };
  }

  #cpu(): number {
    return cpuSeconds(processTree(this.#child.pid ?? 0));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('there is no free port');
  return address.port;
}
