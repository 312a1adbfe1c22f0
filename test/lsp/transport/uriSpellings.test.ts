import { expect, it } from 'vitest';
import { UriSpellings } from '../../../server/lsp/transport/uriSpellings.ts';

const opened = 'file:///c%3A/work/a.ts';
const other = 'file:///C:/work/%61.ts';

it('names a document as it was opened, until it is closed', () => {
  const spellings = new UriSpellings();
  const spell = (method: string, uri: string) =>
    spellings.spell(method, { textDocument: { uri, version: 1 }, more: 1 });
  expect(spell('textDocument/didChange', other)).toEqual({ textDocument: { uri: other, version: 1 }, more: 1 });
  spell('textDocument/didOpen', opened);
  expect(spell('textDocument/didChange', other)).toEqual({ textDocument: { uri: opened, version: 1 }, more: 1 });
  expect(spell('textDocument/didOpen', other)).toMatchObject({ textDocument: { uri: opened } });
  expect(spellings.spell('workspace/executeCommand', { arguments: [{ uri: other }, 3] })).toEqual({
    arguments: [{ uri: opened }, 3],
  });
  expect(spell('textDocument/didClose', other)).toMatchObject({ textDocument: { uri: opened } });
  expect(spell('textDocument/didOpen', other)).toMatchObject({ textDocument: { uri: other } });
});

it('leaves what names no document as it is', () => {
  const spellings = new UriSpellings();
  for (const params of [undefined, null, 3, [], {}, { textDocument: null }, { arguments: [null, [opened]] }]) {
    expect(spellings.spell('textDocument/didOpen', params)).toEqual(params);
    expect(spellings.spell('workspace/executeCommand', params)).toEqual(params);
  }
});
