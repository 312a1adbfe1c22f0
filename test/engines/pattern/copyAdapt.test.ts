import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyAdaptGenerator } from '../../../server/engines/pattern/generators/copyAdapt.ts';
import { applied, proposals, proposedLines, takenInTurn } from './proposals.ts';

/** The texts of a session in which `block` is put in behind itself and its first line edited. */
function pasted(before: string, block: string, edit: (block: string) => string, rest = ''): string[] {
  const head = before + block;
  return [head + rest, `${head}\n${block}${rest}`, `${head}\n${edit(block)}${rest}`];
}

describe('a copied block in which a word was changed', () => {
  const rule = `.note-info {
  border: 1px solid var(--info);
  color: var(--on-info);
}

.note-info:hover {
  color: var(--info-dark);
}
`;

  it('gets the word everywhere, as a part of other names too, line by line from the cursor down', () => {
    const texts = pasted('body {\n}\n\n', rule, (copy) => copy.replace('note-info', 'note-error¦'), '\nfooter {\n}\n');
    expect(proposedLines(copyAdaptGenerator, texts)).toEqual([
      '  border: 1px solid var(--error);',
      '  color: var(--on-error);',
      '.note-error:hover {',
      '  color: var(--error-dark);',
    ]);
  });

  it('is adapted to its end though the paste has left the history', () => {
    const texts = pasted('body {\n}\n\n', rule, (copy) => copy.replace('note-info', 'note-error¦'), '\nfooter {\n}\n');
    expect(takenInTurn(copyAdaptGenerator, texts)).toBe(
      `body {\n}\n\n${rule}\n${rule.replaceAll('info', 'error')}\nfooter {\n}\n`,
    );
  });

  it('follows other forms of the name, plurals, strings and comments; the original stays', () => {
    const original = `// Lists the categories.
app.get('/categories', async (req, res) => {
  const category_list = await db.all(Category);
  log("category list", MAX_CATEGORY);
  res.json(category_list);
});
`;
    const texts = pasted('const app = express();\n\n', original, (copy) =>
      copy.replace("'/categories'", "'/products¦'"),
    );
    expect(takenInTurn(copyAdaptGenerator, texts)).toBe(`const app = express();

${original}
// Lists the products.
app.get('/products', async (req, res) => {
  const product_list = await db.all(Product);
  log("product list", MAX_PRODUCT);
  res.json(product_list);
});
`);
  });

  it('leaves words of the language alone that are a part of the name', () => {
    const original = `func TestParseInt(t *testing.T) {
	var want int = 42
	got := ParseInt("42")
	if got != want {
		t.Errorf("ParseInt: got %v", got)
	}
}
`;
    const texts = pasted('package parse\n\n', original, (copy) => copy.replace('ParseInt', 'ParseBig¦'));
    expect(proposedLines(copyAdaptGenerator, texts)).toEqual([
      '	got := ParseBig("42")',
      '		t.Errorf("ParseBig: got %v", got)',
    ]);
  });

  it('follows the number of a name into its other forms', () => {
    const card = '<div id="card-1">\n  <h2>Card 1</h2>\n  <img src="card1.png" width="1">\n</div>\n';
    expect(
      proposedLines(
        copyAdaptGenerator,
        pasted('', card, (copy) => copy.replace('card-1', 'card-2¦')),
      ),
    ).toEqual(['  <h2>Card 2</h2>', '  <img src="card2.png" width="1">']);
  });

  it('counts on what counts from block to block', () => {
    const block = (n: number, name: string) =>
      `def test_${name}():\n    job = make(id=${n})\n    assert run(job) == "${name}"\n`;
    const texts = pasted(`${block(1, 'start')}\n`, block(2, 'pause'), (copy) => copy.replace('pause', 'resume¦'));
    expect(takenInTurn(copyAdaptGenerator, texts)).toBe(
      [block(1, 'start'), block(2, 'pause'), block(3, 'resume')].join('\n'),
    );
  });

  it('keeps a line that is the same in all blocks before it', () => {
    const block = (name: string) =>
      `class ${name}Page:\n    title = "${name}"\n    home = link_to(User)\n    role = None\n`;
    const texts = pasted(`${block('Team')}\n`, block('User'), (copy) => copy.replace('UserPage', 'OrderPage¦'));
    expect(proposedLines(copyAdaptGenerator, texts)).toEqual(['    title = "Order"']);
  });
});

describe('no copy', () => {
  it('is a line changed where like lines differ around it', () => {
    const before = 'a = load(one)\nprint(a)\n\nb = load(two)\nsave(b)\n';
    expect(proposals(copyAdaptGenerator, [before, before.replace('load(two)', 'load(three¦)')])).toEqual([]);
  });

  it('is an inserted block that nothing is like', () => {
    const before = 'start()\nstop()\n';
    expect(proposals(copyAdaptGenerator, [before, `${before}for (x of y) {\n  f(x)¦\n}\n`])).toEqual([]);
  });
});

const word = fc.constantFrom('alpha', 'beta', 'gamma', 'x', 'alphaBeta', 'GAMMA_RAY', 'int', '7', '42', 'é', 'a$b');
const mark = fc.constantFrom(' ', '(', ')', '.', '"', ' = ', '-', '{');
const line = fc.array(fc.oneof(word, mark), { minLength: 1, maxLength: 7 }).map((parts) => parts.join(''));
const block = fc.array(line, { minLength: 2, maxLength: 6 });

describe('whatever is copied', () => {
  it('only lines of the copy are replaced, one by one, and never back to what they were', () => {
    fc.assert(
      fc.property(block, block, word, fc.nat(), (above, copied, now, at) => {
        const original = [...above, ...copied].join('\n');
        const edited = copied.with(
          at % copied.length,
          (copied[at % copied.length] ?? '').replace(/[\w$é]+/, () => now),
        );
        const texts = [original, `${original}\n${copied.join('\n')}`, `${original}\n${edited.join('\n')}`];
        const first = above.length + copied.length;
        for (const candidate of proposals(copyAdaptGenerator, texts)) {
          expect(candidate.end).toBe(candidate.start + 1);
          expect(candidate.lines).toHaveLength(1);
          expect(candidate.lines[0]).not.toContain('\n');
          expect(applied(texts, candidate)).not.toBe(texts.at(-1));
          if (candidate.evidence.extra % 2 === 1)
            expect(candidate.start).toBeGreaterThanOrEqual(Math.min(first, above.length));
        }
      }),
      { numRuns: 300 },
    );
  });
});
