import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownLines } from '../../../server/engines/pattern/knownLines.ts';
import { NameScopes } from '../../../server/engines/pattern/scopes.ts';
import { TextKinds } from '../../../server/engines/pattern/textKinds.ts';
import { snippets } from './scopeSnippets.ts';

const declared = '◆';

function scopesOf(name: string, languageId: string, lines: readonly string[]): NameScopes {
  const where = lines.flatMap((line, at) => (line.includes(name) ? [at] : []));
  const kinds = new TextKinds(lines, languageId);
  return new NameScopes(
    name,
    { lineAt: (at) => lines[at] ?? '', widths: new KnownLines(lines).widths, languageId, kinds },
    where,
  );
}

/** Lines of `item`, numbered from 1, on which it stands for the one that is declared at the mark. */
function resolved(languageId: string, lines: readonly string[], line: number): number[] {
  const scopes = scopesOf('item', languageId, lines);
  const wanted = scopes.declarations.find((one) => one.line === line);
  return lines.flatMap((text, at) => {
    const found = [...text.matchAll(/(?<![\w])item(?!\w)/g)].map(({ index }) => scopes.occurrence(at, index));
    return wanted && found.some(({ declaration }) => declaration === wanted) ? [at + 1] : [];
  });
}

describe.each(Object.entries(snippets))('a name in %s', (languageId, cases) => {
  it.each(Object.entries(cases))('%s', (_, marked) => {
    const lines = marked.split('\n').map((line) => line.replace(/[◆●]/g, ''));
    const wanted = marked.split('\n').flatMap((line, at) => (/[◆●]/.test(line) ? [at + 1] : []));
    const line = marked.split('\n').findIndex((text) => text.includes(declared));
    expect(resolved(languageId, lines, line)).toEqual(wanted);
  });
});

describe('scopes of any text', () => {
  const piece = fc.constantFrom(
    ...'item item ( ) { } [ ] : = := , ; . -> => | & * < > def func let for in of as class end lambda catch'.split(' '),
    ...['\n', '\n', '  ', '    ', '\t', ' ', '"', '#', '//', '😀'],
  );
  const text = fc.array(piece, { maxLength: 80 }).map((pieces) => pieces.join(' '));

  it('have declarations that reach over the lines they stand on, and each place has at most one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(snippets), ''), text, (languageId, some) => {
        const lines = some.split('\n');
        const scopes = scopesOf('item', languageId, lines);
        for (const { line, from, to } of scopes.declarations) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(from).toBeLessThanOrEqual(line);
          expect(to).toBeGreaterThan(line);
          expect(to).toBeLessThanOrEqual(lines.length);
        }
        lines.forEach((line, at) => {
          for (let column = line.indexOf('item'); column >= 0; column = line.indexOf('item', column + 1)) {
            const { declaration, member } = scopes.occurrence(at, column);
            if (member) expect(declaration).toBeUndefined();
            if (declaration) expect(scopes.declarations).toContain(declaration);
          }
        });
      }),
      { numRuns: 300 },
    );
  });
});
