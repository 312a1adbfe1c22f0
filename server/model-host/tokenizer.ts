import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { joinTexts, type Prompt, type PromptPart, promptText } from '../../shared/conversation/prompt.ts';
import { EngineError, systemErrorWords } from '../../shared/errors.ts';
import type { TokenizerFiles } from '../models/tokenizer/tokenizerFiles.ts';
import { dropUnknownCharacters } from '../models/tokenizer/unknownCharacters.ts';

/**
 * A model's tokenizer. Distinguishes a prompt's control tokens from the same spelling in a user's file: text never
 * becomes a control token, whatever it contains.
 */
export class ModelTokenizer {
  /** The content of `tokenizer_config.json`; holds the chat template. */
  readonly config: object;
  readonly #full: Tokenizer;
  /** Shares `#full`'s vocabulary, but knows no control tokens. */
  readonly #plain: Tokenizer;
  readonly #controls: ReadonlyMap<string, number>;
  readonly #anyControl: RegExp | undefined;
  readonly #beginning: number | undefined;

  /** `beginning` is the id put before every prompt that does not start with it. Throws an EngineError. */
  constructor(files: TokenizerFiles, beginning?: number) {
    try {
      this.#full = new Tokenizer(files.tokenizer, files.config);
      dropUnknownCharacters(this.#full);
      const controls = [...this.#full.get_added_tokens_decoder()].filter(([, token]) => isControl(token));
      this.#controls = new Map(controls.map(([id, { content }]) => [content, id]));
      this.#plain = withoutTokens(this.#full, files, new Set(this.#controls.keys()));
    } catch (error) {
      throw new EngineError(
        `the model's tokenizer cannot be read (${error instanceof Error ? error.message : String(error)}); import the model again`,
      );
    }
    this.config = files.config;
    this.#beginning = beginning;
    // The longest first, as a tokenizer takes them.
    const contents = [...this.#controls.keys()].sort((a, b) => b.length - a.length);
    this.#anyControl = contents.length > 0 ? new RegExp(contents.map(escapeRegExp).join('|'), 'gu') : undefined;
  }

  /** The prompt's token ids. Throws an EngineError for a control token the model does not have. */
  encode(prompt: Prompt): number[] {
    return this.#withBeginning(this.encodeAnswer(prompt));
  }

  /** The token ids of what stands behind a prompt. Throws as `encode` does. */
  encodeAnswer(answer: Prompt): number[] {
    const parts = joinTexts(answer);
    for (const part of parts) if (part.kind === 'control') this.#idOf(part.token);
    // Like the reference implementation, which also handles the start of a text after a control token.
    if (!parts.some((part) => part.kind === 'text' && this.#spellsControl(part.text))) {
      return this.#encodeFull(promptText(parts));
    }
    return parts.flatMap((part) => (part.kind === 'text' ? this.#encodePlain(part.text) : [this.#idOf(part.token)]));
  }

  /** Raw text's token ids; control tokens spelled in it are recognised. */
  encodeRaw(text: string): number[] {
    return this.#withBeginning(this.#encodeFull(text));
  }

  /** How many tokens a text takes by itself, as plain text. */
  count(text: string): number {
    return this.#encodePlain(text).length;
  }

  /** The text of ids, control tokens spelled out; a character cut in two gives U+FFFD. */
  decode(ids: readonly number[]): string {
    if (ids.length === 0) return '';
    return this.#full.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  /** The id of a control token, or undefined for any other string. */
  controlId(token: string): number | undefined {
    return this.#controls.get(token);
  }

  /** A text we wrote ourselves, such as a chat template's, as a prompt with its control tokens. */
  split(text: string): Prompt {
    if (!this.#anyControl) return text === '' ? [] : [{ kind: 'text', text }];
    const parts: PromptPart[] = [];
    let end = 0;
    for (const match of text.matchAll(this.#anyControl)) {
      if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
      parts.push({ kind: 'control', token: match[0] });
      end = match.index + match[0].length;
    }
    if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
    return parts;
  }

  #spellsControl(text: string): boolean {
    return this.#anyControl !== undefined && text.search(this.#anyControl) !== -1;
  }

  #encodeFull(text: string): number[] {
    return text === '' ? [] : this.#full.encode(text, { add_special_tokens: false }).ids;
  }

  #encodePlain(text: string): number[] {
    return text === '' ? [] : this.#plain.encode(text, { add_special_tokens: false }).ids;
  }

  #idOf(token: string): number {
    const id = this.#controls.get(token);
    if (id !== undefined) return id;
    throw new EngineError(
      `the model has no control token ${token}, so it was not trained for this prompt format; choose another format or model`,
    );
  }

  #withBeginning(ids: number[]): number[] {
    return this.#beginning === undefined || ids[0] === this.#beginning ? ids : [this.#beginning, ...ids];
  }
}

/** Reads `tokenizer.json` and `tokenizer_config.json` of a model's folder. Throws an EngineError. */
export async function readTokenizer(folder: string, beginning?: number): Promise<ModelTokenizer> {
  const [tokenizer, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map((name) => readObject(path.join(folder, name))),
  );
  return new ModelTokenizer({ tokenizer: tokenizer ?? {}, config: config ?? {} }, beginning);
}

async function readObject(file: string): Promise<object> {
  try {
    if (!(await stat(file)).isFile()) throw new Error('it is no file');
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
    throw new Error('it is no JSON object');
  } catch (error) {
    throw new EngineError(`${file} cannot be read: ${systemErrorWords(error)}; import the model again`);
  }
}

/**
 * Whether an added token controls the model. Tokenizers also add tokens that are plain text, such as runs of spaces or
 * letters missing from the vocabulary; those stay text. Many control tokens are not `special`, e.g. `<|fim_prefix|>`.
 */
function isControl({ special, content }: { readonly special: boolean; readonly content: string }): boolean {
  return special || /^(<.*>|\[[A-Z_]+\])$/su.test(content);
}

/** The same tokenizer, sharing the vocabulary in memory, that treats these added tokens as text. */
function withoutTokens(full: Tokenizer, { tokenizer, config }: TokenizerFiles, tokens: ReadonlySet<string>): Tokenizer {
  const { model, added_tokens: added } = tokenizer as { model: object; added_tokens: { content: string }[] };
  const kept = added.filter(({ content }) => !tokens.has(content));
  // Built on an empty vocabulary, because the real one costs a second and a hundred megabytes.
  const empty = 'merges' in model ? { ...model, vocab: {}, merges: [] } : { ...model };
  const plain = new Tokenizer({ ...tokenizer, added_tokens: kept, model: empty }, config);
  plain.model = full.model;
  return plain;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
