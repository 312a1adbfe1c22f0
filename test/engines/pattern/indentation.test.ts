import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../../server/engines/pattern/candidate.ts';
import { evidence } from '../../../server/engines/pattern/evidence.ts';
import { indentedLikePlace } from '../../../server/engines/pattern/indentation.ts';
import { buildScene } from '../../../server/engines/pattern/scene.ts';

/** The lines of a candidate for the lines from `start` to `end` of a text, indented like that place. */
function fitted(text: string, start: number, end: number, lines: readonly string[]): readonly string[] {
  const scene = buildScene({ path: '', languageId: '', history: [`${text}x`], current: `${text}y` });
  if (!scene) throw new Error('no scene');
  const candidate: Candidate = { start, end, lines, evidence: evidence('insertBlock', scene, 0, {}), reason: '' };
  return indentedLikePlace(scene, candidate).lines;
}

describe('the lines of a candidate', () => {
  it.each([
    ['spaces of four for tabs', 'a {\n    b\n}\n', ['\tc', '\t\td'], ['    c', '        d']],
    ['spaces of two for tabs', 'a {\n  b {\n    c\n  }\n}\n', ['\tc', '\t\td'], ['  c', '    d']],
    ['tabs for spaces of two', 'a {\n\tb\n}\n', ['  c'], ['\tc']],
    ['tabs for spaces of four', 'a {\n\tb\n}\n', ['    c', '        d', ''], ['\tc', '\t\td', '']],
    ['as they are among spaces', 'a {\n  b\n}\n', ['    c'], ['    c']],
    ['as they are among both', 'a {\n  b\n\tc\n}\n', ['\td', '    e'], ['\td', '    e']],
    ['as they are where nothing is indented', 'a\nb\n', ['\tc', '  d'], ['\tc', '  d']],
    ['with tabs inside them', 'a {\n  b\n}\n', ['\tc\td'], ['  c\td']],
  ])('take %s', (_, text, lines, wanted) => {
    expect(fitted(text, 1, 1, lines)).toEqual(wanted);
  });

  it('keep the indentation of lines that they take the place of', () => {
    expect(fitted('a {\n  b\n  c\n\td\n}\n', 3, 4, ['\te'])).toEqual(['\te']);
  });

  it('go by the lines around, not by the rest of the file', () => {
    const far = '\tx\n'.repeat(99) + 'x\n'.repeat(70);
    expect(fitted(`${far}a {\n  b\n}\n`, 171, 171, ['\tc'])).toEqual(['  c']);
  });
});
