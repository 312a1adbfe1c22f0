import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TokenizerFiles } from '../../../server/models/tokenizer/tokenizerFiles.ts';
import { readTokenizerFolder } from '../../../server/models/tokenizer/tokenizerFolder.ts';
import { checkUsable } from '../../../server/models/tokenizer/usableTokenizer.ts';
import { ModelFileError } from '../../../server/models/weightSource.ts';
import { temporaryFolder } from '../storeSupport.ts';
import { tinyTokenizer } from '../tinyFolder.ts';

interface Changeable {
  added_tokens?: unknown;
  pre_tokenizer: object | null;
  decoder: object | null;
  model: { vocab: Record<string, number>; merges: unknown };
}

function changed(change: (tokenizer: Changeable) => void): TokenizerFiles {
  const tokenizer = tinyTokenizer() as Changeable;
  change(tokenizer);
  return { tokenizer, config: {} };
}

describe('a tokenizer to be installed', () => {
  it('is taken as it is', () => {
    expect(() => checkUsable(changed(() => {}))).not.toThrow();
  });

  it.each<[string, (tokenizer: Changeable) => void]>([
    ['no vocabulary', ({ model }) => Object.assign(model, { vocab: {} })],
    ['tokens that share an id', ({ model }) => Object.assign(model.vocab, { h: 5, e: 5 })],
    ['letters that are no tokens', ({ model }) => void Reflect.deleteProperty(model.vocab, 'h')],
    ['no decoder', (tokenizer) => Object.assign(tokenizer, { decoder: null })],
    [
      'a pattern that takes text away',
      (tokenizer) =>
        Object.assign(tokenizer, { pre_tokenizer: { type: 'Split', pattern: { Regex: 'a' }, behavior: 'Removed' } }),
    ],
  ])('is refused where text is lost: %s', (_, change) => {
    expect(() => checkUsable(changed(change))).toThrow(/the tokens of a text do not give it back\); download/);
  });

  it('is refused where a pattern backtracks without end', () => {
    const pattern = { Regex: '^(\\w+)+!$' };
    const endless = changed((tokenizer) => {
      tokenizer.pre_tokenizer = { type: 'Split', pattern, behavior: 'Isolated', invert: false };
    });
    expect(() => checkUsable(endless, 50)).toThrow(/it takes more than 0\.05 s for a few lines/);
    expect(() => checkUsable(endless, 50)).toThrow(ModelFileError);
  });
});

describe('tokenizer.json', () => {
  async function read(text: string): Promise<TokenizerFiles> {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'tokenizer.json'), text);
    return await readTokenizerFolder(folder, 'Qwen2ForCausalLM');
  }
  const withMerges = (merges: unknown) =>
    JSON.stringify(changed(({ model }) => Object.assign(model, { merges })).tokenizer);

  it.each([[[1]], [[null]], [['ab']], [['a b c']], [[['a']]], [[['a', 'b']]], [['h e']]])(
    'is refused with merges %j',
    async (merges) => {
      await expect(read(withMerges(merges))).rejects.toThrow(/its merge .* makes no token of its vocabulary/);
    },
  );

  it.each([undefined, {}, 'a', { Regex: 1 }])('is refused where it splits by %j', async (pattern) => {
    const { tokenizer } = changed((value) => {
      value.pre_tokenizer = { type: 'Sequence', pretokenizers: [{ type: 'Split', pattern, behavior: 'Isolated' }] };
    });
    await expect(read(JSON.stringify(tokenizer))).rejects.toThrow(/splits by no pattern; download it again/);
  });

  it('is refused when it is nested without end', async () => {
    const text = withMerges([]).slice(0, -1);
    const deep = (levels: number) => `${text},"extra":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    await expect(read(deep(20_000))).rejects.toThrow(/tokenizer\.json is nested deeper than 100; download it again/);
    await expect(read(deep(50))).resolves.toBeDefined();
  });

  it('may leave out its added tokens', async () => {
    const { tokenizer } = changed((value) => Reflect.deleteProperty(value, 'added_tokens'));
    expect(() => checkUsable({ tokenizer, config: {} })).toThrow(ModelFileError);
    expect(checkUsable(await read(JSON.stringify(tokenizer)))).toBeUndefined();
  });
});
