// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what interpolates in many languages
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextKinds, textKind } from '../../../server/engines/pattern/textKinds.ts';

/** A text with `s` for what is in strings and `c` for what is in comments; white space and code as they are. */
function masked(languageId: string, text: string, from = 0): string {
  const lines = text.split('\n');
  const kinds = new TextKinds(lines, languageId, from);
  const mask = (char: string, line: number, column: number) => {
    if (/\s/.test(char)) return char;
    const kind = kinds.at(line, column);
    return kind === textKind.string ? 's' : kind === textKind.comment ? 'c' : char;
  };
  return lines
    .map((line, at) => Array.from({ length: line.length }, (_, i) => mask(line.charAt(i), at, i)).join(''))
    .join('\n');
}

describe('line and block comments', () => {
  it.each([
    ['typescript', 'a(); // b "c"', 'a(); cc c ccc'],
    ['typescript', 'a(/* b */ c); /* d', 'a(cc c cc c); cc c'],
    ['unheard-of', 'a(); // b', 'a(); cc c'],
    ['go', 'a() // b', 'a() cc c'],
    ['python', 'a = 1  # b', 'a = 1  c c'],
    ['shellscript', 'a=${#b} # c', 'a=${#b} c c'],
    ['yaml', 'a: b#c # d', 'a: b#c c c'],
    ['toml', 'a = 1 # b', 'a = 1 c c'],
    ['ruby', 'a # b', 'a c c'],
    ['powershell', 'a <# b #> c', 'a cc c cc c'],
    ['nix', 'a /* b */ # c', 'a cc c cc c c'],
    ['kotlin', 'a() // b', 'a() cc c'],
    ['php', '$a; # b\n$c; // d', '$a; c c\n$c; cc c'],
    ['rust', 'a(); /// b\n#[derive(A)]', 'a(); ccc c\n#[derive(A)]'],
    ['c', '#define A 1 /* b */ + c', '#define A 1 cc c cc + c'],
    ['css', 'a { b: url(//c); } /* d */', 'a { b: url(//c); } cc c cc'],
    ['scss', '$a: 1; // b', '$a: 1; cc c'],
    ['sql', 'SELECT a -- b', 'SELECT a cc c'],
    ['lua', 'a() -- b', 'a() cc c'],
    ['haskell', 'a = b {- c -} -- d', 'a = b cc c cc cc c'],
    ['html', '<a> <!-- b --> </a>', '<a> cccc c ccc </a>'],
    ['vue', '<a/> <!-- b -->\nc() // d', '<a/> cccc c ccc\nc() cc c'],
    ['markdown', 'a <!-- b --> # c', 'a cccc c ccc # c'],
    ['clojure', '(a) ; b', '(a) c c'],
    ['ini', '; a\n# b\nc = d;e', 'c c\nc c\nc = d;e'],
  ])('%s: %s', (language, text, wanted) => {
    expect(masked(language, text)).toBe(wanted);
  });

  it.each([
    ['typescript', '/*\n a "b\n*/ c', 'cc\n c cc\ncc c'],
    ['lua', '--[[ a\nb ]] c', 'cccc c\nc cc c'],
    ['haskell', '{- a\nb -} c', 'cc c\nc cc c'],
    ['html', '<!--\n"a\n-->\n"b"', 'cccc\ncc\nccc\nsss'],
    ['css', '/* a\n*/\nb {}', 'cc c\ncc\nb {}'],
  ])('%s over several lines: %j', (language, text, wanted) => {
    expect(masked(language, text)).toBe(wanted);
  });
});

describe('strings', () => {
  it.each([
    ['typescript', `a("b", 'c', \`d\`)`, 'a(sss, sss, sss)'],
    ['typescript', '"a // b" + "c \\" d" + e', 'ss ss ss + ss ss ss + e'],
    ['python', `a(b'c', rb"d", f'e')`, 'a(bsss, rbsss, fsss)'],
    ['sql', `SELECT "a" FROM b WHERE c = 'd''e'`, 'SELECT "a" FROM b WHERE c = ssssss'],
    ['rust', `'"' => "a", b'"' => r#"b "c" d"#`, 'sss => sss, bsss => ssss sss sss'],
    [
      'rust',
      `fn a<'b>(c: &'b str) -> &'b str { '\\n'; '\\u{41}' }`,
      `fn a<'b>(c: &'b str) -> &'b str { ssss; ssssssss }`,
    ],
    ['haskell', `a' = b' "c" 'd'`, `a' = b' sss sss`],
    ['c', `a['"'] = L'\\'' + "b"`, 'a[sss] = Lssss + sss'],
    ['scheme', '(a #\\" b "c")', '(a #\\" b sss)'],
    ['toml', `a = "b" # 'c'`, 'a = sss c ccc'],
    ['html', `<a b="c">it's d's</a>`, `<a b=sss>it's d's</a>`],
    ['markdown', `"a" isn't 'b'`, `"a" isn't 'b'`],
  ])('%s: %s', (language, text, wanted) => {
    expect(masked(language, text)).toBe(wanted);
  });

  it.each([
    ['go', '`a\n"b` + c', 'ss\nsss + c'],
    ['go', '`a\\` + b', 'ssss + b'],
    ['typescript', '`a \\` b\nc` + d', 'ss ss s\nss + d'],
    ['python', '"""a\n# b"""\nc', 'ssss\ns ssss\nc'],
    ['python', "'''a\n\\'''b'''\nc", 'ssss\nssssssss\nc'],
    ['toml', 'a = """\n# b\n"""\nc = 1', 'a = sss\ns s\nsss\nc = 1'],
    ['elixir', '@doc """\na # b\n"""\ndef c', '@doc sss\ns s s\nsss\ndef c'],
    ['java', 'a = """\n  b // c\n  """ + d', 'a = sss\n  s ss s\n  sss + d'],
    ['swift', '"""\na\n""" + b', 'sss\ns\nsss + b'],
    ['lua', 'a = [[ b\nc ]] .. d', 'a = ss s\ns ss .. d'],
    ['nix', "a = ''\n  b \"c\n''; d", 'a = ss\n  s ss\nss; d'],
    ['clojure', '(defn a\n  "b\n  c \\" d"\n  [e])', '(defn a\n  ss\n  s ss ss\n  [e])'],
  ])('%s over several lines: %j', (language, text, wanted) => {
    expect(masked(language, text)).toBe(wanted);
  });

  it.each([
    ['javascript', 'a.replace(/`/g, b) + "c"', 'a.replace(ssss, b) + sss'],
    ['typescript', `a.split(/["']/)`, 'a.split(ssssss)'],
    ['typescript', 'a = /[/"]/; b = c / d / e', 'a = ssssss; b = c / d / e'],
    ['typescriptreact', '<a b={c} /> + "d"', '<a b={c} /> + sss'],
  ])('%s has quotes in regular expressions: %s', (language, text, wanted) => {
    expect(masked(language, text)).toBe(wanted);
  });
});

describe('apostrophes', () => {
  it.each([
    ['yaml', "a: don't b won't"],
    ['yaml', "a: the chef's table isn't"],
    ['ruby', "puts isn't # "],
    ['typescriptreact', "<p>It’s the users’, isn't it</p>"],
    ['unheard-of', 'a = b" + c'],
    ['julia', "a' * b'"],
  ])('%s: %s is code', (language, text) => {
    const code = text.replace(/#.*/, '');
    expect(masked(language, text).slice(0, code.length)).toBe(code);
  });
});

describe('what is interpolated is code', () => {
  it.each([
    ['typescript', '`a ${b({ c })} {d}`', 'ss ${b({ c })} ssss'],
    ['typescript', '`\n${a} b\n`', 's\n${a} s\ns'],
    ['python', 'f"a {b["c"]} d"', 'fss {b["c"]} ss'],
    ['python', `f"{a} {{b}}" "{c}" rf'{d.e!r:>4}'`, 'fs{a} ssssss sssss rfs{d.e!r:>4}s'],
    ['python', 'f"""\n{a} b\n"""\n"""\n{c}\n"""', 'fsss\n{a} s\nsss\nsss\nsss\nsss'],
    ['csharp', '$"{a} b" + $@"{c}" + "{d}"', '$s{a} ss + $@s{c}s + sssss'],
    ['kotlin', '"$a b ${c.d}"', 's$a s ${c.d}s'],
    ['dart', "'$a ${b}'", 's$a ${b}s'],
    ['swift', '"a \\(b(c)) d"', 'ss \\(b(c)) ss'],
    ['ruby', '"a #{b}" # c', 'ss #{b}s c c'],
    ['shellscript', `"$a \${b}" '$c \${d}'`, `s$a \${b}s sss sssss`],
    ['php', `"$a {$b}" . '$c'`, `s$a {$b}s . ssss`],
    ['rust', '"{a} {} {{b}} {c:?}"', 's{a} ss sssss {c:?}s'],
    ['typescript', '`a ${b ? `c` : d}`', 'ss ${b ? `c` : d}s'],
    ['ruby', `"#{a.join(", ")}" + '#{b}'`, `s#{a.join(", ")}s + ssssss`],
    ['kotlin', '"${a["b"]}" + c', 's${a["b"]}s + c'],
    ['python', `r'\\(a\\)' + "\${b}"`, 'rsssssss + ssssss'],
    ['julia', '"$a $(b)"', 's$a $(b)s'],
    ['scss', '"#{$a}" + \'b\'', 's#{$a}s + sss'],
    ['yaml', 'a: "${b}"', 'a: s${b}s'],
    ['makefile', 'a: "$(b)" # c', 'a: s$(b)s c c'],
    ['svelte', '<a class="b {c}">', '<a class=ss {c}s>'],
    ['scala', 's"$a"', 'ss$as'],
  ])('%s: %s', (language, text, wanted) => {
    expect(masked(language, text)).toBe(wanted);
  });
});

describe('any text', () => {
  const languages =
    'typescript python shellscript powershell ruby kotlin dart php rust java c css sql lua haskell html vue svelte markdown ' +
    'clojure ini nix go toml unheard-of constructor';
  const piece = fc.constantFrom(
    ...`" ' \` """ ''' // /* */ # -- --[[ [[ ]] {- -} <!-- --> ; \\ \${ #{ \\( ) { } $ f" r#" "# / é 😀 \uD83D`.split(
      ' ',
    ),
    ...['\n', ' ', 'a', 'b1', '\t', '\r'],
  );
  const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

  it('has a kind everywhere, the same in whatever order it is asked for, and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...languages.split(' ')), text, fc.nat(5), (language, some, from) => {
        const lines = some.split('\n');
        const [down, up] = [new TextKinds(lines, language, from), new TextKinds(lines, language, from)];
        const places = lines.flatMap((line, at) => Array.from({ length: line.length + 2 }, (_, i) => [at, i] as const));
        const there = places.map(([line, column]) => down.at(line, column));
        const back = places.toReversed().map(([line, column]) => up.at(line, column));
        expect(back.toReversed()).toEqual(there);
        for (const kind of there) expect([0, 1, 2]).toContain(kind);
        expect(down.at(lines.length + 3, 0)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['"${'.repeat(30_000), "'/".repeat(50_000), '`{'.repeat(50_000), '/['.repeat(50_000), "f'{".repeat(40_000)])(
    'may be one long line: %#',
    (line) => {
      for (const language of languages.split(' '))
        expect(new TextKinds([line, 'a'], language).at(1, 0)).toBeGreaterThanOrEqual(0);
    },
  );

  it('is code above the line it is read from', () => {
    expect(masked('typescript', '"a"\n/* b\nc */ "d"', 2)).toBe('"a"\n/* b\nc */ sss');
  });
});
