import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Benchmarks } from '../../server/data/benchmarks.ts';
import { exportLimits, exportPairs, roughly } from '../../server/data/exportPairs.ts';
import { collectGit, gitFilters, openRepositories } from '../../server/data/git/collectGit.ts';
import { sampleChances } from '../../server/data/makeSamples.ts';
import { processRecords } from '../../server/data/processRecords.ts';
import { ResumableOutput, stateFile } from '../../server/data/resumable.ts';
import { locationAndChange } from '../../shared/conversation/formats/locationAndChange.ts';
import { madeRepository, scratch } from './repository.ts';

const { folder, remove } = scratch();
afterAll(remove);
let files = 0;
const newFile = () => path.join(folder, `out${files++}.jsonl`);

class Killed extends Error {}

/** Begins `work`, kills it after so many units, as often as there are numbers, and then lets it come to its end. */
async function withKills(
  kills: readonly number[],
  work: (output: ResumableOutput) => Promise<void>,
): Promise<{ text: string; counts: object }> {
  const file = newFile();
  for (const units of [...kills, Number.POSITIVE_INFINITY]) {
    const output = await ResumableOutput.open({ file, settings: { a: 1 }, checkpointMs: 0 });
    let left = units;
    const end = output.endUnit.bind(output);
    output.endUnit = async (state) => {
      await end(state);
      // Killed between two checkpoints: what was written since then is behind the last one.
      if (--left < 0) throw new Killed();
    };
    try {
      await work(output);
      await output.close();
      return { text: readFileSync(file, 'utf8'), counts: output.counts.toJSON() };
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      await output.close();
      appendFileSync(file, '{"kind":"half a rec');
    }
  }
  throw new Error('it never came to its end');
}

const someKills = fc.array(fc.nat(14), { minLength: 1, maxLength: 3 });

describe('a run that was killed', () => {
  it('goes on without loss or duplicates, in every step', async () => {
    const repositories = await openRepositories([
      madeRepository(path.join(folder, 'one'), 12).folder,
      madeRepository(path.join(folder, 'two'), 8, 2).folder,
    ]);
    const collect = (output: ResumableOutput) => collectGit(repositories, gitFilters, output, { limit: 1000 });
    const collected = await withKills([], collect);
    expect(collected.text.split('\n')).toHaveLength(21);
    const processes = newFile();
    writeFileSync(processes, collected.text);

    const benchmarks = await Benchmarks.read([]);
    const process = (output: ResumableOutput) =>
      processRecords([processes], output, { chances: sampleChances, benchmarks, llm: undefined, limit: 1000 });
    const processed = await withKills([], process);
    const samples = newFile();
    writeFileSync(samples, processed.text);

    const pairs = (output: ResumableOutput) =>
      exportPairs([samples], locationAndChange, output, { limits: exportLimits, count: roughly, limit: 1000 });
    const exported = await withKills([], pairs);
    expect(exported.text.split('\n').length).toBeGreaterThan(5);

    const steps = fc.constantFrom(
      [collect, collected] as const,
      [process, processed] as const,
      [pairs, exported] as const,
    );
    await fc.assert(
      fc.asyncProperty(steps, someKills, async ([step, whole], kills) => {
        expect(await withKills(kills, step)).toEqual(whole);
      }),
      { numRuns: 9 },
    );
  }, 120_000);
});

describe('an output', () => {
  const open = (file: string, more = {}) => ResumableOutput.open({ file, settings: { a: 1 }, ...more });

  it('is not written over where it is something else', async () => {
    const file = newFile();
    writeFileSync(file, 'mine');
    await expect(open(file)).rejects.toThrow('is there already');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await (await open(file, { restart: true })).close();
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('is gone on with where nothing had been written yet', async () => {
    const file = newFile();
    await (await open(file)).close();
    const output = await open(file);
    expect([output.unitsBefore, output.stateBefore, output.wasDone]).toEqual([0, null, false]);
    await output.close();
    rmSync(stateFile(file));
    await (await open(file)).close();
  });

  it('is not gone on with by other settings, nor where it has become shorter', async () => {
    const file = newFile();
    const output = await open(file);
    output.add({ a: 1 });
    await output.checkpoint(null);
    await output.close();
    await expect(open(file, { settings: { a: 2 } })).rejects.toThrow('other options');
    truncateSync(file, 3);
    await expect(open(file)).rejects.toThrow('shorter');
    writeFileSync(stateFile(file), '{"half');
    await expect(open(file)).rejects.toThrow('cannot be read');
  });

  it('says what is wrong with a place that cannot be written', async () => {
    await expect(open(path.join(folder, 'no', 'such', 'folder.jsonl'))).rejects.toThrow(
      /cannot be written: no such file/,
    );
    await expect(open(folder, { restart: true })).rejects.toThrow('it is a folder');
    expect(existsSync(path.join(folder, 'no'))).toBe(false);
  });
});
