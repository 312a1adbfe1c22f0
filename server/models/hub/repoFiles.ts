import type { ListFileEntry } from '@huggingface/hub';
import { StoreError } from '../store/storeError.ts';

/** A file of a repository, with what its content must hash to. */
export interface RepoFile {
  readonly path: string;
  readonly size: number;
  readonly checksum: { readonly kind: 'sha256' | 'gitBlob'; readonly hex: string };
}

const weights = /^model(-\d+-of-\d+)?\.safetensors$/;
const index = 'model.safetensors.index.json';
const always = ['config.json', 'generation_config.json', 'tokenizer_config.json', 'special_tokens_map.json'];
const templates = /^(chat_template\.(jinja|json)|additional_chat_templates\/[\w.-]+\.jinja)$/;
/** What older folders have instead of tokenizer.json. */
const olderTokenizer = ['vocab.json', 'merges.txt', 'added_tokens.json'];
const pickle = /\.(bin|pth?|ckpt)$/;

/**
 * The files of a repository's listing that an import reads: safetensors, configuration and tokenizer. Throws a
 * StoreError.
 */
export function filesToPull(repo: string, listing: readonly ListFileEntry[]): RepoFile[] {
  const names = listing.filter(({ type }) => type === 'file').map(({ path }) => path);
  if (!names.some((name) => weights.test(name))) throw new StoreError(noWeights(repo, names));
  const single = names.includes('model.safetensors') && !names.includes(index);
  const tokenizer = names.includes('tokenizer.json') ? ['tokenizer.json'] : olderTokenizer;
  const wanted = (name: string) =>
    (single ? name === 'model.safetensors' : weights.test(name) || name === index) ||
    always.includes(name) ||
    tokenizer.includes(name) ||
    templates.test(name);
  return listing.filter(({ type, path }) => type === 'file' && wanted(path)).map((entry) => repoFile(repo, entry));
}

/** One GGUF file of a repository's listing. Throws a StoreError. */
export function ggufToPull(repo: string, listing: readonly ListFileEntry[], file: string): RepoFile {
  const found = listing.find(({ type, path }) => type === 'file' && path === file);
  const name = file.split('/').at(-1) ?? '';
  if (found && /^[A-Za-z0-9][\w.+-]*\.gguf$/i.test(name)) return repoFile(repo, found);
  const there = listing.map(({ path }) => path).filter((path) => path.endsWith('.gguf'));
  throw new StoreError(
    `${repo} has no GGUF file ${file}; ${there.length === 0 ? 'it has none at all' : `there are: ${there.join(', ')}`}`,
  );
}

function noWeights(repo: string, names: readonly string[]): string {
  const ggufs = names.filter((name) => name.endsWith('.gguf'));
  if (ggufs.length > 0) {
    return `${repo} has GGUF files; name the one you want, as in ${repo}:${ggufs[0]}; there are: ${ggufs.join(', ')}`;
  }
  if (names.some((name) => name.endsWith('.onnx'))) {
    return `${repo} has its weights as ONNX alone, which are not pulled; download its files and install them with \`cursorcore-lsp model import\``;
  }
  if (names.some((name) => pickle.test(name))) {
    return `${repo} has its weights in pickle files alone, which can run code when they are loaded and are not read; look for a repository with safetensors or GGUF`;
  }
  return `${repo} has no safetensors and no GGUF file; check the name`;
}

function repoFile(repo: string, { path, size, lfs, oid }: ListFileEntry): RepoFile {
  const checksum = lfs ? ({ kind: 'sha256', hex: lfs.oid } as const) : ({ kind: 'gitBlob', hex: oid ?? '' } as const);
  const bytes = lfs?.size ?? size;
  const isHex = new RegExp(`^[0-9a-f]{${lfs ? 64 : 40}}$`).test(checksum.hex);
  if (isHex && Number.isSafeInteger(bytes) && bytes >= 0) return { path, size: bytes, checksum };
  throw new StoreError(
    `the hub gives no checksum or size for ${path} of ${repo}, so it cannot be trusted; check HF_ENDPOINT`,
  );
}
