import path from 'node:path';
import { ModelFileError } from '../weightSource.ts';
import { type GgufTensor, readGgufHeader } from './ggufHeader.ts';
import { GgufMetadata } from './ggufMetadata.ts';
import type { ModelFile } from './modelFile.ts';

/** What several GGUF files hold together; one, mostly. */
export interface GgufParts {
  /** That of the first part: the others have none but their number. */
  readonly metadata: GgufMetadata;
  readonly tensors: readonly GgufTensor[];
}

/** As llama.cpp's `llama_split_path` names them, counted from 1. */
const partName = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/i;

/** The names of all parts of a model that was split, in their order, from that of any; undefined for another name. */
export function partNames(name: string): string[] | undefined {
  const [, prefix, number, count] = partName.exec(name) ?? [];
  const parts = Number(count);
  if (prefix === undefined || Number(number) < 1 || Number(number) > parts) return undefined;
  const extension = name.slice(-'.gguf'.length);
  return Array.from({ length: parts }, (_, i) => `${prefix}-${String(i + 1).padStart(5, '0')}-of-${count}${extension}`);
}

/** The name without what tells a part from the others, and without its ending. */
export function modelNameOf(file: string): string {
  return file.replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '');
}

/**
 * Reads the headers of a model's file, or of all its parts where it is one of several.
 * @param open opens a file, which the caller closes
 * @throws ModelFileError
 */
export async function readGgufParts(file: string, open: (file: string) => Promise<ModelFile>): Promise<GgufParts> {
  const named = await readPart(file, open);
  const count = named.metadata.optionalNumber('split.count') ?? 1;
  if (count <= 1) return named;
  const names = partNames(path.basename(file));
  if (names?.length !== count) {
    throw new ModelFileError(
      `${file} is one of ${count} parts of a model; give all of them the names they had, such as NAME-00001-of-${String(count).padStart(5, '0')}.gguf, or join them with llama-gguf-split --merge and name the result.`,
    );
  }
  const parts: GgufParts[] = [];
  for (const [index, name] of names.entries()) {
    const place = path.join(path.dirname(file), name);
    const part = name === path.basename(file) ? named : await readPart(place, open);
    checkPart(part.metadata, index, count);
    parts.push(part);
  }
  const { metadata } = parts[0] ?? named;
  const tensors = parts.flatMap((part) => part.tensors);
  checkWhole(metadata, tensors);
  return { metadata, tensors };
}

async function readPart(place: string, open: (file: string) => Promise<ModelFile>): Promise<GgufParts> {
  const { metadata, tensors } = await readGgufHeader(await open(place));
  return { metadata: new GgufMetadata(place, metadata), tensors };
}

function checkPart(metadata: GgufMetadata, index: number, count: number): void {
  const [number, of] = [metadata.optionalNumber('split.no'), metadata.optionalNumber('split.count')];
  if (number === index && of === count) return;
  throw new ModelFileError(
    `${metadata.path} says that it is part ${(number ?? -1) + 1} of ${of ?? 1}, not ${index + 1} of ${count} as its name does; download it again.`,
  );
}

function checkWhole(metadata: GgufMetadata, tensors: readonly GgufTensor[]): void {
  const names = new Set<string>();
  for (const { name, file } of tensors) {
    if (names.has(name))
      throw new ModelFileError(`${file.path}: another part has its tensor ${name} too; download all again.`);
    names.add(name);
  }
  const stated = metadata.optionalNumber('split.tensors.count') ?? tensors.length;
  if (stated === tensors.length) return;
  throw new ModelFileError(
    `${metadata.path}: its parts have ${tensors.length} tensors together, and there should be ${stated}; download all again.`,
  );
}
