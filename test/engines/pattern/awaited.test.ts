import { describe, expect, it } from 'vitest';
import { proposed, session } from './outcomes.ts';

describe('awaited', () => {
  it.each([
    [
      'functions (JavaScript)',
      'function load(x) {\n}\nasync function all() {\n  const a = load(1);\n  use(load(2).size, load);\n}\n',
      ['function load', 'async function load'],
      ['4:   const a = await load(1);', '5:   use((await load(2)).size, load);'],
    ],
    [
      'methods, which keep their owner (TypeScript)',
      'class A {\n  get(id: string): T {\n  }\n  two() {\n    return [this.get("a"), await this.get("b")];\n  }\n}\n',
      ['  get(', '  async get('],
      ['5:     return [await this.get("a"), await this.get("b")];'],
    ],
    [
      'functions bound to a name',
      'const load = (x) => x;\nload(1);\nload(2).then(f);\n',
      ['= (x)', '= async (x)'],
      ['2: await load(1);'],
    ],
    [
      'functions (Python)',
      'def load(x):\n    pass\n\nasync def main():\n    return load(1)\n',
      ['def load', 'async def load'],
      ['5:     return await load(1)'],
    ],
    [
      'functions (Rust)',
      'fn load(x: i32) {\n}\nasync fn main() {\n    let a = load(1);\n}\n',
      ['fn load', 'async fn load'],
      ['4:     let a = load(1).await;'],
    ],
  ] as const)('makes calls wait: %s', (_, before, step, wanted) => {
    expect(proposed('awaited', session(before, step))).toEqual(wanted);
  });
});
