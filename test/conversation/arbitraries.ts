import fc from 'fast-check';
import type { TargetArea } from '../../shared/conversation/conversation.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';

/** Lines of code as they come, those that recur and those that say nothing among them. */
export const codeLine = fc.oneof(
  { weight: 5, arbitrary: fc.nat(60).map((n) => `line ${n}`) },
  { weight: 2, arbitrary: fc.nat(20).map((n) => `    call_${n}()`) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '}',
      '',
      '  }',
      'return',
      '\t',
      '    ',
      'é漢😀',
      '👩‍👩‍👧 = 1',
      'x = "a" ',
      '\u00a0y',
      '__proto__',
    ),
  },
);

/** Lines that look like what the formats use themselves. */
export const awkwardLine = fc.constantFrom(
  '```',
  '```python',
  '    ```',
  '`',
  '# text `code`',
  '<|im_end|>',
  'a<|im_start|>b',
  '<|search_and_replace|> x',
  '1 x',
  '"...",',
);

export const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

/** A text of one kind of line end, with or without a final one. */
export function textOf(line: fc.Arbitrary<string>, maxLength = 30): fc.Arbitrary<string> {
  return fc.tuple(fc.array(line, { maxLength }), lineEnd, fc.boolean()).map(([lines, end, final]) => {
    return lines.join(end) + (final && lines.length > 0 ? end : '');
  });
}

/** A text and what becomes of its lines after a few changes, with `\n` for line ends. */
export function textAndNext(
  line: fc.Arbitrary<string>,
  { text = textOf(line), maxTaken = 2 }: { text?: fc.Arbitrary<string>; maxTaken?: number } = {},
): fc.Arbitrary<{ current: string; next: string }> {
  return text.chain((current) => {
    const { lines } = new Snippet(current);
    const change = fc.record({
      at: fc.nat(lines.length),
      taken: fc.nat(maxTaken),
      put: fc.array(line, { maxLength: 2 }),
    });
    return fc.array(change, { maxLength: 3 }).map((changes) => {
      const next = [...lines];
      for (const { at, taken, put } of changes) next.splice(Math.min(at, next.length), taken, ...put);
      return { current, next: next.join('\n') };
    });
  });
}

export function targetIn(text: string): fc.Arbitrary<TargetArea | undefined> {
  const offset = fc.nat(text.length);
  return fc.oneof(
    fc.constant(undefined),
    offset.map((at): TargetArea => ({ kind: 'cursor', offset: at })),
    fc.tuple(offset, offset).map(([start, end]): TargetArea => ({ kind: 'selection', start, end })),
  );
}

/** Answers of no sense, made of what gives answers their sense. */
export const anyAnswer = fc
  .array(
    fc.oneof(
      codeLine,
      awkwardLine,
      fc.constantFrom(
        '\n',
        '\n',
        '\n```\n',
        '<|next_start|>',
        '<|next_end|>',
        '<|search_and_replace|>',
        '0,1',
        '2,4',
        '...',
      ),
      fc.constantFrom('<|next_start|>```python\n', '\n```<|next_end|>', '\n<|search_and_replace|>\n', '\n1,1\n```\n'),
    ),
    { maxLength: 30 },
  )
  .chain((pieces) => fc.constantFrom('', '\n').map((between) => pieces.join(between)));
