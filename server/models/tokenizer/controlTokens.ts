import { isRecord } from '../../../shared/isRecord.ts';
import { ModelFileError } from '../weightSource.ts';
import type { AddedToken } from './byteLevelTokenizer.ts';

/** The JSON files beside tokenizer.json, which may name tokens that tokenizer.json lacks. */
export interface TokenizerExtras {
  /** tokenizer_config.json; its `added_tokens_decoder` has tokens by id. */
  readonly config: Readonly<Record<string, unknown>>;
  /** added_tokens.json: ids by token. */
  readonly addedTokens: Readonly<Record<string, unknown>> | undefined;
  /** special_tokens_map.json: names of tokens, without ids. */
  readonly specialTokens: Readonly<Record<string, unknown>> | undefined;
}

/**
 * All tokens that are found in text as they stand: those of tokenizer.json, and those that only its neighbours name, as
 * transformers adds them. A token that would be lost is what ends an answer, or what a prompt is made of.
 * @param known `added_tokens` of tokenizer.json
 * @param vocab ids by token
 * @throws ModelFileError where the files contradict each other, or none tells a token's id.
 */
export function withControlTokens(
  folder: string,
  known: readonly AddedToken[],
  vocab: Readonly<Record<string, unknown>>,
  extras: TokenizerExtras,
): readonly AddedToken[] {
  const tokens = new Map(known.map((token) => [token.content, token]));
  const special = specialNames(extras);
  const ids = new Map(known.map(({ id, content }) => [id, content]));
  for (const [content, id] of Object.entries(vocab)) if (typeof id === 'number') ids.set(id, ids.get(id) ?? content);
  const add = (content: string, id: number, flags: object) => {
    if (content === '' || tokens.get(content)?.id === id) return;
    const standing = tokens.get(content)?.id ?? idIn(vocab, content);
    if (standing !== undefined && standing !== id) {
      throw contradiction(folder, `the token ${JSON.stringify(content)} has the ids ${standing} and ${id}`);
    }
    const other = ids.get(id);
    if (other !== undefined && other !== content) {
      throw contradiction(folder, `${JSON.stringify(other)} and ${JSON.stringify(content)} both have the id ${id}`);
    }
    ids.set(id, content);
    tokens.set(content, { ...plainFlags, special: special.has(content), ...flags, content, id });
  };
  for (const { content, id, flags } of namedWithIds(folder, extras)) add(content, id, flags);
  for (const [content, isNeeded] of special) {
    if (tokens.has(content)) continue;
    const id = idIn(vocab, content);
    if (id !== undefined) add(content, id, { special: true });
    else if (isNeeded) {
      throw new ModelFileError(
        `${folder}: the control token ${JSON.stringify(content)} is named and no file tells its id; download tokenizer.json of the same model again.`,
      );
    }
  }
  return [...tokens.values()];
}

const plainFlags = { single_word: false, lstrip: false, rstrip: false, normalized: false };

/** Tokens to which the files beside tokenizer.json give an id. */
function* namedWithIds(
  folder: string,
  { config, addedTokens }: TokenizerExtras,
): Generator<{ content: string; id: number; flags: object }> {
  const byId = isRecord(config.added_tokens_decoder) ? config.added_tokens_decoder : {};
  for (const [key, token] of Object.entries(byId)) {
    const id = Number(key);
    if (!isRecord(token) || typeof token.content !== 'string' || !isTokenId(id)) {
      throw new ModelFileError(
        `${folder}: added_tokens_decoder of tokenizer_config.json is malformed at ${JSON.stringify(key)}; download it again.`,
      );
    }
    yield { content: token.content, id, flags: flagsOf(token) };
  }
  for (const [content, id] of Object.entries(addedTokens ?? {})) {
    if (!isTokenId(id)) {
      throw new ModelFileError(
        `${folder}: added_tokens.json gives ${JSON.stringify(content)} no id that a token can have; download it again.`,
      );
    }
    yield { content, id, flags: {} };
  }
}

function flagsOf(token: Readonly<Record<string, unknown>>): object {
  const names = [...Object.keys(plainFlags), 'special'];
  return Object.fromEntries(Object.entries(token).filter(([name]) => names.includes(name)));
}

/** What ends and begins sequences, and lists of more: a prompt may need each. The others only fill up or stand in. */
const lists = ['additional_special_tokens', 'extra_special_tokens'];
const fillers = ['unk_token', 'pad_token', 'mask_token', 'sep_token', 'cls_token'];

/** The control tokens that are named, and whether one must be there. */
function specialNames({ config, specialTokens }: TokenizerExtras): Map<string, boolean> {
  const names = new Map<string, boolean>();
  const note = (token: unknown, isNeeded: boolean) => {
    const content = isRecord(token) ? token.content : token;
    if (typeof content === 'string' && content !== '') names.set(content, isNeeded || (names.get(content) ?? false));
  };
  for (const file of [config, specialTokens ?? {}]) {
    for (const key of fillers) note(file[key], false);
    note(file.bos_token, config.add_bos_token === true);
    note(file.eos_token, true);
    for (const key of lists) {
      const value = file[key];
      const tokens = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
      for (const token of tokens) note(token, true);
    }
  }
  return names;
}

function idIn(vocab: Readonly<Record<string, unknown>>, content: string): number | undefined {
  const id = Object.hasOwn(vocab, content) ? vocab[content] : undefined;
  return typeof id === 'number' ? id : undefined;
}

function isTokenId(id: unknown): id is number {
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
}

function contradiction(folder: string, what: string): ModelFileError {
  return new ModelFileError(
    `${folder}: ${what} in its tokenizer's files; they are not of one model, download them again.`,
  );
}
