import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gate } from '../../../server/engines/model/gate.ts';
import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { diffEdits } from '../../../shared/edits/diff.ts';
import { codeLine, textAndNext } from '../../conversation/arbitraries.ts';

const code = [
  'def area(w, h):',
  '    log("area")',
  '    return w * h',
  '',
  'def edge(w, h):',
  '    log("edge")',
  '',
].join('\n');

interface Asked {
  readonly before?: readonly string[];
  readonly current?: string;
  readonly next: string;
  /** Where the cursor is, as text right before it. */
  readonly behind?: string;
  readonly instruction?: string;
}

/** What becomes of `current` by what the gate shows, and why the rest is not. */
function judge({ before = [], current = code, next, behind = '', instruction }: Asked) {
  const conversation: Conversation = {
    path: 'a.py',
    languageId: 'python',
    history: before,
    current,
    target: { kind: 'cursor', offset: current.indexOf(behind) + behind.length },
    ...(instruction === undefined ? {} : { instruction }),
  };
  const why: string[] = [];
  const edits = gate(conversation, diffEdits(current, next), { onRefused: (reason) => why.push(reason) });
  return { text: applyEdits(current, edits), why };
}

const renamed = code.replace('area(w, h)', 'area(width, h)');

describe('while a name is being typed', () => {
  const typing = (typed: string) => {
    const current = code.replace('area(w, h)', `area(${typed}, h)`);
    return { before: [code], current, behind: `area(${typed}` };
  };

  test('it is not repeated before it is whole', () => {
    for (const typed of ['wi', 'wid', 'widt']) {
      const { current, ...about } = typing(typed);
      const next = current.replace('return w * h', `return ${typed} * h`);
      expect(judge({ ...about, current, next })).toEqual({
        text: current,
        why: ['it repeats what is still being typed at the cursor'],
      });
    }
  });

  test('one letter may be all of it', () => {
    const { current, ...about } = typing('z');
    const next = current.replace('return w * h', 'return z * h');
    expect(judge({ ...about, current, next }).text).toBe(next);
  });

  test('its rest is shown, and what has nothing to do with it', () => {
    const { current, ...about } = typing('wid');
    for (const next of [current.replace('wid,', 'width,'), current.replace('return w * h', 'return w * height')])
      expect(judge({ ...about, current, next }).text).toBe(next);
  });
});

describe('a bracket by itself', () => {
  const braces = 'void one() {\n  if (a) {\n    f(1);\n  }\n}\n\nvoid two() {\n  f(2);\n}\n';

  test('is not taken out, or put in, where it pairs with another one', () => {
    const current = braces.replace('f(1)', 'f(3)');
    for (const next of [current.replace('  }\n}', '  }'), current.replace('f(2);\n', 'f(2);\n}\n')]) {
      expect(judge({ before: [braces], current, next })).toEqual({
        text: current,
        why: ['it leaves a bracket without the other one'],
      });
    }
  });

  test('goes with the one that the programmer took out, and comes with the one that was put in', () => {
    const unwrapped = braces.replace('  if (a) {\n', '');
    const closed = unwrapped.replace('  }\n}', '}');
    expect(judge({ before: [braces], current: unwrapped, next: closed }).text).toBe(closed);
    const wrapped = braces.replace('  f(2);', '  if (b) {\n  f(2);');
    const shut = wrapped.replace('f(2);\n', 'f(2);\n  }\n');
    expect(judge({ before: [braces], current: wrapped, next: shut }).text).toBe(shut);
  });
});

describe('what is shown', () => {
  test('an edit that goes on with what was just done', () => {
    const next = renamed.replace('return w * h', 'return width * h');
    expect(judge({ before: [code], current: renamed, next })).toEqual({ text: next, why: [] });
  });

  test('whatever an instruction asked for', () => {
    expect(judge({ next: code.replace('    log("area")\n', ''), instruction: 'no logging' }).why).toEqual([]);
    expect(judge({ before: [code], current: renamed, next: code, instruction: 'undo' }).text).toBe(code);
  });

  test('the rest of a line that is being typed, though nothing was edited before', () => {
    for (const [current, behind, next] of [
      ['let a = owned\n', 'owned', 'let a = owned.unwrap_or_default()\n'],
      ['return "hello";\n', '"hello"', 'return "hello, " + name;\n'],
      ['@\ndef f():\n', '@', '@cache\ndef f():\n'],
      ['@\ndef f():\n', 'd', '@cache\ndef f():\n'],
    ] as const) {
      expect(judge({ current, behind, next }).text).toBe(next);
    }
  });

  test('more lines out, after lines were taken out', () => {
    const once = code.replace('    log("area")\n', '');
    const twice = once.replace('    log("edge")\n', '');
    expect(judge({ before: [code], current: once, next: twice }).text).toBe(twice);
  });

  test('lines that are moved', () => {
    const next = 'def edge(w, h):\n    log("edge")\n\ndef area(w, h):\n    log("area")\n    return w * h\n';
    expect(judge({ before: ['x\n'], next }).text).toBe(next);
  });

  test('what mends a slip of the finger', () => {
    const slip = 'imfrom a import b\nb()\n';
    const next = 'from a import b\nb()\n';
    expect(judge({ before: [next], current: slip, behind: 'im', next }).text).toBe(next);
    // Elsewhere it is a word like others, and nowhere does it come back by itself.
    expect(judge({ before: [next], current: slip, behind: 'b()', next }).text).toBe(slip);
  });
});

describe('what is not shown', () => {
  const other = code.replace('def edge', 'def rim');
  test.each<[string, Asked, string]>([
    ['anything where nothing was edited', { next: code.replace('w * h', 'h * w') }, 'nothing was edited'],
    [
      'more behind a line that is finished',
      { current: 'a = f(1)\nb\n', behind: 'f(1)', next: 'a = f(1) + 2\nb\n' },
      'nothing was edited',
    ],
    ['an earlier text', { before: [code], current: renamed, next: code }, 'earlier text'],
    [
      'a line that was just changed, as it was',
      { before: [code], current: renamed, next: `${code}\nedge(1, 2)\n` },
      'takes back',
    ],
    [
      'a line that was just taken out',
      { before: [code], current: code.replace('    log("area")\n', ''), next: `${code}edge(1, 2)\n` },
      'takes back',
    ],
    [
      'a region that goes',
      { before: [code], current: other, next: other.replace(/def rim.*/s, '') },
      'takes lines out',
    ],
    [
      'a long region with a line in its place',
      {
        before: ['a\n'],
        current: `a\nb\n${'x = 1\ny = 2\n'.repeat(4)}`,
        next: 'a\nb\npass\n',
      },
      'takes lines out',
    ],
    [
      'lines taken out that have nothing in common with those just taken out',
      {
        before: [code],
        current: code.replace('    log("area")\n', ''),
        next: code.replace('    log("area")\n    return w * h\n', ''),
      },
      'takes lines out',
    ],
    [
      'code with a bracket that closes nothing',
      { before: ['f(1)\n'], current: 'f(2)\ng()\n', next: 'f(2)\ng()\nh()\n}\n' },
      'bracket without',
    ],
    [
      'lines that are moved into a change which is not shown',
      {
        before: ['a()\nb()\nc(old)\n'],
        current: `a()\nb()\nc(fresh)\n${'x = 1\ny = 2\n'.repeat(4)}z()\n`,
        next: 'b()\nc(fresh)\na()\nz()\n',
      },
      'takes lines out and puts none in,it takes lines out',
    ],
    ['all of it', { before: [code], current: other, next: '\n' }, 'leaves nothing'],
    [
      'the line beside, once more',
      { before: [code], current: other, next: other.replace('    return', '    return w * h\n    return') },
      'repeats',
    ],
    ['white space', { before: [code], current: other, next: other.replace('w * h', 'w*h') }, 'white space'],
    ['a blank line', { before: [code], current: other, next: `${other}\n` }, 'white space'],
  ])('%s', (_, asked, reason) => {
    const { text, why } = judge(asked);
    expect(why.join()).toContain(reason);
    if (!asked.next.includes('edge(1, 2)')) expect(text).toBe(asked.current ?? code);
  });

  test('a hunk is judged by itself: the others are shown', () => {
    const next = `${code}edge(1, 2)\n`;
    const { text, why } = judge({ before: [code], current: renamed, next });
    expect(text).toBe(`${renamed}edge(1, 2)\n`);
    expect(why).toEqual(['it takes back what was just done']);
  });
});

test('what is shown are hunks of the answer, whole, and nothing else', () => {
  fc.assert(
    fc.property(textAndNext(codeLine), textAndNext(codeLine), fc.nat(), ({ current, next }, { next: before }, at) => {
      const target = { kind: 'cursor', offset: at % (current.length + 1) } as const;
      const edits = diffEdits(current, next);
      const conversation = { path: 'a', languageId: '', history: [before], current, target };
      const shown = gate(conversation, edits);
      for (const { start, end, newText } of shown) expect(edits).toContainEqual({ start, end, newText });
      expect(gate({ ...conversation, instruction: 'x' }, edits).length).toBe(edits.length);
    }),
  );
});
