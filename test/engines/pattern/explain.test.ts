import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExplainedCandidate } from '../../../server/engines/explanation.ts';
import { explain } from '../../../server/engines/pattern/explain.ts';
import { featureNames } from '../../../server/engines/pattern/features.ts';
import { PatternEngine } from '../../../server/engines/pattern/patternEngine.ts';
import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { liveSession } from './liveSessions.ts';
import { cursorMark } from './support.ts';

function conversationOf(...texts: readonly string[]): Conversation {
  const marked = texts.at(-1) ?? '';
  const current = marked.replace(cursorMark, '');
  const target = { kind: 'cursor', offset: marked.indexOf(cursorMark) } as const;
  return { path: 'a.ts', languageId: 'typescript', history: texts.slice(0, -1), current, target };
}

const refusals = (candidates: readonly ExplainedCandidate[]) => new Set(candidates.map(({ refused }) => refused));

describe('explain', () => {
  it('predicts what the engine predicts, and shows just as many candidates', async () => {
    const { signal } = new AbortController();
    await fc.assert(
      fc.asyncProperty(liveSession, fc.constantFrom(0, 0.1, 0.3), async (session, minConfidence) => {
        const { languageId, history, current, cursor } = session;
        const target = { kind: 'cursor', offset: cursor } as const;
        const conversation = { path: 'a', languageId, history, current, target };
        const { edits, candidates } = explain(conversation, minConfidence);
        expect({ edits }).toEqual(await new PatternEngine({ minConfidence }).predict(conversation, signal));
        const shown = candidates.filter(({ refused }) => refused === undefined);
        expect(shown.map(({ confidence }) => confidence).sort()).toEqual(
          edits.map(({ confidence }) => confidence).sort(),
        );
        for (const { confidence, features, byRule } of candidates) {
          expect(features === undefined ? [] : Object.keys(features)).toEqual(
            features === undefined ? [] : featureNames,
          );
          if (features !== undefined || byRule) expect(confidence).toBeTypeOf('number');
        }
      }),
      { numRuns: 200 },
    );
  });

  it('tells what is too uncertain, and by which change it was proposed', () => {
    const before = 'area(1);\nlet x = 1;\narea(2);\n';
    const { changes, candidates } = explain(
      conversationOf(before, before.replace('area', `surface${cursorMark}`)),
      0.999,
    );
    expect(changes).toMatchObject([{ start: 0, end: 1, oldLines: ['area(1);'], newLines: ['surface(1);'], age: 0 }]);
    const wanted = candidates.find(({ newLines }) => newLines[0] === 'surface(2);');
    expect(wanted).toMatchObject({
      start: 2,
      end: 3,
      oldLines: ['area(2);'],
      example: 0,
      byRule: false,
      refused: 'is less certain than 0.999',
    });
    expect(wanted?.kinds).toContain('replace');
    expect(wanted?.features).toMatchObject({ 'kind:replace': 1, changes: 1 });
  });

  it('tells what waits until the line is finished', () => {
    const before = 'show(area, 1);\nshow(area, 2);\nshow(area, 3);\n';
    const { candidates, edits } = explain(
      conversationOf(before, before.replace('(area, 1);', `(surface(${cursorMark}`)),
      0,
    );
    expect(edits).toEqual([]);
    expect(refusals(candidates)).toContain('waits until the line at the cursor is finished');
  });

  it('tells what others leave no room for', () => {
    const before = 'def area(w, h):\n    return w * h\n\n\nprint(area(1, 2))\nprint("area", area(3, 4))\n';
    const { candidates } = explain(conversationOf(before, before.replace('area', `surface${cursorMark}`)), 0);
    expect(refusals(candidates)).toContain('overlaps or touches one that is more certain');
    expect(refusals(candidates)).toContain(undefined);
  });

  it.each([
    ['nothing was changed', ['same();\n', `same();\n${cursorMark}`], /^There is no change to go by/],
    ['there is no history', [`same();\n${cursorMark}`], /^There is no change to go by/],
    ['a change was taken back', ['a();\n', 'b();\n', `a();\n${cursorMark}`], /taken back/],
    ['a name was deleted', ['call(name);\n', `call(${cursorMark});\n`], /^A name has just been deleted/],
  ])('says why it proposes nothing where %s', (_, texts, why) => {
    const { silence, candidates } = explain(conversationOf(...texts), 0);
    expect(silence).toMatch(why);
    expect(candidates).toEqual([]);
  });
});
