import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { promptFormatNames } from '../../../shared/conversation/formats.ts';
import { systemErrorWords } from '../../../shared/errors.ts';
import { CaseFileError, parseJson } from '../caseLines.ts';
import { taskTypes } from './dataset.ts';

/**
 * How a model is asked: `paper`, one prompt of the authors' and the whole answer, by their rules; or `user`, the engine as
 * it serves an editor, with excerpts, its own parser and everything that it holds back, all of it accepted.
 */
export const modes = ['paper', 'user'] as const;
export type Mode = (typeof modes)[number];

/** What all records of a run have in common: another model or prompt is another run. */
const specSchema = v.object({
  version: v.literal(1),
  /** SHA-256 of the files. */
  dataset: v.string(),
  problems: v.string(),
  evalPlus: v.exactOptional(v.string()),
  engine: v.string(),
  model: v.exactOptional(v.object({ name: v.string(), precision: v.string(), source: v.string() })),
  format: v.exactOptional(v.picklist(promptFormatNames)),
  targetArea: v.boolean(),
  window: v.exactOptional(v.number()),
  maxTokens: v.number(),
});
export type RunSpec = v.InferOutput<typeof specSchema>;

const listOf = <const S extends v.GenericSchema>(item: S) => v.pipe(v.array(item), v.readonly());

const verdictSchema = v.object({
  passed: v.boolean(),
  reason: v.exactOptional(v.string()),
  layers: listOf(v.string()),
});
const promptSchema = v.union([
  v.string(),
  v.object({ messages: listOf(v.object({ role: v.string(), content: v.string() })), answerPrefix: v.string() }),
]);

/** Everything about one task in one mode. */
const recordSchema = v.object({
  id: v.string(),
  type: v.picklist(taskTypes),
  mode: v.picklist(modes),
  /** Each prompt sent and each answer, word for word; none for an engine that is no model. */
  exchanges: listOf(
    v.object({
      prompt: promptSchema,
      answer: v.string(),
      ended: v.picklist(['stop', 'length', 'cancelled', 'left']),
      promptTokens: v.exactOptional(v.number()),
      generatedTokens: v.number(),
      ms: v.number(),
    }),
  ),
  /** What the engine says of its answer. */
  notes: listOf(v.string()),
  code: v.string(),
  /** Whether the code is the current code as it was. */
  unchanged: v.boolean(),
  /** From asking to the code, in milliseconds. */
  ms: v.number(),
  base: verdictSchema,
  plus: v.exactOptional(verdictSchema),
});
export type TaskRecord = v.InferOutput<typeof recordSchema>;

/**
 * A run on disk: `run.json`, and one file for each task and mode, written whole or not at all, so that a run that was
 * killed goes on where it was.
 */
export class RunFolder {
  readonly folder: string;
  readonly spec: RunSpec;

  private constructor(folder: string, spec: RunSpec) {
    this.folder = folder;
    this.spec = spec;
  }

  /** Begins a run, or goes on with one. Throws a CaseFileError where the folder has a run of something else. */
  static async open(folder: string, spec: RunSpec): Promise<RunFolder> {
    const file = path.join(folder, 'run.json');
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new CaseFileError(`${file} cannot be read: ${systemErrorWords(error)}`);
    });
    if (text !== undefined) {
      const before = parseJson(specSchema, text, file, 'the file');
      const differing = Object.keys({ ...before, ...spec }).filter(
        (key) => JSON.stringify(before[key as keyof RunSpec]) !== JSON.stringify(spec[key as keyof RunSpec]),
      );
      if (differing.length > 0) {
        throw new CaseFileError(
          `${folder} holds a run with another ${differing.join(' and ')}; name another folder with --run, or remove it`,
        );
      }
    }
    for (const mode of modes) await mkdir(path.join(folder, mode), { recursive: true });
    const run = new RunFolder(folder, spec);
    await run.#write('run.json', spec);
    return run;
  }

  /** A run that is there. Throws a CaseFileError. */
  static async read(folder: string): Promise<RunFolder> {
    const file = path.join(folder, 'run.json');
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new CaseFileError(`${folder} holds no run: run.json cannot be read: ${systemErrorWords(error)}`);
    });
    return new RunFolder(folder, parseJson(specSchema, text, file, 'the file'));
  }

  /** What has been done, by mode and task. Throws a CaseFileError for a record that is damaged. */
  async records(): Promise<TaskRecord[]> {
    const records: TaskRecord[] = [];
    for (const mode of modes) {
      const folder = path.join(this.folder, mode);
      const names = await readdir(folder).catch(() => []);
      for (const name of names.filter((one) => one.endsWith('.json'))) {
        const file = path.join(folder, name);
        records.push(parseJson(recordSchema, await readFile(file, 'utf8'), file, 'the file'));
      }
    }
    return records;
  }

  save(record: TaskRecord): Promise<void> {
    return this.#write(path.join(record.mode, `${record.id.replaceAll(/[^\w.-]+/g, '_')}.json`), record);
  }

  async #write(name: string, value: object): Promise<void> {
    const file = path.join(this.folder, name);
    const partial = `${file}.partial`;
    await writeFile(partial, `${JSON.stringify(value, undefined, 1)}\n`);
    await rename(partial, file);
  }
}
