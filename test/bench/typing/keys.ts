import { setTimeout as sleep } from 'node:timers/promises';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { mostAtOnce } from './hostRecord.ts';
import { type OurServer, OurSession } from './ourSession.ts';
import { again, type CpuSample, cpuSeconds, processTree, quietFrom, residentMegabytes } from './processes.ts';
import { epochMs, type Rhythm } from './session.ts';
import { quartiles } from './statistics.ts';

export interface KeysResult {
  readonly seconds: number;
  readonly keys: number;
  /** Questions that reached the model, prompts that it was only to read ahead, and how many of both its process held at once. */
  readonly questions: number;
  readonly readAheads: number;
  readonly mostAtOnce: number;
  /** Processor time of the server and the model's process while typing, as a share of one core. */
  readonly cpuShare: number;
  /** Resident memory of both in MB: before the first key, after the last, and the most in between. */
  readonly megabytes: { readonly start: number; readonly end: number; readonly most: number };
  /**
   * From cancelling a question to the last processor time used, in milliseconds, each time; null where that went on. Questions
   * that had been answered by then are left out.
   */
  readonly quietMs: readonly (number | null)[];
}

const lineCount = 150;
const text = `${Array.from({ length: lineCount }, (_, i) => (i % 10 === 0 ? `\n// part ${i / 10}` : `const value${i} = compute(${i}, 'some text', { at: ${i * 7} });`)).join('\n')}\n`;
/** Gaps between keys as shares of the mean one: people type in bursts, and after some keys rest long enough to be answered. */
const gaps = [0.6, 0.8, 0.7, 1, 0.6, 0.9, 0.8, 2.6];
/** Typed over and over, each time in the next line. */
const phrase = "const total = sum(values.map((value) => value.amount), 'each'); ";
const sampleMs = 50;
/** So long no processor time counts as the end of work. */
const quietForMs = 500;
const watchMs = 6000;
/** How long after asking the question is cancelled: while the prompt is read, or the answer written. */
const cancelAfterMs = [300, 450, 600, 900, 1300, 1800, 2500, 3500];

/** `isEven`: at equal times, so that no pause is long enough for a question to reach the model. */
type KeysRhythm = Rhythm & { readonly isEven: boolean };

/**
 * Types into a file of 150 lines for some seconds without a rest, asks after every key and leaves the question with the next
 * one, as eager clients do. Then asks, and cancels, several times over.
 */
export async function measureKeys(
  server: OurServer,
  rhythm: KeysRhythm,
  seconds: number,
  onProgress: (line: string) => void,
): Promise<KeysResult> {
  const trace = { path: 'typing.ts', languageId: 'typescript', before: text };
  const session = await OurSession.start(server, trace, rhythm);
  try {
    const typist = new Typist(session);
    onProgress('the model is loaded');
    await typist.ask().answer;
    await untilQuiet(session.pid);
    onProgress(`typing for ${seconds} s`);
    const begun = epochMs();
    const typed = await type(typist, session.pid, rhythm, seconds);
    const questions = session.questions().filter(({ askedMs }) => askedMs >= begun);
    await untilQuiet(session.pid);
    const quietMs: (number | null)[] = [];
    for (const afterMs of cancelAfterMs) {
      onProgress(`cancelling after ${afterMs} ms`);
      const quiet = await cancelled(typist, session.pid, afterMs);
      if (quiet !== 'answered') quietMs.push(quiet);
    }
    const asked = questions.filter(({ maxTokens }) => maxTokens > 0).length;
    const counts = { questions: asked, readAheads: questions.length - asked, mostAtOnce: mostAtOnce(questions) };
    return { seconds, ...typed, ...counts, quietMs };
  } finally {
    await session.stop().catch(() => {});
  }
}

class Typist {
  readonly #session: OurSession;
  #line = 40;
  #typed = '';
  #at = -1;

  constructor(session: OurSession) {
    this.#session = session;
  }

  press(): void {
    const { document } = this.#session;
    const key = phrase[this.#typed.length];
    if (key === undefined || this.#at < 0) {
      this.#line = 20 + ((this.#line * 7) % 100);
      this.#at = document.text.split('\n').slice(0, this.#line).join('\n').length;
      this.#typed = '';
      this.#at = document.type(this.#at, '\n');
      return;
    }
    this.#at = document.type(this.#at, key);
    this.#typed += key;
  }

  ask(): { readonly answer: Promise<unknown>; readonly cancel: () => void } {
    const { document, server } = this.#session;
    const source = new CancellationTokenSource();
    const params = { textDocument: document.identifier, position: document.position(Math.max(0, this.#at)) };
    const answer = server.connection
      .sendRequest('textDocument/copilotInlineEdit', params, source.token)
      .catch(() => {});
    return { answer, cancel: () => source.cancel() };
  }
}

async function type(typist: Typist, pid: number, { keysPerSecond, isEven }: KeysRhythm, seconds: number) {
  const count = Math.round(keysPerSecond * seconds);
  const before = processTree(pid);
  const start = residentMegabytes(before);
  const begun = epochMs();
  let most = start;
  let leave = () => {};
  let due = begun;
  for (let key = 0; key < count; key++) {
    await sleep(Math.max(0, due - epochMs()));
    due += (1000 * (isEven ? 1 : (gaps[key % gaps.length] ?? 1))) / keysPerSecond;
    leave();
    typist.press();
    leave = typist.ask().cancel;
    if (key % keysPerSecond === 0) most = Math.max(most, residentMegabytes(processTree(pid)));
  }
  const took = (epochMs() - begun) / 1000;
  leave();
  const after = processTree(pid);
  const end = residentMegabytes(after);
  return {
    keys: count,
    cpuShare: (cpuSeconds(after) - cpuSeconds(before)) / took,
    megabytes: { start, end, most: Math.max(most, end) },
  };
}

async function cancelled(typist: Typist, pid: number, afterMs: number): Promise<number | null | 'answered'> {
  typist.press();
  const { answer, cancel } = typist.ask();
  const first = await Promise.race([answer.then(() => 'answered' as const), sleep(afterMs)]);
  if (first === 'answered') return first;
  const tree = processTree(pid);
  const at = epochMs();
  cancel();
  const samples = await watch(tree, at);
  await answer;
  const quiet = quietFrom(samples, quietForMs);
  await untilQuiet(pid);
  return quiet === undefined ? null : quiet - at;
}

async function watch(tree: ReturnType<typeof processTree>, from: number): Promise<CpuSample[]> {
  const samples: CpuSample[] = [];
  while (epochMs() - from < watchMs) {
    samples.push({ atMs: epochMs(), cpuSeconds: cpuSeconds(again(tree)) });
    await sleep(sampleMs);
    if (quietFrom(samples, quietForMs) !== undefined) break;
  }
  return samples;
}

/** Waits for the end of whatever is still done; gives up after a minute. */
async function untilQuiet(pid: number): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    const samples = await watch(processTree(pid), epochMs());
    if (quietFrom(samples, quietForMs) !== undefined) return;
  }
}

export function renderKeys({
  seconds,
  keys,
  questions,
  readAheads,
  mostAtOnce,
  cpuShare,
  megabytes,
  quietMs,
}: KeysResult): string {
  const known = quietMs.filter((ms) => ms !== null);
  const quiet = quartiles(known);
  const mb = (value: number) => `${value.toFixed(0)} MB`;
  const rest =
    quietMs.length > known.length ? `; not within ${watchMs / 1000} s in ${quietMs.length - known.length}` : '';
  return [
    `keys                         ${keys} in ${seconds} s, each with a question that the next one cancels`,
    `questions to the model       ${questions}, prompts read ahead ${readAheads}; at once ${mostAtOnce} at most`,
    `processor while typing       ${(100 * cpuShare).toFixed(0)} % of one core`,
    `resident memory              ${mb(megabytes.start)} at first, ${mb(megabytes.end)} at last, ${mb(megabytes.most)} at most`,
    `quiet after cancelling       ${quiet ? `${quiet.median.toFixed(0)} ms (median), ${Math.max(...known).toFixed(0)} ms at most` : 'never'}, of ${quietMs.length}${rest}`,
  ].join('\n');
}
