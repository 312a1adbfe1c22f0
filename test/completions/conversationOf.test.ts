import { describe, expect, test } from 'vitest';
import { conversationOf } from '../../server/completions/conversationOf.ts';
import { defaultSettings } from '../../server/settings/settings.ts';
import { readPrompt } from '../../shared/completions/completionPrompt.ts';
import type { ServedPrompt } from '../../shared/completions/servedPrompt.ts';
import { fixture, formats } from './fixtures.ts';

function read(text: string): ServedPrompt {
  const prompt = readPrompt(text);
  if (!prompt) throw new Error('no prompt');
  return prompt;
}

describe('what engines are asked for a prompt', () => {
  test.each(formats)('the text, the cursor and each edit, from %s', (format) => {
    const { prompts, text, cursor } = fixture('a function is renamed');
    const conversation = conversationOf(read(prompts[format]), defaultSettings);
    expect(conversation).toMatchObject({ path: 'shop/src/shop.js', languageId: 'javascript', current: text });
    expect(conversation.target).toEqual({ kind: 'cursor', offset: cursor });
    expect(conversation.history).toEqual([text.replace('count', 'total')]);
    expect(conversation.edits).toEqual([[{ start: 9, removed: 'total', inserted: 'count' }]]);
    expect(conversation).not.toHaveProperty('related');
  });

  test.each(formats)('a change of another file is one of another file, from %s', (format) => {
    const { prompts } = fixture(
      'a line is begun below others, after an edit of another file and one that was accepted',
    );
    const conversation = conversationOf(read(prompts[format]), defaultSettings);
    expect(conversation.edits).toHaveLength(2);
    expect(conversation.related).toEqual([
      { path: 'app/other.py', languageId: 'python', before: 'import os\nport = 1', after: 'import os\nport = 2' },
    ]);
    const none = conversationOf(read(prompts[format]), { ...defaultSettings, 'history.maxRelated': 0 });
    expect(none).not.toHaveProperty('related');
  });

  test('a change elsewhere in the file, which the prompt does not show, is an example all the same', () => {
    const prompt = read(fixture('a function is renamed').prompts.zeta2);
    const elsewhere = {
      path: prompt.path,
      hunks: [{ oldLines: ['gone()'], newLines: ['not shown()'], newStart: 900 }],
    };
    const conversation = conversationOf({ ...prompt, changes: [elsewhere, ...prompt.changes] }, defaultSettings);
    expect(conversation.edits).toHaveLength(1);
    expect(conversation.related).toMatchObject([{ before: 'gone()', after: 'not shown()' }]);
  });

  test('secrets are hidden wherever they stand, at the same offsets', () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const prompt = read(fixture('a function is renamed').prompts.zeta2);
    const region = prompt.region.replace('few', `few = "${secret}"`);
    const other = { path: 'env.js', hunks: [{ oldLines: [], newLines: [`token = "${secret}"`], newStart: 0 }] };
    const conversation = conversationOf({ ...prompt, region, changes: [other, ...prompt.changes] }, defaultSettings);
    expect(conversation.current).toHaveLength((prompt.before + region + prompt.after).length);
    expect(conversation.masked).toHaveLength(1);
    expect(JSON.stringify(conversation)).not.toContain(secret);
  });
});
