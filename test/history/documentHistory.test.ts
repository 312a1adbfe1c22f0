import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentHistory, defaultHistoryOptions } from '../../server/history/documentHistory.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { anyText } from '../edits/arbitraries.ts';
import { Typist } from './typist.ts';

const source = `import { a } from 'a';

export function area(width: number, height: number): number {
  return width * height;
}

export function volume(width: number, height: number, depth: number): number {
  return area(width, height) * depth;
}

export function label(name: string): string {
  return 'label ' + name;
}
`;

describe('typing', () => {
  it('in one place is one step', () => {
    const typist = new Typist(source).goTo('return area').type('const base = area(width, height);\n  ');
    expect(typist.snapshots()).toEqual([source]);
  });

  it('in another block starts a step', () => {
    const typist = new Typist(source).goTo('area(').type('rect');
    const between = typist.text;
    typist.goTo('label(').type('make');
    expect(typist.snapshots()).toEqual([source, between]);
    expect(typist.snapshots(1)).toEqual([between]);
  });

  it('over a word that was deleted is one step with its deletion', () => {
    const typist = new Typist(source).goTo('label(', 'behind').backspace(6).type('title(');
    expect(typist.snapshots()).toEqual([source]);
  });

  it('with corrections shows none of them', () => {
    const typist = new Typist(source).goTo('return area').type('cosnt').backspace(3).type('nst base = 1;\n  ');
    expect(typist.snapshots()).toEqual([source]);
    expect(typist.history.steps[0]?.delta).toHaveLength(1);
  });

  it('on the next line continues the step, and changing what was typed before does not', () => {
    const typist = new Typist(source).goTo('return area').type('const base = 1;\n  const top = base;\n  ');
    const typed = typist.text;
    typist.goTo('base = 1', 'before').change({ start: typist.cursor, end: typist.cursor + 4, newText: 'floor' });
    expect(typist.snapshots()).toEqual([source, typed]);
  });

  it.each([
    [1_000, 1],
    [60_000, 2],
  ])('over what was typed %i ms before leaves %i snapshots', (restMs, count) => {
    const typist = new Typist(source).goTo("'a'", 'behind').type('bcd').rest(restMs);
    const typed = typist.text;
    typist.change({ start: typist.cursor - 3, end: typist.cursor, newText: 'xyz' });
    expect(typist.snapshots()).toEqual([source, typed].slice(0, count));
  });

  it('with several cursors is one step', () => {
    const typist = new Typist(source);
    for (const [i, character] of [...'rect'].entries()) {
      const places = [...typist.text.matchAll(/(?<=function )\w{0,4}(?=area|volume|label)/g)].reverse();
      typist.change(...places.map((m) => ({ start: m.index + i, end: m.index + i, newText: character })));
    }
    expect(typist.text.match(/function rect\w+/g)).toEqual([
      'function rectarea',
      'function rectvolume',
      'function rectlabel',
    ]);
    expect(typist.snapshots()).toEqual([source]);
  });
});

describe('undo', () => {
  it('of everything leaves no history', () => {
    const typist = new Typist(source).goTo('label(').type('make').backspace(4);
    expect(typist.text).toBe(source);
    expect(typist.snapshots()).toEqual([]);
  });

  it('of a step that lies back leaves the steps before it', () => {
    const typist = new Typist(source).goTo('area(').type('rect');
    const between = typist.text;
    typist.goTo("'label '").change({ start: typist.cursor, end: typist.cursor + 8, newText: "'title'" });
    typist.goTo('depth;').type('2 * ');
    typist.backspace(4);
    typist.goTo("'title'").change({ start: typist.cursor, end: typist.cursor + 7, newText: "'label '" });
    expect(typist.text).toBe(between);
    expect(typist.snapshots()).toEqual([source]);
  });

  it('of several steps at once is seen, too', () => {
    const typist = new Typist(source).goTo('area(').type('rect');
    typist.goTo('label(').type('make');
    typist.change({ start: 0, end: typist.text.length, newText: source });
    expect(typist.snapshots()).toEqual([]);
  });

  it('is seen where repeated text hides it', () => {
    const typist = new Typist('a\na\na\n').change({ start: 0, end: 0, newText: 'a\n' });
    typist.change({ start: 6, end: 8, newText: '' });
    expect(typist.snapshots()).toEqual([]);
  });

  it('and redo give the step again', () => {
    const typist = new Typist(source).goTo('area(').type('rect');
    const done = typist.text;
    typist.backspace(4).paste('rect');
    expect(typist.text).toBe(done);
    expect(typist.snapshots()).toEqual([source]);
  });
});

describe('tools', () => {
  it('paste: what is pasted and what is then changed in it are two steps', () => {
    const typist = new Typist(source)
      .goTo('export function label')
      .paste('function copy(one: string) {\n  return one;\n}\n');
    const pasted = typist.text;
    typist.goTo('one: string').change({ start: typist.cursor, end: typist.cursor + 3, newText: 'two' });
    expect(typist.snapshots()).toEqual([source, pasted]);
  });

  it('format on save does not push out what was edited', () => {
    const ragged = source.replaceAll('  return', ' return');
    const typist = new Typist(ragged).goTo('area(').type('rect');
    typist.replaceAll(/^ return/gm, '  return');
    expect(typist.snapshots()).toEqual([source]);
    expect(typist.text).toBe(source.replace('area(', 'rectarea('));
  });

  it('format on save of the very line that was edited stays with that edit', () => {
    const ragged = source.replaceAll('  return', ' return');
    const typist = new Typist(ragged).goTo(' return area').type(' const base=1;\n');
    const formatted = source.replace('  return area', '  const base = 1;\n  return area');
    typist.change({ start: 0, end: typist.text.length, newText: formatted });
    expect(typist.text).toBe(formatted);
    expect(typist.snapshots()).toEqual([source]);
  });

  it.each([
    ['re-indents every line', (text: string) => text.replace(/^(?=.)/gm, '    ')],
    ['changes every terminator', (text: string) => text.replaceAll('\n', '\r\n')],
  ])('a formatter that %s of a long file, sending it whole, keeps the history', (_, format) => {
    const long = Array.from({ length: 3000 }, (_, i) => `const value${i} = compute(${i});\n`).join('');
    const typist = new Typist(long).goTo('value1000 ').type('new');
    typist.change({ start: 0, end: typist.text.length, newText: format(typist.text) });
    expect(typist.snapshots()).toEqual([format(long)]);
  });

  it('taking away white space at line ends is no edit', () => {
    const typist = new Typist(`${source}  \n`).goTo('area(').type('rect');
    const end = typist.text.length - 1;
    typist.change({ start: end - 2, end, newText: '' });
    expect(typist.snapshots()).toEqual([`${source}\n`]);
    typist.goTo('label(').type('x');
    expect(typist.snapshots()).toHaveLength(2);
  });

  it('indenting a block is an edit', () => {
    const typist = new Typist(source).goTo('  return area');
    typist.change({ start: typist.cursor, end: typist.cursor, newText: '  ' });
    expect(typist.snapshots()).toEqual([source]);
  });

  it('rename across the file is one step', () => {
    const typist = new Typist(source).replaceAll(/\bwidth\b/g, 'breadth');
    expect(typist.snapshots()).toEqual([source]);
    expect(typist.history.steps[0]?.delta).toHaveLength(4);
    const renamed = typist.text;
    typist.goTo('label(').type('make');
    expect(typist.snapshots()).toEqual([source, renamed]);
  });

  it('a text sent whole is the edit that was really made', () => {
    const typist = new Typist(source);
    for (const character of 'rect') {
      const at = typist.text.indexOf('area(');
      const newText = typist.text.slice(0, at) + character + typist.text.slice(at);
      typist.change({ start: 0, end: typist.text.length, newText });
    }
    expect(typist.snapshots()).toEqual([source]);
    expect(typist.history.steps[0]?.delta).toEqual([{ start: source.indexOf('area('), removed: '', inserted: 'rect' }]);
  });

  it('a text that has become another one starts the history anew', () => {
    const typist = new Typist(source, { maxSize: 2000 }).goTo('area(').type('rect');
    typist.change({ start: 0, end: typist.text.length, newText: 'x\n'.repeat(2000) });
    expect(typist.snapshots()).toEqual([]);
    typist.goTo('x').type('y');
    expect(typist.snapshots()).toEqual(['x\n'.repeat(2000)]);
  });
});

describe('record', () => {
  it('refuses what is out of bounds and stays as it was', () => {
    const typist = new Typist(source).goTo('area(').type('rect');
    const text = typist.text;
    const bad = { start: 0, end: text.length + 1, newText: '' };
    expect(() => typist.history.record([{ start: 0, end: 1, newText: '' }, bad], 0)).toThrow(RangeError);
    expect(() => typist.history.record([bad], 0)).toThrow(RangeError);
    expect(typist.text).toBe(text);
    expect(typist.snapshots()).toEqual([source]);
  });

  it('ignores what changes nothing', () => {
    const history = new DocumentHistory(source);
    history.record([], 0);
    history.record([{ start: 0, end: 6, newText: 'import' }], 0);
    expect(history.snapshots(9)).toEqual([]);
  });
});

/** A notification of one edit or of several, as numbers that become offsets once the text is known. */
const anyNotification = fc.array(fc.tuple(fc.nat(), fc.nat(3), anyText), { minLength: 1, maxLength: 3 });

function toSequence(text: string, raw: [number, number, string][]): OffsetEdit[] {
  let after = text;
  return raw.map(([at, length, newText]) => {
    const start = at % (after.length + 1);
    const edit = { start, end: Math.min(after.length, start + length), newText };
    after = applyEdits(after, [edit]);
    return edit;
  });
}

describe('any sequence of changes', () => {
  it('leaves snapshots that are texts the document had, in that order, none of them twice in a row', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.array(anyNotification, { maxLength: 25 }),
        fc.nat(60_000),
        (text, notifications, gapMs) => {
          // White space only changes move below the snapshots by design; here no text holds more than one kind of it.
          const solid = (s: string) => s.replace(/\s/g, '_');
          const history = new DocumentHistory(solid(text));
          const texts = [solid(text)];
          for (const [i, raw] of notifications.entries()) {
            const edits = toSequence(history.text, raw).map((edit) => ({ ...edit, newText: solid(edit.newText) }));
            texts.push(edits.reduce((t, edit) => applyEdits(t, [edit]), texts.at(-1) ?? ''));
            history.record(edits, i * gapMs);
            expect(history.text).toBe(texts.at(-1));
          }
          let from = 0;
          const snapshots = history.snapshots(99);
          for (const snapshot of snapshots) {
            const at = texts.indexOf(snapshot, from);
            expect(at).toBeGreaterThanOrEqual(from);
            from = at;
          }
          expect(new Set([...snapshots, history.text]).size).toBe(snapshots.length + 1);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('with layout changes leaves snapshots that differ from such texts in white space only', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyNotification, { maxLength: 25 }), (text, notifications) => {
        const history = new DocumentHistory(text);
        const bare = (s: string) => s.replace(/\s+/g, '');
        const texts = [text];
        for (const [i, raw] of notifications.entries()) {
          const edits = toSequence(history.text, raw);
          texts.push(edits.reduce((t, edit) => applyEdits(t, [edit]), texts.at(-1) ?? ''));
          history.record(edits, i * 100);
          expect(history.text).toBe(texts.at(-1));
        }
        const seen = new Set(texts.map(bare));
        for (const snapshot of history.snapshots(99)) expect(seen).toContain(bare(snapshot));
      }),
      { numRuns: 500 },
    );
  });
});

describe('memory', () => {
  it('stays bounded for a 10,000-line file edited for a day', () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `  const value${i} = compute(${i}, 'some text');`);
    const history = new DocumentHistory(`${lines.join('\n')}\n`);
    const random = fc.sample(fc.nat({ max: 2 ** 30 }), { numRuns: 800, seed: 7 });
    let nowMs = 0;
    // 800 bursts in different places, each some keystrokes, now and then a paste, a rename or a formatting.
    for (const [i, seed] of random.entries()) {
      let at = seed % history.text.length;
      for (const character of 'edit') {
        history.record([{ start: at, end: at, newText: character }], nowMs);
        nowMs += 150;
        at++;
      }
      if (i % 50 === 0) history.record([{ start: at, end: at, newText: 'pasted line\n'.repeat(40) }], nowMs);
      if (i % 400 === 0) {
        const rename = [...history.text.matchAll(/value(\d*)7\b/g)].reverse();
        const edits = rename.map((m) => ({ start: m.index, end: m.index + 5, newText: 'other' }));
        history.record(edits, nowMs);
        const back = [...history.text.matchAll(/other/g)].reverse();
        history.record(
          back.map((m) => ({ start: m.index, end: m.index + 5, newText: 'value' })),
          nowMs,
        );
      }
      nowMs += seed % 20_000;
    }
    const kept = history.steps.flatMap((step) => step.delta);
    const size = kept.reduce((sum, { removed, inserted }) => sum + removed.length + inserted.length, 0);
    expect(history.steps.length).toBeLessThanOrEqual(defaultHistoryOptions.maxSteps);
    expect(history.steps.length).toBeGreaterThan(8);
    expect(size).toBeLessThanOrEqual(defaultHistoryOptions.maxSize);
    expect(history.snapshots(4)).toHaveLength(4);
  });
});

describe('single edits', () => {
  const lines = (typist: Typist) => typist.history.edits(8).length;

  it('on neighbouring lines are apart, though they are one step for CursorCore', () => {
    const typist = new Typist(source).goTo('return width', 'behind').type('A').goTo('area(width', 'before').type('x');
    expect(lines(typist)).toBe(2);
    const touching = new Typist('let a = 1;\nlet b = 2;\n')
      .goTo('a =', 'before')
      .type('x')
      .goTo('b =', 'before')
      .type('x');
    expect(touching.history.steps).toHaveLength(1);
    expect(lines(touching)).toBe(2);
  });

  it('on one line are one', () => {
    const typist = new Typist(source).goTo('return width', 'behind').type('A').goTo('height;', 'before').type('B');
    expect(lines(typist)).toBe(1);
  });

  it('are not mixed up when a word is typed through one that stood there', () => {
    const typist = new Typist('f(deg)\ng(deg)\n').goTo('deg').change({ start: 2, end: 5, newText: 'degrees' });
    typist.change({ start: 13, end: 16, newText: '' }).type('degrees');
    expect(typist.text).toBe('f(degrees)\ng(degrees)\n');
    expect(lines(typist)).toBe(2);
  });

  it('inside what was pasted are apart from the paste', () => {
    const typist = new Typist(source).goTo('return area').type('const base = 1;\n  const top = base;\n  ');
    typist.goTo('base;', 'before').change({ start: typist.cursor, end: typist.cursor + 4, newText: 'floor' });
    expect(lines(typist)).toBe(2);
    const file = new Typist('').change({ start: 0, end: 0, newText: source });
    file.goTo('name: string', 'before').type('sur');
    expect(lines(file)).toBe(2);
  });

  it('are none right after one was undone, and come back with the next', () => {
    const typist = new Typist(source).goTo('area(', 'before').type('rect').goTo('label(', 'before').type('x');
    typist.backspace(1);
    expect(lines(typist)).toBe(0);
    typist.goTo("'label '", 'behind').type('y');
    expect(lines(typist)).toBe(2);
  });
});
