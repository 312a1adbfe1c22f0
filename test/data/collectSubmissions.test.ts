import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Process, readRecord } from '../../server/data/records.ts';
import { ResumableOutput } from '../../server/data/resumable.ts';
import { collectSubmissions, submissionFilters } from '../../server/data/submissions/collectSubmissions.ts';
import { parseCsv } from '../../server/data/submissions/csv.ts';
import { scratch } from './repository.ts';
import { writeProblem } from './submissions.ts';

const { folder, remove } = scratch();
afterAll(remove);
let files = 0;

async function collect(place: string, filters = {}) {
  const file = path.join(folder, `out${files++}.jsonl`);
  const output = await ResumableOutput.open({ file, settings: {} });
  await collectSubmissions(place, { ...submissionFilters, ...filters }, output, { limit: 1000 });
  await output.close();
  const lines = readFileSync(file, 'utf8').split('\n');
  const processes = lines
    .filter((line) => line !== '')
    .map((line) => readRecord('process', JSON.parse(line)) as Process);
  return { processes, counts: output.counts.toJSON() };
}

const first = 'n = int(input())\nprint(n + 1)\nprint("done")\n';
const second = 'n = int(input())\nprint(n + 2)\nprint("done")\n';
const third = 'n = int(input())\nprint(n * 2)\nprint("done")\n';
const wrong = 'Wrong Answer';
const accepted = 'Accepted';

describe('submissions', () => {
  it('of one user up to the first accepted one are a process, whose message is the statement', async () => {
    const place = path.join(folder, 'good');
    const statement = '<h1>Twice</h1><script>alert(1)</script><p>Read <var>n</var> &lt; 10 and\n  print it twice.</p>';
    writeProblem(
      place,
      'p00001',
      [
        { user: 'u1', text: first, status: wrong },
        { user: 'u2', text: third, status: accepted },
        { user: 'u1', text: second, status: wrong },
        { user: 'u1', text: second, status: wrong },
        { user: 'u1', text: third.replaceAll('\n', '\r\n'), status: accepted },
        { user: 'u1', text: first, status: wrong },
        { user: 'u3', text: first, status: wrong },
      ],
      statement,
    );
    const { processes, counts } = await collect(place);
    expect(processes).toEqual([
      {
        kind: 'process',
        version: 1,
        id: 'judge:p00001:u1',
        source: 'judge',
        language: 'python',
        path: 'p00001.py',
        licence: 'unknown',
        snippets: [first, second, third],
        message: 'Twice\nRead n < 10 and\nprint it twice.',
        masked: 0,
      },
    ]);
    expect(counts).toMatchObject({ 'left out: accepted at once': 1, 'left out: never accepted': 1 });
  });

  it('that are broken are counted and left out', async () => {
    const place = path.join(folder, 'bad');
    const other = Array.from({ length: 9 }, (_, i) => `other_${i} = ${i}`).join('\n');
    writeProblem(place, 'p00002', [
      { user: 'u1', text: first, status: wrong },
      { user: 'u1', text: new Uint8Array([0xff, 0xfe, 0x41]), status: accepted },
      { user: 'u2', text: other, status: wrong },
      { user: 'u2', text: first, status: accepted },
      { user: 'u3', text: 'x\n'.repeat(20_000), status: wrong },
      { user: 'u3', text: first, status: accepted },
      { user: 'u4', text: first, status: wrong },
      { user: 'u4', text: 'int main() {}\n', status: accepted, language: 'C', extension: 'c' },
      { user: 'u5', text: first, status: wrong },
      { user: 'u5', text: second, status: accepted },
    ]);
    rmSync(path.join(place, 'data', 'p00002', 'Python', 's000000008.py'));
    writeFileSync(path.join(place, 'metadata', 'p00003.csv'), 'who,what\n1,2\n');
    mkdirSync(path.join(place, 'metadata', 'p00004.csv'));
    const { processes, counts } = await collect(place);
    expect(processes).toEqual([]);
    expect(counts).toEqual({
      'left out: not UTF-8': 1,
      'left out: was written anew': 1,
      'left out: too large': 1,
      'left out: sent in in several languages': 1,
      'left out: a submission is missing': 1,
      'problem left out: its table has not the columns that CodeNet has': 1,
      'problem left out: its table cannot be read: it is a folder': 1,
      problems: 3,
    });
  });

  it('cannot lead out of the folder', async () => {
    const place = path.join(folder, 'sly');
    writeProblem(place, 'p00005', [
      { user: 'u1', text: first, status: wrong, language: 'Python' },
      { user: 'u1', text: second, status: accepted },
    ]);
    const file = path.join(place, 'metadata', 'p00005.csv');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(',Python,', ',../../..,'));
    const { processes, counts } = await collect(place);
    expect([processes, counts]).toEqual([[], { problems: 1 }]);
  });

  it('of a folder laid out otherwise are refused with a hint', async () => {
    await expect(collect(path.join(folder, 'nowhere'))).rejects.toThrow(
      /metadata cannot be read: no such file.*CodeNet/,
    );
  });
});

it.each([
  [
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,"b, ""c"""\r\n\r\n,\n',
    [
      ['a', 'b, "c"'],
      ['', ''],
    ],
  ],
  ['a,b', [['a', 'b']]],
  ['"never closed\n1,2\n', [['"never closed'], ['1', '2']]],
  ['', []],
])('the table %j has the rows %j', (text, rows) => {
  expect(parseCsv(text)).toEqual(rows);
});
