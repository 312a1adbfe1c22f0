import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalUri, pathsOf } from '../../server/history/documentUri.ts';

describe('canonicalUri', () => {
  it.each([
    ['file:///c%3A/work/a.ts', 'file:///C:/work/a.ts'],
    ['file:///work/a%2Ets', 'FILE:///work/a.ts'],
    ['file:///work/%e9', 'file:///work/%E9'],
    ['file:///work/é', 'file:///work/%C3%A9'],
    ['file:///work/a b(1).ts', 'file:///work/a%20b%281%29.ts'],
    ['file:///work/x/../a.ts', 'file:///work/./a.ts'],
    ['file:///work//a.ts', 'file://localhost/work/a.ts'],
    ['file:/work/a.ts', 'file:///work/a.ts'],
    ['untitled:a b', 'untitled:a%20b'],
    ['git:/a.ts?{"ref":"~"}', 'git:/a.ts?%7B%22ref%22%3A%22~%22%7D'],
    ['vscode-notebook-cell:/c%3A/a.ipynb#W0', 'vscode-notebook-cell:/C:/a.ipynb#W0'],
  ])('%s is %s', (one, other) => {
    expect(canonicalUri(one)).toBe(canonicalUri(other));
  });

  it.each([
    ['file:///work/a.ts', 'file:///work/A.ts'],
    ['file:///work/a%2Fb', 'file:///work/a/b'],
    ['file:///work/a%23b', 'file:///work/a#b'],
    ['untitled:a', 'untitled://a'],
    ['file://host/a', 'file:///a'],
    ['vscode-notebook-cell:/a.ipynb#W0', 'vscode-notebook-cell:/a.ipynb#W1'],
  ])('%s is not %s', (one, other) => {
    expect(canonicalUri(one)).not.toBe(canonicalUri(other));
  });

  it('does not tell how the names of a path are encoded', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text));
    const encodeAll = (text: string) =>
      [...new TextEncoder().encode(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const [short, long] = [encodeURIComponent, encodeAll].map((encode) => `file:///${names.map(encode).join('/')}`);
        expect(canonicalUri(short ?? '')).toBe(canonicalUri(long ?? ''));
      }),
    );
  });

  it('takes any text for a URI', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl({ withFragments: true })), (text) => {
        expect(typeof canonicalUri(text)).toBe('string');
        pathsOf(text);
      }),
    );
  });
});

describe.runIf(process.platform !== 'win32')('pathsOf', () => {
  it.each([
    ['file:///work/%2Eenv', ['/work/.env']],
    ['vscode-notebook-cell:/work/a.ipynb#W0sZmlsZQ%3D%3D', ['/work/a.ipynb']],
    ['untitled:/work/new.ts', ['/work/new.ts']],
    ['untitled:Untitled-1', ['Untitled-1']],
    ['oil:///work/build/', ['/work/build/']],
    ['git:/work/a.ts.git?{"path":"/work/a.ts","ref":"~"}', ['/work/a.ts.git', '/work/a.ts']],
    ['jar:file:///work/a.jar!/b/C.java', ['/work/a.jar!/b/C.java', '/work/a.jar', 'file:///work/a.jar!/b/C.java']],
    ['zipfile:///work/a.zip::b/c', ['/work/a.zip::b/c', '/work/a.zip']],
    ['file:///work/a#b', ['/work/a', '/work/a#b']],
    ['vscode-remote://ssh-remote%2Bhost/work/a.ts', ['/work/a.ts']],
  ])('%s', (uri, expected) => {
    expect(pathsOf(uri)).toEqual(expect.arrayContaining(expected));
  });
});
