import { expect, it } from 'vitest';
import { PatternEngine } from '../../../server/engines/pattern/patternEngine.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';

const text = `function total(items) {
  return items.length;
}

function report(items) {
  const amount = total(items);
  console.log('amount', amount, total(items.slice(1)));
}

module.exports = { total, report };
`;

it.each([
  ['above it', (renamed: string) => `// first\n${renamed}`],
  ['far below it', (renamed: string) => `${renamed}// last\n`],
])('the uses of a renamed function follow also after an unrelated edit %s', async (_, edit) => {
  const renamed = text.replace('total', 'grandTotal');
  const current = edit(renamed);
  const { edits } = await new PatternEngine().predict(
    {
      path: 'shop.js',
      languageId: 'javascript',
      history: [text, renamed],
      current,
      target: { kind: 'cursor', offset: 0 },
    },
    new AbortController().signal,
  );
  expect(applyEdits(current, edits)).toBe(edit(text.replaceAll(/\btotal\b/g, 'grandTotal')));
});
