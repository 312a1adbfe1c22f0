import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../../shared/isRecord.ts';
import { architectures } from '../architectures.ts';
import { ModelFileError } from '../weightSource.ts';
import { readOptionalJson, readOptionalText } from '../weights/jsonFile.ts';
import { type AddedToken, byteLevelTokenizer } from './byteLevelTokenizer.ts';
import { withControlTokens } from './controlTokens.ts';
import { exactPreTokenizer } from './exactPreTokenizer.ts';
import type { TokenizerFiles } from './tokenizerFiles.ts';

/**
 * The tokenizer of a Hugging Face folder: tokenizer.json and tokenizer_config.json, or what older folders have instead.
 * @param architecture as config.json names it
 * @throws ModelFileError when it is missing or cannot be used.
 */
export async function readTokenizerFolder(folder: string, architecture: string): Promise<TokenizerFiles> {
  const config = (await readOptionalJson(folder, 'tokenizer_config.json')) ?? {};
  const tokenizer =
    (await readOptionalJson(folder, 'tokenizer.json')) ?? (await fromVocabularyAndMerges(folder, architecture));
  const { added, vocab } = checkTokenizer(tokenizer, join(folder, 'tokenizer.json'));
  checkSplits(tokenizer.pre_tokenizer, join(folder, 'tokenizer.json'));
  const all = withControlTokens(folder, added, vocab, {
    config,
    addedTokens: await readOptionalJson(folder, 'added_tokens.json'),
    specialTokens: await readOptionalJson(folder, 'special_tokens_map.json'),
  });
  const exact = { ...tokenizer, added_tokens: all, pre_tokenizer: exactPreTokenizer(tokenizer.pre_tokenizer) };
  return { tokenizer: exact, config: await withChatTemplates(folder, config) };
}

interface Tokens {
  readonly added: readonly AddedToken[];
  /** Ids by token. */
  readonly vocab: Readonly<Record<string, unknown>>;
}

function checkTokenizer(tokenizer: Record<string, unknown>, path: string): Tokens {
  const { model, added_tokens: added = [] } = tokenizer;
  const type = isRecord(model) ? (model.type ?? 'BPE') : undefined;
  if (!isRecord(model) || !Array.isArray(added)) {
    throw new ModelFileError(`${path} describes no tokenizer; download it again.`);
  }
  if (type !== 'BPE') {
    throw new ModelFileError(
      `${path}: a tokenizer of kind ${JSON.stringify(type)} cannot be used; take a model with BPE.`,
    );
  }
  const { vocab, merges } = model;
  if (!isRecord(vocab) || !Array.isArray(merges) || Object.values(vocab).some((id) => !isTokenId(id))) {
    throw new ModelFileError(`${path}: its vocabulary or merges are malformed; download it again.`);
  }
  const wrong = merges.find((merge) => !isMerge(merge, vocab));
  if (wrong !== undefined) {
    throw new ModelFileError(
      `${path}: its merge ${JSON.stringify(wrong)} makes no token of its vocabulary; download it again.`,
    );
  }
  if (!added.every(isAddedToken)) {
    throw new ModelFileError(`${path}: its added tokens are malformed; download it again.`);
  }
  return { added, vocab };
}

/** A merge is two tokens, side by side or with a space between, that make a third. */
function isMerge(merge: unknown, vocab: Record<string, unknown>): boolean {
  const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
  if (!Array.isArray(pair) || pair.length !== 2) return false;
  return [...pair, pair.join('')].every((token) => typeof token === 'string' && Object.hasOwn(vocab, token));
}

/** Ways of `Split` that `@huggingface/tokenizers` does not know: it would cut elsewhere, and silently. */
function checkSplits(step: unknown, path: string): void {
  if (!isRecord(step)) return;
  if (Array.isArray(step.pretokenizers)) for (const inner of step.pretokenizers) checkSplits(inner, path);
  const { type, behavior, pattern } = step;
  if (type === 'Split' && !(isRecord(pattern) && typeof (pattern.Regex ?? pattern.String) === 'string')) {
    throw new ModelFileError(`${path}: a pre-tokenizer splits by no pattern; download it again.`);
  }
  if (type === 'Split' && behavior !== 'Isolated' && behavior !== 'Removed') {
    throw new ModelFileError(
      `${path}: a pre-tokenizer that splits by ${JSON.stringify(behavior)} cannot be used; take another model.`,
    );
  }
}

function isAddedToken(token: unknown): token is AddedToken {
  return isRecord(token) && isTokenId(token.id) && typeof token.content === 'string';
}

function isTokenId(id: unknown): id is number {
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
}

/** A tokenizer saved as vocab.json and merges.txt says nothing of its pre-tokenizer: some architectures have but one. */
async function fromVocabularyAndMerges(folder: string, architecture: string): Promise<Record<string, unknown>> {
  const preTokenizer = architectures.find(({ name }) => name === architecture)?.preTokenizer;
  const vocabulary = await readOptionalJson(folder, 'vocab.json');
  const merges = await readOptionalText(folder, 'merges.txt');
  if (!vocabulary || merges === undefined || preTokenizer === undefined) {
    throw new ModelFileError(
      `${folder} has no tokenizer.json; download it too, or make it with transformers: ` +
        `AutoTokenizer.from_pretrained("${folder}").save_pretrained("${folder}").`,
    );
  }
  return byteLevelTokenizer({
    preTokenizer,
    vocab: vocabulary,
    merges: merges.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version')),
    // What else there is stands in the files beside.
    addedTokens: [],
  });
}

/**
 * tokenizer_config.json with the chat templates that newer folders keep beside it: chat_template.jinja or
 * chat_template.json, and named ones in additional_chat_templates.
 */
async function withChatTemplates(folder: string, config: Record<string, unknown>): Promise<Record<string, unknown>> {
  const main =
    (await readOptionalText(folder, 'chat_template.jinja')) ??
    (await readOptionalJson(folder, 'chat_template.json'))?.chat_template ??
    config.chat_template;
  const named = await additionalTemplates(folder);
  if (named.length === 0) return main === undefined ? config : { ...config, chat_template: main };
  const first = typeof main === 'string' ? [{ name: 'default', template: main }] : Array.isArray(main) ? main : [];
  return { ...config, chat_template: [...first, ...named] };
}

async function additionalTemplates(folder: string): Promise<{ name: string; template: string }[]> {
  const inner = join(folder, 'additional_chat_templates');
  const names = await readdir(inner).catch(() => []);
  const templates = names.filter((name) => name.endsWith('.jinja')).sort();
  return Promise.all(
    templates.map(async (name) => ({
      name: name.slice(0, -'.jinja'.length),
      template: (await readOptionalText(inner, name)) ?? '',
    })),
  );
}
