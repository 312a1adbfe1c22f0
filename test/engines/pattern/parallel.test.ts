import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidatesOf, proposed, session } from './outcomes.ts';

describe('parallel', () => {
  it('gives a member of an enumeration its arm, of several lines, with its label (TypeScript)', () => {
    const before = `enum Status {
  Draft = 'draft',
  Live = 'live',
}
switch (status) {
  case Status.Draft:
    return 'Draft';
  case Status.Live:
    return 'Live';
  default:
    return '';
}
`;
    expect(proposed('parallel', session(before, ["  Live = 'live',\n", "  Live = 'live',\n  Old = 'old',\n"]))).toEqual(
      ["11+:   case Status.Old:\n    return 'Old';"],
    );
  });

  it('leaves the brackets of the switch where they are (Swift), and indents with tabs where tabs are (Go)', () => {
    const swift =
      'enum P {\n    case low\n    case high\n    var t: S {\n        switch self {\n        case .low:\n            return "Low"\n        case .high:\n            return "High"\n        }\n    }\n}\n';
    expect(proposed('parallel', session(swift, ['case high\n', 'case high\n    case top\n']))).toEqual([
      '11+:         case .top:\n            return "Top"',
    ]);
    const go =
      'const (\n\tLow L = iota\n\tMid\n\tHigh\n)\n\nswitch l {\ncase Mid:\n\treturn "mid"\ncase High:\n\treturn "high"\n}\n';
    expect(proposed('parallel', session(go, ['\tHigh\n', '\tHigh\n\tTop\n']))).toEqual([
      '13+: case Top:\n\treturn "top"',
    ]);
  });

  it('adds an arm of one line and an item of a list (Rust)', () => {
    const before =
      'enum C {\n    Red,\n    Green,\n}\nmatch self {\n    C::Red => "red",\n    C::Green => "green",\n}\nconst ALL: [C; 2] = [C::Red, C::Green];\n';
    expect(proposed('parallel', session(before, ['    Green,\n', '    Green,\n    Blue,\n']))).toEqual([
      '9+:     C::Blue => "blue",',
      '10: const ALL: [C; 2] = [C::Red, C::Green, C::Blue];',
    ]);
  });

  it('takes members on one line, and names made of theirs (a union of strings)', () => {
    const before =
      "type Kind = 'circle' | 'square';\n\nswitch (k) {\n  case 'circle':\n    return circleArea();\n  case 'square':\n    return squareArea();\n}\n";
    expect(proposed('parallel', session(before, ["| 'square'", "| 'square' | 'oval'"]))).toEqual([
      "8+:   case 'oval':\n    return ovalArea();",
    ]);
  });

  it('rewords a word in quotes though it is a word of the language elsewhere (C)', () => {
    const before =
      'enum kind {\n    TOKEN_NUMBER,\n    TOKEN_STRING,\n};\n\nnames[] = {\n    [TOKEN_NUMBER] = "number",\n    [TOKEN_STRING] = "string",\n};\n';
    expect(
      proposed('parallel', session(before, ['    TOKEN_STRING,\n', '    TOKEN_STRING,\n    TOKEN_COMMENT,\n'])),
    ).toEqual(['10+:     [TOKEN_COMMENT] = "comment",']);
  });

  it('puts a new first or middle member before its neighbour’s unit where only that one is known', () => {
    const before = 'enum E {\n  Beta,\n  Gamma,\n}\n\nf(\n  E.Beta,\n  E.Gamma,\n)\n';
    expect(proposed('parallel', session(before, ['  Beta,\n', '  Alpha,\n  Beta,\n']))).toEqual(['8+:   E.Alpha,']);
  });

  it('counts on, and gives the last entry the comma it lacked (Python)', () => {
    const before =
      'class S(Enum):\n    OPEN = 1\n    DONE = 2\n\nLABELS = {\n    S.OPEN: "Open",\n    S.DONE: "Done"\n}\n';
    expect(proposed('parallel', session(before, ['    DONE = 2\n', '    DONE = 2\n    LATE = 3\n']))).toEqual([
      '8:     S.DONE: "Done",\n    S.LATE: "Late"',
    ]);
  });

  it('takes a field to the constructor with its type, to its assignment and to the text (Java)', () => {
    const before = `class P {
    private final String name;
    private final String city;

    P(String name, String city) {
        this.name = name;
        this.city = city;
    }
}
`;
    const field = ['city;\n\n', 'city;\n    private final int age;\n\n'] as const;
    expect(proposed('parallel', session(before, field))).toEqual([
      '6:     P(String name, String city, int age) {',
      '9+:         this.age = age;',
    ]);
  });

  it('takes a column to the statements, with its placeholder (SQL in Go)', () => {
    const before =
      'type U struct {\n\tName string\n\tCity string\n}\n\ndb.Exec("INSERT INTO u (name, city) VALUES (?, ?)", u.Name, u.City)\ndb.Query("SELECT name, city FROM u")\n';
    expect(proposed('parallel', session(before, ['\tCity string\n', '\tCity string\n\tZip string\n']))).toEqual([
      '7: db.Exec("INSERT INTO u (name, city, zip) VALUES (?, ?, ?)", u.Name, u.City)',
      '8: db.Query("SELECT name, city, zip FROM u")',
    ]);
  });

  it('says nothing where the neighbours do not stand side by side, or the member is there already', () => {
    const apart = 'enum E {\n  A1,\n  B1,\n}\n\nuse(E.A1);\nother();\nfoo(bar, E.B1, baz);\n';
    expect(proposed('parallel', session(apart, ['  B1,\n', '  B1,\n  C1,\n']))).toEqual([]);
    const there = 'enum E {\n  One,\n  Two,\n}\n\ncase One:\ncase Two:\ncase Six:\n';
    expect(proposed('parallel', session(there, ['  Two,\n', '  Two,\n  Six,\n']))).toEqual([]);
  });

  it('only inserts: what stood there stays', () => {
    const name = fc.constantFrom('alpha', 'betaRay', 'gamma_x', 'Delta', 'EPS', 'zeta2');
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 4, maxLength: 4 }),
        fc.constantFrom('  ', '\t'),
        ([a = '', b = '', c = '', d = ''], tab) => {
          const unit = (n: string) => `${tab}case E.${n}:\n${tab}${tab}return "${n}";\n`;
          const list = (n: string) => `${tab}${n},\n`;
          const rest = `}\nswitch (e) {\n${unit(a)}${unit(b)}${unit(c)}}\nf(${a}, ${b}, ${c});\n`;
          const before = `enum E {\n${list(a)}${list(b)}${list(c)}${rest}`;
          const steps = session(before, [list(c), list(c) + list(d)]);
          for (const { start, end, lines } of candidatesOf('parallel', steps)) {
            const old = steps.current.split('\n').slice(start, end).join('');
            let at = 0;
            for (const char of lines.join('')) if (char === old[at]) at++;
            expect(at).toBe(old.length);
          }
          expect(proposed('parallel', steps).join('\n')).toContain(unit(d).trimEnd());
        },
      ),
      { numRuns: 60 },
    );
  });
});
