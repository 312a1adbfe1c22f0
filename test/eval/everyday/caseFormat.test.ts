import { describe, expect, it } from 'vitest';
import { parseCases } from '../../../server/eval/everyday/caseFormat.ts';
import { applyChange } from '../../../server/eval/everyday/everydayCase.ts';

const parse = (text: string) => parseCases(text, 'kind', 'kind.cases');
/** The case with this text. */
function compile(text: string, words = '') {
  const [example] = parse(`=== an-id python a.py${words}\n${text}\n`);
  if (!example) throw new Error('no case');
  return example;
}
/** The texts that the user leaves after each step. */
function texts({ before, steps }: ReturnType<typeof compile>): string[] {
  let text = before;
  return steps.map((step) => {
    for (const change of step) text = applyChange(text, change);
    return text;
  });
}

describe('the format of everyday cases', () => {
  it('has edits, sites and notes', () => {
    expect(compile(': Why.\n: Indeed.\n«a→left» = 1\nprint(⟦a→left⟧)')).toEqual({
      id: 'an-id',
      kind: 'kind',
      lang: 'python',
      path: 'a.py',
      want: 'edits',
      mode: 'edits',
      before: 'a = 1\nprint(a)\n',
      steps: [[{ start: 0, end: 1, text: 'left', mode: 't' }]],
      after: 'left = 1\nprint(a)\n',
      cursor: 4,
      sites: [{ start: 15, end: 16, alts: ['left'], optional: false }],
      expect: [{ start: 1, end: 2, lines: ['print(left)'] }],
      lines: 3,
    });
  });

  it('takes edits in reading order, each a step', () => {
    expect(texts(compile('«a→b» «a→b» ⟦a→b⟧'))).toEqual(['b a a\n', 'b b a\n']);
  });

  it('takes numbered edits in the order of their numbers, equal ones in one step', () => {
    const example = compile('«#2 a→b» «#1 a→b» «#2p a→b» ⟦a→b⟧');
    expect(texts(example)).toEqual(['a b a a\n', 'b b b a\n']);
    expect(example.steps.map((step) => step.map(({ mode }) => mode))).toEqual([['t'], ['t', 'p']]);
  });

  it('takes a mode without a number, and # as text', () => {
    const example = compile('«#b a→b» «#333→#222» «# A→## A» ⟦a→b⟧');
    expect(example.before).toBe('a #333 # A a\n');
    expect(example.steps.flat().map(({ mode }) => mode)).toEqual(['b', 't', 't']);
  });

  it('takes a place that changes twice, and changes inside what was pasted', () => {
    expect(texts(compile('x = «1→2→1»', ' silence'))).toEqual(['x = 2\n', 'x = 1\n']);
    const example = compile('a()\n«#1p →def «#2 a→b»():\n    ⟦a→b⟧()\n»end');
    expect(texts(example)).toEqual(['a()\ndef a():\n    a()\nend\n', 'a()\ndef b():\n    a()\nend\n']);
    expect(example.sites).toMatchObject([{ start: 17, end: 18 }]);
    expect(example.cursor).toBe(9);
  });

  it('has optional sites, alternatives, insertions and deletions', () => {
    const { sites, after, expect: hunks } = compile('«a→b»\n⟦a⇢b⟧\nx⟦→\ny⟧\n⟦z\n→⟧⟦w→v¦u⟧ → ¦');
    expect(after).toBe('b\na\nx\nz\nw → ¦\n');
    expect(sites.map(({ alts, optional }) => [alts, optional])).toEqual([
      [['b'], true],
      [['\ny'], false],
      [[''], false],
      [['v', 'u'], false],
    ]);
    expect(hunks).toEqual([
      { start: 1, end: 2, lines: ['b'], optional: true },
      { start: 3, end: 3, lines: ['y'] },
      { start: 3, end: 5, lines: ['v → ¦'], alternatives: [['v', 'u']] },
    ]);
  });

  it('has silence, either and the ways in which changes are sent', () => {
    expect(compile('«a→b»', ' silence')).toMatchObject({ want: 'silence', expect: 'silence', sites: [] });
    expect(compile('«a→b» ⟦a→b⟧', ' either multi')).toMatchObject({ want: 'either', mode: 'multi' });
    expect(compile('«a→b»', ' full silence')).toMatchObject({ want: 'silence', mode: 'full' });
  });

  it('has several cases, without the blank lines between them', () => {
    const cases = parse('=== one python a.py silence\n«a→b»\n\n\n=== two go b.go silence\n\n«a→b»\n');
    expect(cases.map(({ id, before }) => [id, before])).toEqual([
      ['one', 'a\n'],
      ['two', '\na\n'],
    ]);
  });

  it.each([
    ['a\n=== one python a.py\n', 1, 'a case begins with "=== id language path"'],
    ['=== One python a.py\na\n', 1, '"One" is no id: lower-case words joined by -'],
    ['=== one Python a.py\na\n', 1, '"Python" is no language id'],
    ['=== one python /a.py\na\n', 1, '"/a.py" is no relative path'],
    ['=== one python a.py loud\na\n', 1, '"loud" is none of silence, either, multi, full, or too much'],
    ['=== one python a.py silence either\na\n', 1, '"either" is none of silence, either, multi, full, or too much'],
    ['=== one python a.py\n: Note\n', 1, 'the case has no text'],
    ['=== one python a.py\na\n', 2, 'has no edit «old→new»'],
    ['=== one python a.py\n: Note\nx\n«a→b\n', 4, '« is not closed by »'],
    ['=== one python a.py\n\nx\n⟦a→b\n', 4, '⟦ is not closed by ⟧'],
    ['=== one python a.py\nx»\n', 2, '» closes nothing'],
    ['=== one python a.py\n«a»\n', 2, 'an edit is written «old→new»; here is no →'],
    ['=== one python a.py\n⟦a⟧\n', 2, 'a site is written ⟦old→new⟧; here is no → or ⇢'],
    ['=== one python a.py\n⟦a→b→c⟧\n', 2, 'a site has one arrow; ¦ is between alternatives'],
    ['=== one python a.py\n⟦a→a⟧\n', 2, 'a site that changes nothing'],
    ['=== one python a.py\n⟦a→b¦b⟧\n', 2, 'a site has an alternative twice'],
    ['=== one python a.py\n⟦«a→b»→c⟧\n', 2, 'a site may not hold marks'],
    ['=== one python a.py\n«a→a»\n', 2, 'an edit that changes nothing'],
    ['=== one python a.py\n««a→b»→c»\n', 2, 'only what an edit makes in the end may hold marks'],
    ['=== one python a.py\n«a→b»\n«#2 a→b»\n', 3, 'number all edits or none'],
    ['=== one python a.py\n«#2 a→b»\n', 2, 'no edit has number 1'],
    ['=== one python a.py\n«#0 a→b»\n', 2, 'steps are numbered from 1'],
    ['=== one python a.py\n«#2 →«#1 a→b»»\n', 2, 'the edit around this one comes later'],
    ['=== one python a.py\n«a→b»\n', 2, 'has no sites and does not want silence'],
    ['=== one python a.py silence\n«a→b» ⟦a→b⟧\n', 2, 'wants silence, but has sites'],
    ['=== one python a.py\n«a→b» ⟦a⇢b⟧\n', 2, 'every site is optional: say "either"'],
    ['=== one python a.py\n\n«a→😀»\n', 3, '😀 lies beyond U+FFFF, where offsets differ between encodings'],
  ])('refuses %j', (text, line, message) => {
    expect(() => parse(text)).toThrow(`kind.cases:${line}: ${message}`);
  });
});
