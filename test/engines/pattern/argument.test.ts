import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callsIn } from '../../../server/engines/pattern/calls.ts';
import { candidatesOf, proposed, session } from './outcomes.ts';

/** Only the lines, without where they stand. */
const texts = (...args: Parameters<typeof session>) =>
  proposed('argument', session(...args)).map((text) => text.replace(/^\d+\+?: /, ''));

describe('argument', () => {
  it('reaches calls over several lines, several on a line, and within others (Python)', () => {
    const before = `def load(path, mode):
    pass

def main(verbose):
    load(
        "x",
        "r",
    )
    both(load("y", "w"), load("z", f(1, 2)))
`;
    expect(proposed('argument', session(before, ['path, mode)', 'path, mode, verbose)']))).toEqual([
      '8+:         verbose,',
      '9:     both(load("y", "w", verbose), load("z", f(1, 2), verbose))',
    ]);
  });

  it('passes what is in view, else what the type says (Rust, Go)', () => {
    const rust = 'fn draw(x: i32) {\n}\n\nfn main() {\n    draw(1);\n}\n';
    expect(texts(rust, ['x: i32', 'x: i32, fill: bool'])).toEqual(['    draw(1, fill);', '    draw(1, false);']);
    const go = 'package a\n\nfunc get(id int) {\n}\n\nfunc all(ctx context.Context) {\n\tif get(2) {\n\t}\n}\n';
    expect(texts(go, ['id int', 'ctx context.Context, id int'])).toEqual(['\tif get(ctx, 2) {']);
  });

  it('declares the parameter where the method is overridden (Java), and leaves the receiver alone (Python)', () => {
    const java =
      'interface S {\n    double area();\n}\n\nclass C implements S {\n    public double area() {\n        return 1;\n    }\n}\n';
    expect(texts(java, ['area()', 'area(double scale)'])).toEqual(['    public double area(double scale) {']);
    const python =
      'class A:\n    def run(self, x):\n        pass\n\nclass B(A):\n    def run(self, x):\n        pass\n\na.run(1)\n';
    expect(texts(python, ['(self, x)', '(self, x, dry)'])).toEqual(['    def run(self, x, dry):', 'a.run(1, dry)']);
  });

  it('goes from a constructor to where the class is made', () => {
    const before = 'class Pet {\n  constructor(name) {\n  }\n}\nconst a = new Pet("x");\n';
    expect(texts(before, ['(name)', '(name, age)'])).toEqual(['const a = new Pet("x", age);']);
  });

  it('asks nothing of calls when the parameter has a default', () => {
    expect(texts('def go(a):\n    pass\n\ngo(1)\n', ['go(a)', 'go(a, b=2)'])).toEqual([]);
    expect(texts('function go(a: A) {\n}\n\ngo(1);\n', ['go(a: A)', 'go(a: A, b?: B)'])).toEqual([]);
  });

  it('takes from one call to the next what was put in, named or not', () => {
    const before = 'await i.Run("a");\nawait i.Run("b");\ncheck("1", 2);\ncheck("2", 3);\n';
    expect(texts(before, ['Run("a")', 'Run("a", skip: true)'])).toEqual(['await i.Run("b", skip: true);']);
    expect(texts(before, ['check("1"', 'check(t, "1"'])).toEqual(['check(t, "2", 3);']);
  });

  it('passes by name where the call does (Swift)', () => {
    const before = 'func walk(node: N) {\n}\nwalk(node: root)\n';
    expect(texts(before, ['node: N)', 'node: N, depth: Int)'])).toEqual([
      'walk(node: root, depth: depth)',
      'walk(node: root, depth: 0)',
    ]);
  });

  it('takes arguments out, on lines of their own, too, and moves them', () => {
    const before =
      'void save(String a, boolean b, int c) {\n}\nvoid t() {\n    save("x", true, 1);\n    save(\n        "y",\n        false,\n        2\n    );\n}\n';
    expect(proposed('argument', session(before, ['boolean b, ', '']))).toEqual(['4:     save("x", 1);', '7: ']);
    const pad = 'function pad(n, text) {\n}\npad(3, "a, b");\nx(pad(4, f(1, 2)));\n';
    expect(texts(pad, ['n, text', 'text, n'])).toEqual(['pad("a, b", 3);', 'x(pad(f(1, 2), 4));']);
  });

  it('keeps what the calls had, whatever their arguments are', () => {
    const value = fc.constantFrom<string>(
      'a',
      '"x, y"',
      'f(1, g())',
      '[1, 2]',
      "'('",
      'b.c',
      '{ a: 1 }',
      '`)`',
      'x => y',
    );
    const eol = fc.constantFrom(', ', ',\n    ');
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), eol, fc.nat(4), (args, comma, at) => {
        const names = args.map((_, i) => `p${i}`);
        const position = Math.min(at, names.length);
        const more = names.toSpliced(position, 0, 'extra');
        const call = (list: readonly string[]) => `go(${list.join(comma)});`;
        const before = `function go(${names.join(', ')}) {\n}\n${call(args)}\n`;
        const steps = session(before, [`(${names.join(', ')})`, `(${more.join(', ')})`]);
        const [made] = candidatesOf('argument', steps);
        expect(made).toBeDefined();
        if (!made) return;
        const lines = steps.current.split('\n').toSpliced(made.start, made.end - made.start, ...made.lines);
        const found = callsIn(lines, 2, lines.length, 'go').map((one) => one.args.map(({ text }) => text));
        expect(found).toEqual([args.toSpliced(position, 0, 'extra')]);
      }),
    );
  });
});
