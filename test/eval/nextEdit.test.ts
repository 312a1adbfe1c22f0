import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import { CaseFileError, type NextEditCase, readCases, toConversation, utf16Offset } from '../../server/eval/cases.ts';
import { conduct, curve, percentile, runCase, score } from '../../server/eval/nextEdit.ts';
import { makeReport, renderReport } from '../../server/eval/report.ts';
import type { PredictedEdit } from '../../shared/conversation/conversation.ts';

const example: NextEditCase = {
  id: 'repo@1:a.py#1',
  lang: 'python',
  path: 'a.py',
  history: ['old()\nold()\nold()\n'],
  current: 'new()\nold()\nold()\n',
  cursor: 5,
  remaining: [{ start: 1, end: 3, lines: ['new()', 'new()'] }],
};

/** An engine that says what it is told to say. */
const saying = (edits: readonly PredictedEdit[]): Engine => ({
  name: 'saying',
  supportsInstructions: false,
  predict: async () => ({ edits }),
  dispose: async () => {},
});
const { signal } = new AbortController();

describe('running cases', () => {
  it('scores the first hunk at every threshold from one run', async () => {
    const wrong = { start: 0, end: 0, newText: '# ', confidence: 0.9 };
    const right = { start: 6, end: 17, newText: 'new()\nnew()', confidence: 0.4 };
    const results = [await runCase(saying([right]), example, signal), await runCase(saying([wrong]), example, signal)];
    expect(score(results, 0)).toMatchObject({ cases: 2, predicted: 2, correct: 1, precision: 0.5, recall: 0.5 });
    expect(score(results, 0.4)).toMatchObject({ predicted: 2, correct: 1 });
    expect(score(results, 0.41)).toMatchObject({ predicted: 1, correct: 0, precision: 0 });
    expect(score(results, 0.95)).toMatchObject({ predicted: 0, correct: 0, precision: 0, recall: 0 });
    expect(curve(results).map((point) => point.correct)).toEqual([...Array(9).fill(1), ...Array(11).fill(0)]);
  });

  it('judges the hunk that would be shown, which a threshold can change', async () => {
    const below = { start: 6, end: 9, newText: 'xxx', confidence: 0.2 };
    const further = { start: 12, end: 15, newText: 'yyy', confidence: 0.8 };
    const one = { ...example, current: 'new()\nold()\n\nold()\n', remaining: [{ start: 3, end: 4, lines: ['yyy()'] }] };
    const moved = { ...further, start: 13, end: 16 };
    const result = await runCase(saying([below, moved]), one, signal);
    expect([score([result], 0).correct, score([result], 0.5).correct]).toEqual([1, 1]);
    const nearer = await runCase(saying([{ ...below, confidence: 0.4 }, moved]), one, signal);
    expect([score([nearer], 0).correct, score([nearer], 0.8).correct]).toEqual([0, 1]);
  });

  it('reports per language and renders a table', async () => {
    const right = { start: 6, end: 17, newText: 'new()\nnew()', confidence: 0.4 };
    const results = [await runCase(saying([right]), example, signal)];
    const report = makeReport('saying', 0.3, results, results);
    expect(report.curves?.all?.at(-1)).toMatchObject({ threshold: 0.95, predicted: 0 });
    const more = makeReport('saying', 0.3, results, [...results, ...results]);
    expect([more.total.cases, more.curves?.python?.[0]?.cases]).toEqual([1, 2]);
    expect(report.languages.python).toMatchObject({ correct: 1, recall: 1 });
    expect(renderReport(report)).toMatch(/python +1 +1 +1 +1\.000 +1\.000/);
  });

  it('knows percentiles', () => {
    expect([percentile([], 0.5), percentile([3, 1, 2], 0.5), percentile([3, 1, 2], 0.99)]).toEqual([0, 2, 3]);
  });
});

describe('case files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cases-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(name: string, content: string | Uint8Array): Promise<NextEditCase[]> {
    const file = join(folder, name);
    await writeFile(file, content);
    const cases: NextEditCase[] = [];
    for await (const one of readCases(file)) cases.push(one);
    return cases;
  }

  it('may be packed and may have empty lines', async () => {
    const text = `${JSON.stringify(example)}\n\n${JSON.stringify(example)}\n`;
    expect(await read('a.jsonl', text)).toEqual([example, example]);
    expect(await read('a.jsonl.gz', gzipSync(text))).toEqual([example, example]);
  });

  it.each([
    ['what is not JSON', '{"id": ', /b\.jsonl:2: not JSON/],
    ['a missing field', JSON.stringify({ ...example, cursor: undefined }), /b\.jsonl:2: `cursor` is missing$/],
    [
      'a field of the wrong type',
      JSON.stringify({ ...example, history: 'x' }),
      /b\.jsonl:2: `history` must be a list of strings$/,
    ],
    [
      'lines that are not there',
      JSON.stringify({ ...example, remaining: [{ start: 3, end: 9, lines: [] }] }),
      /:2: `remaining` has lines 3 to 9/,
    ],
  ])('name the line of %s', async (_, line, message) => {
    const error = await read('b.jsonl', `${JSON.stringify(example)}\n${line}\n`).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CaseFileError);
    expect(String(error)).toMatch(message);
  });

  it('that are missing or not packed as they claim are named', async () => {
    const read = async (file: string) => {
      for await (const _ of readCases(file)) throw new Error('read');
    };
    await expect(read(join(folder, 'none.jsonl'))).rejects.toThrow(CaseFileError);
    await writeFile(join(folder, 'bad.jsonl.gz'), 'not gzip');
    await expect(read(join(folder, 'bad.jsonl.gz'))).rejects.toThrow(/bad\.jsonl\.gz is not gzip$/);
  });

  it('count the cursor in code points', () => {
    expect([utf16Offset('a😀b', 0), utf16Offset('a😀b', 2), utf16Offset('a😀b', 9)]).toEqual([0, 3, 4]);
    const at = toConversation({ ...example, current: '😀x', cursor: 1 }).target;
    expect(at).toEqual({ kind: 'cursor', offset: 2 });
  });
});

describe('conduct', () => {
  it('says how often nothing is predicted, what is kept of what is, and what only takes back', async () => {
    const idle = { ...example, id: 'idle', current: 'new()\nnew()\n', history: ['old()\nnew()\n'], remaining: [] };
    const right = { start: 6, end: 9, newText: 'new', confidence: 0.5 };
    const back = { start: 0, end: 3, newText: 'old', confidence: 0.5 };
    const other = { start: 6, end: 9, newText: 'gone', confidence: 0.5 };
    const odd = {
      ...example,
      current: 'old()\nold()\nx()\n',
      remaining: [{ start: 0, end: 2, lines: ['a()', 'b()'] }],
    };
    const half = { start: 0, end: 11, newText: 'a()\nc()', confidence: 0.5 };
    const run = async (edits: PredictedEdit[], one: NextEditCase) => runCase(saying(edits), one, signal);
    expect(conduct([await run([], example), await run([], idle)])).toEqual({
      silent: 1,
      quiet: 1,
      kept: null,
      reversal: null,
    });
    expect(conduct([await run([half], odd), await run([], example)])).toEqual({
      silent: 0.5,
      quiet: null,
      kept: 0.5,
      reversal: 0,
    });
    expect(conduct([await run([back], idle)])).toEqual({ silent: 0, quiet: 0, kept: 0, reversal: 1 });
    // A line that is there already is neither kept nor put back.
    expect(conduct([await run([right], example)])).toMatchObject({ kept: null, reversal: 0 });
    expect(conduct([await run([other], example)])).toMatchObject({ kept: 0, reversal: 0 });
  });
});
