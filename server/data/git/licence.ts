import { BlobReader } from './blobs.ts';
import { GitProcess } from './gitProcess.ts';

/** Words of licences by which they are told, most particular first; a text is one of those whose words it has all. */
const marks: readonly (readonly [string, ...RegExp[]])[] = [
  ['AGPL-3.0', /gnu affero general public license/i],
  ['LGPL', /gnu (?:lesser|library) general public license/i],
  ['GPL', /gnu general public license/i],
  ['MPL-2.0', /mozilla public license,? version 2\.0/i],
  ['EPL-2.0', /eclipse public license/i],
  ['Apache-2.0', /apache license/i, /version 2\.0/i],
  ['BSL-1.0', /boost software license/i],
  ['Unlicense', /free and unencumbered software released into the public domain/i],
  ['CC0-1.0', /cc0 1\.0|creative commons zero/i],
  ['BSD-3-Clause', /redistributions? of source code/i, /neither the names? /i],
  ['BSD-2-Clause', /redistributions? of source code/i, /redistributions? in binary form/i],
  ['ISC', /permission to use, copy, modify, and(?:\/or)? distribute this software for any/i],
  ['Zlib', /this software is provided 'as-is', without any express or implied/i],
  ['MIT', /permission is hereby granted, free of charge, to any person obtaining a copy/i],
];

/** Those that let anyone make use of the code, at the most with a notice. */
export const permissive: ReadonlySet<string> = new Set([
  'Apache-2.0',
  'BSL-1.0',
  'Unlicense',
  'CC0-1.0',
  'BSD-3-Clause',
  'BSD-2-Clause',
  'ISC',
  'Zlib',
  'MIT',
]);

const licenceFile = /^(?:licen[cs]e|copying|copyright|unlicense)(?:[.-].*)?$/i;
const maxFiles = 8;
const maxBytes = 256 * 1024;

/** The licences whose text lies in the root of the repository at `head`, sorted, separated by commas; `unknown` for none. */
export async function licenceOf(repository: string, head: string): Promise<string> {
  const listing = new GitProcess(repository, ['ls-tree', '-z', head]);
  const blobs = new BlobReader(repository);
  try {
    const entries = (await listing.text(16 * 1024 * 1024)).split('\0').flatMap((entry) => {
      const [, mode = '', hash = '', name = ''] = /^(\d+) blob ([0-9a-f]+)\t([\s\S]*)$/.exec(entry) ?? [];
      return mode.startsWith('100') && licenceFile.test(name) ? [{ hash, name }] : [];
    });
    const found = new Set<string>();
    for (const { hash } of entries.slice(0, maxFiles)) {
      const blob = await blobs.read(hash, maxBytes);
      if (typeof blob !== 'string') found.add(licenceOfText(blob.toString('utf8')));
    }
    if (found.size > 1) found.delete('unknown');
    return [...found].sort().join(', ') || 'unknown';
  } finally {
    listing.dispose();
    blobs.dispose();
  }
}

/** An SPDX identifier, or `unknown`. */
export function licenceOfText(text: string): string {
  const words = text.replace(/\s+/g, ' ');
  const found = marks.find(([, ...patterns]) => patterns.every((pattern) => pattern.test(words)));
  return found?.[0] ?? 'unknown';
}

/** Whether a record with these licences may be taken; `wanted` is `any`, `permissive`, or identifiers separated by commas. */
export function allows(wanted: string, licence: string): boolean {
  if (wanted === 'any') return true;
  const accepted = wanted === 'permissive' ? permissive : new Set(wanted.split(',').map((name) => name.trim()));
  return licence.split(', ').every((name) => accepted.has(name));
}
