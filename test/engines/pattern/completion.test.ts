import { describe, expect, it } from 'vitest';
import { proposed, session } from './outcomes.ts';

const functions = 'fn one(a: &String) -> String {\n}\n\nfn two(a: &String) -> String {\n}\n';

describe('a line that is becoming what another change shows', () => {
  it('is finished', () => {
    const begun = session(functions, ['one(a: &String)', 'one(a: &str)'], ['two(a: &String)', 'two(a: &s)']);
    begun.cursor -= 1;
    expect(proposed('completion', begun)).toContain('4: fn two(a: &str) -> String {');
  });

  it('is left alone once it is that', () => {
    const done = session(functions, ['one(a: &String)', 'one(a: &str)'], ['two(a: &String', 'two(a: &str']);
    expect(proposed('completion', done)).toEqual([]);
  });

  it('goes on where the same was to be done twice on it', () => {
    const half = session('f(old);\ng(old, old);\n', ['f(old)', 'f(other)'], ['g(old', 'g(other']);
    expect(proposed('completion', half)).toEqual(['2: g(other, other);']);
  });
});
