import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closingTagGenerator } from '../../../server/engines/pattern/generators/closingTag.ts';
import { applied, proposals } from './proposals.ts';

/** The text after the only proposal; undefined where there is none, and an error where there are several. */
function paired(before: string, now: string): string | undefined {
  const texts = [before, now];
  const found = proposals(closingTagGenerator, texts);
  expect(found.length).toBeLessThan(2);
  return found[0] && applied(texts, found[0]);
}

describe('the partner of a tag that was renamed', () => {
  const page = `<main>
  <div class="outer">
    <div><img src="a.png"> one </div>
    <Card title={<div>x</div>} onPick={(x) => x > 1 ? pick(x) : undefined} />
    <div
      id="inner"
    >
      two <br>
    </div>
  </div>
  <div>three</div>
</main>
`;

  it('is found past tags of the same name, inside it and beside it', () => {
    const now = page.replace('<div class="outer">', '<section¦ class="outer">');
    expect(paired(page, now)).toBe(
      page
        .replace('<div class="outer">', '<section class="outer">')
        .replace('  </div>\n  <div>three', '  </section>\n  <div>three'),
    );
  });

  it('is found upwards from a closing tag, on the lines in between and on the same line', () => {
    const inner = page.replace('two <br>\n    </div>', 'two <br>\n    </section¦>');
    expect(paired(page, inner)).toBe(inner.replace('¦', '').replace('<div\n', '<section\n'));
    const line = page.replace('<div>three</div>', '<div>three</p¦>');
    expect(paired(page, line)).toBe(page.replace('<div>three</div>', '<p>three</p>'));
  });

  it('is the one on the line that was edited', () => {
    const before = 'at <b>once</b> or <b>never</b>\n';
    expect(paired(before, before.replace('<b>never', '<em¦>never'))).toBe('at <b>once</b> or <em>never</em>\n');
  });

  it('is not there where both have been changed, though the tag around it is called the same', () => {
    const before = '<div>\n  <div>\n    x\n  </div>\n</div>\n';
    const opened = before.replace('  <div>', '  <p>');
    expect(paired(opened, opened.replace('  </div>', '  </p¦>'))).toBeUndefined();
  });

  it('is not there for void and self-closing elements, attributes and comparisons', () => {
    expect(paired('<br>\n</b>\n', '<hr¦>\n</b>\n')).toBeUndefined();
    expect(paired('<Foo a="1" />\n</Foo>\n', '<Bar¦ a="1" />\n</Foo>\n')).toBeUndefined();
    expect(paired('<a id="x">\n</a>\n', '<a id="y¦">\n</a>\n')).toBeUndefined();
    expect(paired('<!--\n</div>\n-->\n<div>\n', '<!--\n</div>\n-->\n<p¦>\n')).toBeUndefined();
  });

  it.each([
    [
      '\\begin{itemize}\n\\item a\n\\end{itemize}\n',
      '\\begin{itemize}',
      '\\begin{enumerate¦}',
      '\\end{itemize}',
      '\\end{enumerate}',
    ],
    ['[b]x[/b] [b]y[/b]\n', '[b]x', '[i¦]x', 'x[/b]', 'x[/i]'],
    [
      '{% if a %}\n{% if b %}\n{% endif %}\n{% endif %}\n',
      '{% if a',
      '{% unless¦ a',
      '{% endif %}\n{% endif',
      '{% endif %}\n{% endunless',
    ],
    ['{{#if a}}\n  x\n{{/if}}\n', '{{#if', '{{#unless¦', '{{/if', '{{/unless'],
  ])('is found in other notations: %s', (before, old, now, oldEnd, newEnd) => {
    const edited = before.replace(old, now);
    expect(paired(before, edited)).toBe(edited.replace('¦', '').replace(oldEnd, newEnd));
  });
});

/** A tree of tags, well formed, with each tag on a line of its own or not. */
const tree = fc.letrec<{ node: string; nodes: string }>((tie) => ({
  node: fc
    .tuple(fc.constantFrom('a', 'b', 'Foo.Bar', 'x-y'), tie('nodes'), fc.constantFrom('', '\n'))
    .map(([name, inside, gap]) => `<${name} k="<b>">${gap}${inside}${gap}</${name}>`),
  nodes: fc
    .array(fc.oneof({ maxDepth: 4 }, fc.constantFrom('text\n', '<br>', '<a />', '<!-- </a> -->'), tie('node')), {
      maxLength: 4,
    })
    .map((all) => all.join('')),
}));

describe('whatever the document is', () => {
  it('renaming any opening tag of a well-formed one closes that very one', () => {
    fc.assert(
      fc.property(tree.nodes, fc.nat(), tree.nodes, (left, at, inside) => {
        const before = `${left}<b>${inside}</b>${left}`;
        const wanted = `${left}<new>${inside}</new>${left}`;
        const opening = at % 2 === 0;
        const now = opening ? `${left}<new>${inside}</b>${left}` : `${left}<b>${inside}</new>${left}`;
        const texts = [before, now];
        expect(proposals(closingTagGenerator, texts).map((candidate) => applied(texts, candidate))).toEqual([wanted]);
      }),
      { numRuns: 300 },
    );
  });
});
