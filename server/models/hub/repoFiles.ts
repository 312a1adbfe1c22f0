import type { ListFileEntry } from '@huggingface/hub';
import { StoreError } from '../store/storeError.ts';
import { partNames } from '../weights/ggufParts.ts';
import { quantizedWords } from '../weights/huggingFaceConfig.ts';
import { indexFile, noSafetensors, singleFile } from '../weights/shards.ts';

/** A file of a repository, with what its content must hash to. */
export interface RepoFile {
  readonly path: string;
  readonly size: number;
  readonly checksum: { readonly kind: 'sha256' | 'gitBlob'; readonly hex: string };
}

const weights = /^model(-\d+-of-\d+)?\.safetensors$/;
const anyWeights = /^[\w-][\w.-]*\.safetensors$/;
const always = [
  'config.json',
  'generation_config.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  indexFile,
];
const templates = /^(chat_template\.(jinja|json)|additional_chat_templates\/[\w.-]+\.jinja)$/;
/** What older folders have instead of tokenizer.json. */
const olderTokenizer = ['vocab.json', 'merges.txt'];
/** What tools that quantise wrote before config.json had a place for it. */
const quantization = ['quantize_config.json', 'quant_config.json', 'hf_quant_config.json'];

/**
 * The files of a repository's listing that an import is likely to read: safetensors, configuration and tokenizer. Which
 * files the weights lie in is settled by the index, which is among them. Throws a StoreError.
 */
export function filesToPull(repo: string, listing: readonly ListFileEntry[]): RepoFile[] {
  const names = listing.filter(({ type }) => type === 'file').map(({ path }) => path);
  if (!names.includes(singleFile) && !names.includes(indexFile)) throw new StoreError(noWeights(repo, names));
  const tokenizer = names.includes('tokenizer.json') ? ['tokenizer.json'] : olderTokenizer;
  const wanted = (name: string) =>
    (names.includes(singleFile) ? name === singleFile : weights.test(name)) ||
    always.includes(name) ||
    tokenizer.includes(name) ||
    templates.test(name);
  return listing.filter(({ type, path }) => type === 'file' && wanted(path)).map((entry) => repoFile(repo, entry));
}

/** All that lies beside config.json and may hold weights, by name. Throws a StoreError. */
export function weightsOf(repo: string, listing: readonly ListFileEntry[]): ReadonlyMap<string, RepoFile> {
  const found = listing.filter(({ type, path }) => type === 'file' && anyWeights.test(path));
  return new Map(found.map((entry) => [entry.path, repoFile(repo, entry)]));
}

/** Throws a StoreError where the names in a repository of safetensors tell that it cannot be imported. */
export function checkListing(repo: string, listing: readonly ListFileEntry[]): void {
  const names = new Set(listing.filter(({ type }) => type === 'file').map(({ path }) => path));
  const refuse = (what: string) => {
    throw new StoreError(`${repo} ${what}`);
  };
  if (names.has('adapter_config.json') && !names.has('config.json')) {
    refuse(
      'is an adapter (LoRA) of another model, which cannot be run by itself; take a repository where it is merged',
    );
  }
  if (!names.has('config.json'))
    refuse('has no config.json, which tells what its weights are; take another repository');
  const quantized = quantization.find((name) => names.has(name));
  if (quantized !== undefined) refuse(`has a ${quantized}: ${quantizedWords()}`);
  if (names.has('tokenizer.json') || olderTokenizer.every((name) => names.has(name))) return;
  const has = names.has('tokenizer.model') ? 'has its tokenizer as tokenizer.model alone' : 'has no tokenizer.json';
  refuse(
    `${has}; take another repository of the model or a GGUF file of it, or make tokenizer.json with transformers (AutoTokenizer.from_pretrained, save_pretrained) and install the folder with \`cursorcore-lsp model import\``,
  );
}

/** A GGUF file of a repository's listing, or all parts of one that was split, in their order. Throws a StoreError. */
export function ggufToPull(repo: string, listing: readonly ListFileEntry[], file: string): RepoFile[] {
  const name = file.split('/').at(-1) ?? '';
  const folder = file.slice(0, file.length - name.length);
  const wanted = (partNames(name) ?? [name]).map((part) => `${folder}${part}`);
  const found = wanted.map((part) => listing.find(({ type, path }) => type === 'file' && path === part));
  const there = listing.map(({ path }) => path).filter((path) => path.endsWith('.gguf'));
  const missing = /^[A-Za-z0-9][\w.+-]*\.gguf$/i.test(name) ? wanted[found.indexOf(undefined)] : file;
  if (missing === undefined) return found.flatMap((entry) => (entry ? [repoFile(repo, entry)] : []));
  throw new StoreError(
    `${repo} has no GGUF file ${missing}; ${there.length === 0 ? 'it has none at all' : `there are: ${there.join(', ')}`}`,
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
  return `${repo} ${noSafetensors(names, 'has no safetensors and no GGUF file; check the name')}`;
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
