import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/editors.md', 'utf8');
const cells = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .slice(1)
  .flatMap((line) => line.split('|').slice(2, -1))
  .map((cell) => cell.trim());
const tests = [...page.matchAll(/^- \[(\w+)\] (\S+): "(.+?)"(?: \(.*\))?$/gm)].map(([, key, file = '', name]) => ({
  key,
  file: file.includes('/') ? file : path.join('test/editors', file),
  name,
}));
const keysOf = (cell: string) => [...cell.matchAll(/\[(\w+)\]/g)].map(([, key]) => key);

describe('the table of editors', () => {
  it('has one of three answers in each place, a test behind each ✓, and none that is not used', () => {
    expect(cells.filter((cell) => !/^(✓( \[\w+\])+|no|not run( \[\w+\])?)$/.test(cell))).toEqual([]);
    const named = new Set(cells.flatMap(keysOf));
    expect([...named].sort()).toEqual(tests.map(({ key }) => key).sort());
  });

  it.each(tests)('$key is a test that there is: $name', ({ file, name }) => {
    expect(existsSync(file)).toBe(true);
    const source = readFileSync(file, 'utf8');
    expect(
      ['test', 'it'].some((word) =>
        new RegExp(`${word}(\\.each\\([^)]*\\))?\\(\\s*(['"\`])${escaped(name ?? '')}\\2`).test(source),
      ),
    ).toBe(true);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
