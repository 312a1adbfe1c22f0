import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PatternEngine } from '../../server/engines/pattern/patternEngine.ts';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { defaultMinConfidence } from '../../shared/minConfidence.ts';
import { tinyCases, tinyCursorCore } from '../fixtures/tinyCursorCore.ts';
import { folderWith, type Run, runIn } from './cli.ts';

const example = {
  id: 'repo@1:a.py#1',
  lang: 'python',
  path: 'a.py',
  history: ['old(1)\nold(2)\nold(3)\n'],
  current: 'new(1)\nold(2)\nold(3)\n',
  cursor: 3,
  remaining: [{ start: 1, end: 3, lines: ['new(2)', 'new(3)'] }],
};
const lineOf = (changes: object) => `${JSON.stringify({ ...example, ...changes })}\n`;

let folder: string;
let remove: () => void;
const inFolder = (...args: string[]): Run => runIn({ cwd: folder }, 'eval', 'next-edit', ...args);

/** A text that the tiny model edits after a change, where the pattern engine stays silent. */
async function firstForTheModelAlone(): Promise<Conversation> {
  const pattern = new PatternEngine();
  for (const { conversation, expected } of tinyCases()) {
    const { history, target, instruction, current } = conversation;
    if (history.length === 0 || !target || instruction !== undefined || expected === current) continue;
    const { edits } = await pattern.predict(conversation, new AbortController().signal);
    if (edits.length === 0) return conversation;
  }
  throw new Error('the fixture has no such case');
}

beforeAll(() => {
  ({ folder, remove } = folderWith({
    'good.jsonl': lineOf({}),
    'empty.jsonl': '\n',
    'missing.jsonl': lineOf({ id: undefined }),
    'type.jsonl': lineOf({ id: 1 }),
    'nested.jsonl': lineOf({ remaining: [{ start: -1, end: 0, lines: [] }] }),
    'list.jsonl': '[]\n',
    'bad.jsonl.gz': lineOf({}),
  }));
  const packed = gzipSync(lineOf({}));
  writeFileSync(path.join(folder, 'good.jsonl.gz'), packed);
  writeFileSync(path.join(folder, 'cut.jsonl.gz'), packed.subarray(0, packed.length / 2));
});
afterAll(() => remove());

describe('eval next-edit', () => {
  it.each(['good.jsonl', 'good.jsonl.gz'])('reports on %s', (file) => {
    const { code, stdout, stderr } = inFolder(file, '--json', '--threshold', '0.5', '--limit', '1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ engines: [{ name: 'pattern', threshold: 0.5 }], total: { cases: 1 } });
  });

  it('has each engine judged by its own threshold, and asks the next one where the first is silent', async () => {
    const cache = path.join(folder, 'cache');
    const env = { CURSORCORE_CACHE: cache };
    expect(runIn({ env }, 'model', 'import', tinyCursorCore, '--name', 'tiny', '--precision', 'fp32').code).toBe(0);
    const { history, current, target } = await firstForTheModelAlone();
    const cursor = target?.kind === 'cursor' ? target.offset : 0;
    writeFileSync(path.join(folder, 'both.jsonl'), lineOf({}) + lineOf({ history, current, cursor, remaining: [] }));
    const evaluate = (...args: string[]) => {
      const { code, stdout, stderr } = runIn({ cwd: folder, env }, 'eval', 'next-edit', 'both.jsonl', ...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    const report = JSON.parse(evaluate('--engine', 'auto', '--json'));
    expect(report.total).toMatchObject({ cases: 2, predicted: 2 });
    expect(report.engines).toMatchObject([
      { name: 'pattern', threshold: defaultMinConfidence, predicted: 1, correct: 1 },
      {
        model: 'tiny',
        threshold: expect.any(Number),
        predicted: 1,
        correct: 0,
      },
    ]);
    const table = evaluate('--engine', 'auto', '--threshold', '0.01', '--curve');
    expect(table).toMatch(/^engine pattern, threshold 0\.01: asked first, 1 predicted, 1 correct$/m);
    expect(table).toMatch(/^engine \w+, model tiny, threshold 0\.01: where that is silent, 1 predicted, 0 correct$/m);
    expect(table).toMatch(/^0\.00 +2 +0\.500 +1\.000$/m);
  });

  it.each([
    [['none.jsonl'], 1, 'none.jsonl cannot be read: no such file'],
    [['.'], 1, '. cannot be read: it is a folder'],
    [['/dev/zero'], 1, '/dev/zero cannot be read: it is not a regular file'],
    [['bad.jsonl.gz'], 1, 'bad.jsonl.gz is not gzip'],
    [['cut.jsonl.gz'], 1, 'cut.jsonl.gz cannot be unpacked: unexpected end of file'],
    [['empty.jsonl'], 1, 'empty.jsonl has no cases'],
    [['missing.jsonl'], 1, 'missing.jsonl:1: `id` is missing'],
    [['type.jsonl'], 1, 'type.jsonl:1: `id` must be a string'],
    [['nested.jsonl'], 1, 'nested.jsonl:1: `remaining.0.start` must be a whole number, 0 or more'],
    [['list.jsonl'], 1, 'list.jsonl:1: a case must be an object'],
    [['good.jsonl', '--threshold', 'abc'], 2, '--threshold: expected a number, 0 to 1, but received "abc"'],
    [['good.jsonl', '--threshold', ''], 2, '--threshold: expected a number, 0 to 1, but received ""'],
    [['good.jsonl', '--threshold', '2'], 2, '--threshold: expected a number, 0 to 1, but received "2"'],
    [['good.jsonl', '--limit', '0'], 2, '--limit: expected a whole number, 1 or more, but received "0"'],
    [[], 2, 'name a file of cases, or --from-git REPOSITORY'],
    [['good.jsonl', '--from-git', '.'], 2, 'name a file of cases, or --from-git REPOSITORY'],
    [['--from-git', 'none'], 1, 'none: its history cannot be read: '],
    [['good.jsonl', '--seed', 'x'], 2, '--seed: expected a whole number, but received "x"'],
    [['good.jsonl', '--engine', 'oracle'], 2, '--engine: expected one of "auto", '],
  ])('answers %j with exit code %i and %s', (args, expected, message) => {
    const { code, stdout, stderr } = inFolder(...args);
    expect(stderr).toContain(`cursorcore-lsp eval next-edit: ${message}`);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });
});
