import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidatesOf, proposed, session } from './outcomes.ts';

describe('likeLine', () => {
  it('puts a line above the next like definition (Python), and not where lines are like in less', () => {
    const before =
      'class A:\n    def one(self):\n        x(1)\n\n    def two(self, q):\n        return 2\n\n    def three(self):\n        pass\n\n\ndef other():\n    pass\n';
    const steps = session(
      before,
      ['    def one', '    @cached\n    def one'],
      ['    def two', '    @cached\n    def two'],
    );
    expect(proposed('likeLine', steps)).toEqual(['10+:     @cached']);
    const rust =
      'struct P {\n    pub name: String,\n    pub words: Vec<String>,\n    pub tags: Vec<String>,\n    pub ids: Vec<String>,\n}\n';
    const added = session(
      rust,
      ['    pub words', '    #[serde(default)]\n    pub words'],
      ['    pub tags', '    #[serde(default)]\n    pub tags'],
    );
    expect(proposed('likeLine', added)).toEqual(['7+:     #[serde(default)]']);
  });

  it('says what the line says in the words of its place (JavaScript)', () => {
    const before =
      'function open(path) {\n  go(path);\n}\n\nfunction close(file) {\n  stop(file);\n}\n\nfunction remove(dir) {\n  rm(dir);\n}\n';
    const steps = session(
      before,
      ['open(path) {\n', "open(path) {\n  trace('open');\n"],
      ['close(file) {\n', "close(file) {\n  trace('close');\n"],
    );
    expect(proposed('likeLine', steps)).toEqual(["12+:   trace('remove');"]);
  });

  it('puts blank lines between the like lines of a table (YAML)', () => {
    const before = 'a:\n  x: 1\nb:\n  y: 2\nc:\n  z: 3\nd:\n  w: 4\n';
    expect(proposed('likeLine', session(before, ['b:', '\nb:'], ['c:', '\nc:']))).toEqual(['9+: ']);
  });

  it('deletes calls whatever their arguments, over several lines, too', () => {
    const before = `function f(a) {
  console.log('start', a);
  console.log(a.b);
  console.warn(a);
  console.log({
    a,
    text: ')',
  });
  return a;
}
`;
    const one = session(before, ["  console.log('start', a);\n", '']);
    expect(proposed('likeLine', one)).toEqual(['2: ', '4: ']);
    const two = session(before, ["  console.log('start', a);\n", ''], ['  console.log(a.b);\n', '']);
    expect(proposed('likeLine', two)).toEqual(['3: ']);
    expect(candidatesOf('likeLine', two)[0]?.end).toBe(6);
  });

  it('deletes annotations of one name, but no import', () => {
    const before =
      'import org.junit.Ignore;\n\n    @Ignore("slow")\n    void one() {}\n\n    @Ignore\n    void two() {}\n\n    @Ignore("see 12")\n    void three() {}\n';
    const steps = session(before, ['    @Ignore("slow")\n', ''], ['    @Ignore\n', '']);
    expect(proposed('likeLine', steps)).toEqual(['7: ']);
  });

  it('does not take assignments and keywords for the same', () => {
    const before = 'let a = 1;\nlet b = 2;\nlet c = 3;\nreturn a;\nreturn b;\nreturn c;\n';
    expect(proposed('likeLine', session(before, ['let a = 1;\n', ''], ['let b = 2;\n', '']))).toEqual([]);
    expect(proposed('likeLine', session(before, ['return a;\n', ''], ['return b;\n', '']))).toEqual([]);
  });

  it('inserts with the indentation of the place', () => {
    const indent = fc.constantFrom('', '  ', '\t', '    ');
    fc.assert(
      fc.property(indent, fc.integer({ min: 3, max: 6 }), (tab, count) => {
        const heads = Array.from({ length: count }, (_, i) => `${tab}func t${i}() {\n${tab}\tgo(${i})\n${tab}}\n`);
        const steps = session(
          heads.join('\n'),
          [`${tab}func t0`, `${tab}// test\n${tab}func t0`],
          [`${tab}func t1`, `${tab}// test\n${tab}func t1`],
        );
        const made = candidatesOf('likeLine', steps);
        expect(made).toHaveLength(count - 2);
        for (const { start, end, lines } of made) {
          expect([start, lines]).toEqual([end, [`${tab}// test`]]);
          expect(steps.current.split('\n')[start]).toMatch(/^\s*func t\d/);
        }
      }),
      { numRuns: 30 },
    );
  });
});
