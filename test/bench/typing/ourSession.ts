import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CodeAction } from 'vscode-languageserver-protocol';
import { EditorDocument, ServerProcess } from '../../e2e/client.ts';
import { type HostQuestion, readHostRecord } from './hostRecord.ts';
import { cpuSeconds, processTree } from './processes.ts';
import { type Answer, epochMs, type Rhythm, type Session } from './session.ts';
import type { Piece, Trace } from './traces.ts';

export interface OurServer {
  /** The built program. */
  readonly main: string;
  /** The model's folder. */
  readonly model: string;
  readonly threads: number;
  /** Further settings, by their dotted names. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Without an answer for so long, in milliseconds, the server counts as hanging. */
const patienceMs = 600_000;
/** How long, in milliseconds, the model may go on after the last answer before it is no longer waited for. */
const settleMs = 20_000;
const recorder = path.join(import.meta.dirname, 'recordHost.cjs');

/** A build of this project, driven as an editor does it. The model alone is asked, so that nothing answers before it. */
export class OurSession implements Session {
  readonly server: ServerProcess;
  readonly document: EditorDocument;
  readonly #rhythm: Rhythm;
  readonly #folder: string;
  #cpuAtAnswer = 0;

  private constructor(
    server: ServerProcess,
    trace: Pick<Trace, 'path' | 'languageId' | 'before'>,
    rhythm: Rhythm,
    folder: string,
  ) {
    this.server = server;
    this.#rhythm = rhythm;
    this.#folder = folder;
    this.document = new EditorDocument(server, `file:///bench/${trace.path}`, trace.before, 'utf-16', trace.languageId);
  }

  static async start(
    { main, model, threads, settings: more }: OurServer,
    trace: Pick<Trace, 'path' | 'languageId' | 'before'>,
    rhythm: Rhythm,
  ): Promise<OurSession> {
    const folder = mkdtempSync(path.join(tmpdir(), 'cursorcore-typing-'));
    const record = path.join(folder, 'record.jsonl');
    const env = {
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${JSON.stringify(recorder)}`,
      CURSORCORE_BENCH_RECORD: record,
    };
    const server = new ServerProcess(['--stdio'], folder, { main, env });
    await server.initialize({ settings: { engine: 'model', model: { name: model, threads, device: 'cpu' }, ...more } });
    return new OurSession(server, trace, rhythm, folder);
  }

  get pid(): number {
    return this.server.child.pid ?? 0;
  }

  /** What the model has been asked so far. */
  questions(): HostQuestion[] {
    return readHostRecord(path.join(this.#folder, 'record.jsonl'));
  }

  async answer({ keys }: Piece): Promise<Answer> {
    const cpuAtFirstKey = this.#cpu();
    const asked = await this.#type(keys);
    const edit = await this.#nextEdit();
    const answered = epochMs();
    const cpu = this.#cpu();
    const cpuInAll = cpu - this.#cpuAtAnswer;
    this.#cpuAtAnswer = cpu;
    // Whatever ends then is logged and recorded by now.
    await sleep(this.#rhythm.readingMs);
    const result = { ms: answered - asked, cpu: cpu - cpuAtFirstKey, cpuInAll, isShown: edit !== undefined };
    return { ...result, ...this.#counted(asked, answered) };
  }

  async rest(): Promise<Answer | undefined> {
    const { server, document } = this;
    const at = document.position(this.#cursor);
    const actions = await server.request<CodeAction[] | null>('textDocument/codeAction', {
      textDocument: document.identifier,
      range: { start: at, end: at },
      context: { diagnostics: [], triggerKind: 1 },
    });
    const all = actions?.find(({ title }) => title.startsWith('Apply all'));
    if (!all) return undefined;
    const before = this.#cpu();
    const asked = epochMs();
    await server.request('codeAction/resolve', all);
    const answered = epochMs();
    const [ms, cpu] = [answered - asked, this.#cpu() - before];
    await sleep(this.#rhythm.readingMs);
    return { ms, cpu, cpuInAll: cpu, isShown: true, ...this.#counted(asked, answered) };
  }

  /** The model reports on a question when its last run is over, which may be long after the answer. */
  async settle(answers: readonly (Answer | undefined)[]): Promise<readonly (Answer | undefined)[]> {
    const end = epochMs() + settleMs;
    while (this.questions().some(({ endedMs }) => endedMs === undefined) && epochMs() < end) await sleep(50);
    const questions = this.questions();
    let before = 0;
    return answers.map((answer) => {
      const moments = new Set(answer?.questions?.map(({ askedMs }) => askedMs));
      const asked = questions.filter(({ askedMs }) => moments.has(askedMs));
      const [first] = asked;
      if (!answer || !first) return answer;
      const readAhead = readAheadBetween(questions, before, first.askedMs);
      before = first.askedMs;
      return { ...answer, ...promptFigures(asked), readAhead };
    });
  }

  async stop(): Promise<void> {
    const timer = setTimeout(() => this.server.kill(), 10_000);
    try {
      await this.server.stop();
    } finally {
      clearTimeout(timer);
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  /** Returns when the last key was pressed. */
  async #type(keys: Piece['keys']): Promise<number> {
    const between = 1000 / this.#rhythm.keysPerSecond;
    const begun = epochMs();
    for (const [i, { start, end, newText }] of keys.entries()) {
      await sleep(Math.max(0, begun + i * between - epochMs()));
      this.document.change({ start: this.document.position(start), end: this.document.position(end) }, newText);
      this.#cursor = start + newText.length;
    }
    return epochMs();
  }

  #cursor = 0;

  async #nextEdit() {
    const timer = setTimeout(() => this.server.kill(), patienceMs);
    try {
      return await this.document.nextEdit(this.#cursor);
    } finally {
      clearTimeout(timer);
    }
  }

  #cpu(): number {
    return cpuSeconds(processTree(this.pid));
  }

  /** What the model was asked after the last key, and had written by the time of the answer. */
  #counted(askedMs: number, answeredMs: number): Partial<Answer> {
    const asked = this.questions().filter(
      (one) => one.maxTokens > 0 && one.askedMs >= askedMs && one.askedMs <= answeredMs,
    );
    if (asked.length === 0) return { read: 0, written: 0, runs: 0 };
    const questions = asked.map((question) => {
      const chunks = question.chunks.filter(({ atMs }) => atMs <= answeredMs);
      const texts = chunks.map(({ text }) => text);
      const [characters, leastCharacters] = [texts.join('').length, texts.slice(0, -1).join('').length + 1];
      return { ...question, chunks, characters, leastCharacters };
    });
    const chunks = questions.flatMap((question) => question.chunks);
    return {
      questions,
      written: chunks.reduce((sum, { tokens }) => sum + tokens, 0),
      runs: chunks.length,
      ...promptFigures(asked),
    };
  }
}

/** Tokens read between two moments for no question: what does not want a single token is a reading ahead. */
function readAheadBetween(questions: readonly HostQuestion[], fromMs: number, toMs: number): number {
  return questions
    .filter(({ maxTokens, askedMs }) => maxTokens === 0 && askedMs > fromMs && askedMs < toMs)
    .reduce((sum, { promptTokens = 0, reusedTokens = 0 }) => sum + promptTokens - reusedTokens, 0);
}

/** The longest prompt, and what was read for all. */
function promptFigures(questions: readonly HostQuestion[]): Partial<Answer> {
  const known = questions.flatMap(({ promptTokens, reusedTokens }) =>
    promptTokens === undefined || reusedTokens === undefined
      ? []
      : [{ prompt: promptTokens, read: promptTokens - reusedTokens }],
  );
  if (known.length < questions.length) return {};
  return {
    prompt: Math.max(...known.map(({ prompt }) => prompt)),
    read: known.reduce((sum, { read }) => sum + read, 0),
  };
}
