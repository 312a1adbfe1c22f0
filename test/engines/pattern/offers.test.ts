import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatternEngine } from '../../../server/engines/pattern/patternEngine.ts';
import { differingParts, nameForms } from '../../../server/engines/pattern/wordForms.ts';
import type { PredictedEdit } from '../../../shared/conversation/conversation.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { lineEndOf } from '../../../shared/edits/lines.ts';
import { type LiveSession, liveSession } from './liveSessions.ts';

const engine = new PatternEngine({ minConfidence: 0 });
const { signal } = new AbortController();
const numRuns = 400;
/** The same sessions every time; another seed finds others. */
const seed = Number(process.env.FUZZ_SEED ?? 1);

/** Everything that could be offered, whatever the ranker thinks of it. */
async function offers({ languageId, history, current, cursor }: LiveSession): Promise<readonly PredictedEdit[]> {
  const target = { kind: 'cursor' as const, offset: cursor };
  return (await engine.predict({ path: 'a', languageId, history, current, target }, signal)).edits;
}

/** The lines that an edit touches, before and after it, without their ends. */
function touched(
  text: string,
  { start, end, newText }: PredictedEdit,
): { old: string[]; now: string[]; first: number } {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const next = text.indexOf('\n', end);
  const to = next < 0 ? text.length : next;
  const lines = (some: string) => some.split('\n').map((line) => line.replace(/\r$/, ''));
  return {
    old: lines(text.slice(from, to)),
    now: lines(text.slice(from, start) + newText + text.slice(end, to)),
    first: text.slice(0, from).split('\n').length - 1,
  };
}

function everyOffer(check: (session: LiveSession, offer: PredictedEdit) => void) {
  return fc.assert(
    fc.asyncProperty(liveSession, async (session) => {
      for (const offer of await offers(session)) {
        try {
          check(session, offer);
        } catch (error) {
          const { old, now } = touched(session.current, offer);
          throw new Error(`${offer.reason}: ${JSON.stringify(old)} → ${JSON.stringify(now)}\n${error}`);
        }
      }
    }),
    { numRuns, seed },
  );
}

/** The texts that a title says take each other's place; undefined for a title that says it in another way. */
function named(reason: string): (readonly [string, string])[] | undefined {
  const pairs: (readonly [string, string])[] = [];
  const rest = reason.replace(
    /(?:rename `([^`…]+)` to `([^`…]+)`|replace `([^`…]+)` by `([^`…]+)`|insert `([^`…]+)`|delete `([^`…]+)`)(?:, |$)/g,
    (_, ...[from, to, old, now, added, gone]: string[]) => {
      pairs.push([from ?? old ?? gone ?? '', to ?? now ?? added ?? '']);
      if (from !== undefined && to !== undefined) pairs.push(...writtenForms(from, to));
      return '';
    },
  );
  return rest === '' && pairs.length > 0 ? pairs : undefined;
}

/** A name and what differs in it, in all ways of writing them. */
function* writtenForms(from: string, to: string): Generator<readonly [string, string]> {
  if (from.startsWith('$') && to.startsWith('$')) yield [from.slice(1), to.slice(1)];
  yield* nameForms(from, to);
  const { oldParts, newParts } = differingParts(from, to);
  if (oldParts.length > 0) yield* nameForms(oldParts.join('_'), newParts.join('_'));
}

/** Whether `now` is `old` with some of the texts in the place of others and nothing else changed. */
function differsOnlyBy(old: string, now: string, pairs: readonly (readonly [string, string])[]): boolean {
  const failed = new Set<string>();
  const from = (i: number, j: number): boolean => {
    if (i === old.length && j === now.length) return true;
    if (failed.has(`${i},${j}`)) return false;
    if (i < old.length && old[i] === now[j] && from(i + 1, j + 1)) return true;
    const replaced = pairs.some(
      ([a, b]) => a + b !== '' && old.startsWith(a, i) && now.startsWith(b, j) && from(i + a.length, j + b.length),
    );
    if (!replaced) failed.add(`${i},${j}`);
    return replaced;
  };
  return from(0, 0);
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

describe('what the engine could offer while somebody edits', () => {
  it('stands right beside another edit only if it is about as certain, as both are shown as one', async () => {
    await fc.assert(
      fc.asyncProperty(liveSession, async (session) => {
        const edits = await offers(session);
        // What is put in or taken out as a whole can stand at another place in repeated text than it was meant for.
        const isInLine = ({ start, end, newText }: PredictedEdit) =>
          !newText.includes('\n') && !session.current.slice(start, end).includes('\n');
        for (const [i, one] of edits.entries()) {
          const below = edits[i + 1];
          if (!below || !isInLine(one) || !isInLine(below)) continue;
          if (session.current.slice(one.end, below.start).split('\n').length !== 2) continue;
          const [less, more] = [one.confidence, below.confidence].sort((a, b) => a - b);
          expect(less).toBeGreaterThanOrEqual(0.6 * (more ?? 1));
        }
      }),
      { numRuns, seed },
    );
  });

  it('applies cleanly: sorted, apart, no edit for nothing', async () => {
    await fc.assert(
      fc.asyncProperty(liveSession, async (session) => {
        const edits = await offers(session);
        let covered = -1;
        for (const { start, end, newText } of edits) {
          expect(start).toBeGreaterThan(covered);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(session.current.slice(start, end)).not.toBe(newText);
          covered = end;
        }
        expect(() => applyEdits(session.current, edits)).not.toThrow();
        expect(await offers(session)).toEqual(edits);
      }),
      { numRuns: numRuns / 4, seed },
    );
  });

  it('changes nothing that its title does not name', async () => {
    let seen = 0;
    await everyOffer(({ current }, offer) => {
      const pairs = named(offer.reason ?? '');
      if (!pairs) return;
      seen++;
      const { old, now } = touched(current, offer);
      expect(differsOnlyBy(old.join('\n'), now.join('\n'), pairs)).toBe(true);
    });
    expect(seen).toBeGreaterThan(0);
  });

  it('takes out nothing where its title says that it adds, and adds nothing where it says that it takes out', async () => {
    const wordsOf = (lines: readonly string[]) => lines.join('\n').match(/[\p{L}\p{N}_$]+/gu) ?? [];
    const isIn = (some: readonly string[], all: readonly string[]) => {
      let at = 0;
      for (const word of all) if (word === some[at]) at++;
      return at === some.length;
    };
    await everyOffer(({ current }, offer) => {
      const { old, now } = touched(current, offer);
      const [before, after] = [wordsOf(old), wordsOf(now)];
      if (/^(add|insert the|insert it|await) /.test(offer.reason ?? '')) expect(isIn(before, after)).toBe(true);
      if (/^(remove|delete the|delete what|delete these) /.test(offer.reason ?? ''))
        expect(isIn(after, before)).toBe(true);
    });
  });

  it('ends its lines as most lines end, and brings in no lone return', async () => {
    await everyOffer(({ current }, offer) => {
      const after = applyEdits(current, [offer]);
      const lone = /\r(?!\n)/g;
      if (current.includes('\n')) expect(count(after, lone)).toBeLessThanOrEqual(count(current, lone));
      const [unix, windows] = [/(?<!\r)\n/g, /\r\n/g];
      const strange = lineEndOf(current) === '\r\n' ? unix : windows;
      expect(count(after, strange)).toBeLessThanOrEqual(count(current, strange));
    });
  });

  it('is indented with what the lines around it are indented with', async () => {
    await everyOffer(({ current }, offer) => {
      const { old, now, first } = touched(current, offer);
      const lines = current.split('\n');
      const around = lines
        .slice(Math.max(0, first - 60), first + old.length + 60)
        .map((line) => /^[ \t]*/.exec(line)?.[0]);
      const added = now.map((line) => /^[ \t]*/.exec(line)?.[0] ?? '');
      const [tabs, spaces] = ['\t', ' '].map((mark) => around.some((indent) => indent?.includes(mark)));
      if (tabs && !spaces) expect(added.join('')).not.toContain(' ');
      if (spaces && !tabs) expect(added.join('')).not.toContain('\t');
    });
  });

  it('splits no word, but where just that was done to the word before', async () => {
    // As the engine takes them: what is no ASCII is a letter.
    const isWord = (char: string | undefined) => char !== undefined && /[\w$\u00aa-\uffff]/.test(char);
    const wordsOf = (text: string): string[] => text.match(/[\w$\u00aa-\uffff]+/g) ?? [];
    await everyOffer(({ current, history, cursor }, { start, end, newText }) => {
      let [from, to] = [start, end];
      while (isWord(current[from - 1])) from--;
      while (isWord(current[to])) to++;
      const old = current.slice(from, to);
      // What is being typed is no word yet.
      if (cursor >= from && cursor <= to) return;
      if (wordsOf(current.slice(from, start) + newText + current.slice(end, to)).includes(old)) return;
      const isOneWord = from < start && end < to && wordsOf(old)[0] === old;
      if (!isOneWord || [...newText].every(isWord)) return;
      const times = (text: string) => wordsOf(text).filter((word) => word === old).length;
      expect(history.some((text) => times(text) > times(current))).toBe(true);
    });
  });
});
