import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import picocolors from 'picocolors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showDiff, wantsColors } from '../../server/commands/showDiff.ts';
import { folderWith } from './cli.ts';

const colors = picocolors.createColors(false);

describe('wantsColors', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ CI: 'true' }, false, false],
    [{ CI: 'true' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('with %j and isTTY %j is %j', (env, isTTY, expected) => {
    expect(wantsColors(env, { isTTY })).toBe(expected);
  });
});

describe('showDiff', () => {
  let folder: string;
  let remove: () => void;
  beforeAll(() => {
    ({ folder, remove } = folderWith({}));
  });
  afterAll(() => remove());

  /** What `git apply` makes of `before` with the diff to `after`. */
  function applied(name: string, before: string, after: string, context: number): string {
    const file = path.join(folder, name);
    writeFileSync(file, before);
    const { stderr, status } = spawnSync('git', ['apply', '-p0', '--unidiff-zero', '--whitespace=nowarn'], {
      cwd: folder,
      input: showDiff(name, before, after, { colors, isTerminal: false, context }),
      encoding: 'utf8',
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CEILING_DIRECTORIES: folder,
      },
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return readFileSync(file, 'utf8');
  }

  it.each([
    ['an insertion', 'a\nb\nc\n', 'a\nnew\nb\nc\n'],
    ['an insertion at the top', 'a\nb\n', 'new\na\nb\n'],
    ['an insertion at the end', 'a\nb\n', 'a\nb\nnew\n'],
    ['a deletion', 'a\nb\nc\n', 'a\nc\n'],
    ['CRLF', 'a\r\nb\r\nc\r\n', 'a\r\nB\r\nc\r\n'],
    ['no final newline', 'a\nb', 'a\nc'],
  ])('is what git applies: %s', (_, before, after) => {
    for (const context of [0, 3]) expect(applied('na me.txt', before, after, context)).toBe(after);
  });

  it('is what git applies, whatever the texts', () => {
    const line = fc.constantFrom('a', 'b', 'c', '', '+', '-x', ' ', 'é');
    const text = fc
      .tuple(fc.array(line, { minLength: 1, maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
      .map(([lines, end, closed]) => lines.join(end) + (closed ? end : ''))
      .filter((text) => text !== '');
    fc.assert(
      fc.property(text, text, fc.constantFrom(0, 1, 3), (before, after, context) => {
        fc.pre(before !== after);
        expect(applied('text', before, after, context)).toBe(after);
      }),
      { numRuns: 60 },
    );
  });

  it('names the line before an insertion, as diff does', () => {
    expect(showDiff('f', 'a\nb\n', 'a\nnew\nb\n', { colors, context: 0, bare: true })).toBe('@@ -1,0 +2,1 @@\n+new\n');
  });

  it('keeps a terminal from seeing carriage returns', () => {
    const diff = showDiff('f', 'a\r\nb\r\n', 'a\r\nc\r\n', { colors, isTerminal: true, bare: true });
    expect(diff).toBe('@@ -1,2 +1,2 @@\n a\n-b\n+c\n');
  });
});
