import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { withControlTokens } from '../../../server/models/tokenizer/controlTokens.ts';
import { ModelFileError } from '../../../server/models/weightSource.ts';
import { openWeights } from '../../../server/models/weights/openWeights.ts';
import { llamaConfig, smallTokenizer, writeFolder } from '../weights/writers.ts';

const root = mkdtempSync(path.join(tmpdir(), 'control-tokens-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let next = 0;

/** The added tokens of a folder whose tokenizer.json has none, with these files beside it. */
async function tokensOf(files: Record<string, unknown>): Promise<unknown> {
  const folder = await writeFolder(path.join(root, String(next++)), {
    'tokenizer.json': { ...smallTokenizer, added_tokens: [] },
    'tokenizer_config.json': undefined,
    'config.json': { ...llamaConfig, eos_token_id: 5 },
    ...files,
  });
  const source = await openWeights(folder);
  await source.close();
  const tokenizer = source.tokenizer.tokenizer as { added_tokens: { id: number; content: string; special: boolean }[] };
  return tokenizer.added_tokens.map(({ id, content, special }) => ({ id, content, special }));
}

const end = '<|im_end|>';

describe('control tokens that tokenizer.json does not have', () => {
  it.each([
    [{ 'added_tokens.json': { [end]: 5 } }, [{ id: 5, content: end, special: false }]],
    [
      { 'added_tokens.json': { [end]: 5 }, 'special_tokens_map.json': { eos_token: { content: end } } },
      [{ id: 5, content: end, special: true }],
    ],
    [
      { 'tokenizer_config.json': { added_tokens_decoder: { 5: { content: end, special: true } } } },
      [{ id: 5, content: end, special: true }],
    ],
    // A token of the vocabulary that is named as special is found in text as it stands.
    [{ 'special_tokens_map.json': { additional_special_tokens: ['ab'] } }, [{ id: 2, content: 'ab', special: true }]],
    [{ 'tokenizer_config.json': { extra_special_tokens: { image: '!' } } }, [{ id: 4, content: '!', special: true }]],
    // What only fills up or stands in may be missing.
    [{ 'special_tokens_map.json': { pad_token: '[PAD]', bos_token: '<s>' } }, []],
  ])('%j are added', async (files, tokens) => expect(await tokensOf(files)).toEqual(tokens));

  it.each([
    [{ 'special_tokens_map.json': { eos_token: '<|gone|>' } }, '"<|gone|>" is named and no file tells its id'],
    [{ 'special_tokens_map.json': { additional_special_tokens: [{ content: '<|x|>' }] } }, 'no file tells its id'],
    [{ 'tokenizer_config.json': { bos_token: '<s>', add_bos_token: true } }, '"<s>" is named and no file tells its id'],
    [{ 'added_tokens.json': { [end]: 2 } }, '"ab" and "<|im_end|>" both have the id 2'],
    [{ 'added_tokens.json': { ab: 5 } }, 'the token "ab" has the ids 2 and 5'],
    [{ 'added_tokens.json': { [end]: 'five' } }, 'gives "<|im_end|>" no id that a token can have'],
    [{ 'added_tokens.json': { [end]: 6 } }, 'goes up to token 6 and the embedding has 6 rows'],
    [{ 'tokenizer_config.json': { added_tokens_decoder: { 5: end } } }, 'is malformed at "5"'],
  ])('%j are refused: %s', async (files, words) => {
    const error = await tokensOf(files).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as ModelFileError).message).toContain(words);
  });

  it('never lose a token of any file, and give no id twice', () => {
    const content = fc.constantFrom('a', 'b', '<x>', '<y>', '<z>');
    const ids = fc.dictionary(content, fc.nat(6), { noNullPrototype: true });
    fc.assert(
      fc.property(ids, ids, ids, fc.array(content), (known, vocab, added, special) => {
        const tokens = Object.entries(known).map(([text, id]) => ({ id, content: text }));
        fc.pre(new Set(tokens.map(({ id }) => id)).size === tokens.length);
        const extras = { config: {}, addedTokens: added, specialTokens: { additional_special_tokens: special } };
        let all: readonly { id: number; content: string }[];
        try {
          all = withControlTokens('f', tokens, vocab, extras);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError);
          return;
        }
        const contents = all.map((token) => token.content);
        expect(contents).toEqual(expect.arrayContaining([...Object.keys(known), ...Object.keys(added), ...special]));
        expect(new Set(contents).size).toBe(contents.length);
        for (const [text, id] of Object.entries({ ...added, ...known })) {
          expect(all).toContainEqual(expect.objectContaining({ id, content: text }));
        }
      }),
    );
  });
});
