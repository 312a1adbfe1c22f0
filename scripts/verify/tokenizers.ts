/**
 * Holds the tokenizer of a model against a reference implementation, over a folder of source files:
 *
 *     tsx scripts/verify/tokenizers.ts SOURCES MODEL OUT
 *     python3 scripts/verify/compare_tokenizers.py OUT [--tokenizer tokenizer.json]
 *     python3 scripts/verify/compare_tokenizers.py OUT --server http://127.0.0.1:8080
 *
 * MODEL is what `model import` takes, or a folder with just tokenizer.json. The first half writes OUT/tokenizer.json (what
 * the model's own files say, or what was rebuilt of a GGUF file) and OUT/ids.jsonl: for every text its ids, and its ids
 * as plain text, that is with the added tokens taken out. The second compares with Hugging Face's `tokenizers`, or with
 * llama.cpp's llama-server, and lists what differs.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import type { TokenizerFiles } from '../../server/models/tokenizer/tokenizerFiles.ts';
import { readTokenizerFolder } from '../../server/models/tokenizer/tokenizerFolder.ts';
import { dropUnknownCharacters } from '../../server/models/tokenizer/unknownCharacters.ts';
import { openWeights } from '../../server/models/weights/openWeights.ts';

async function main(): Promise<void> {
  const [sources, model, out] = process.argv.slice(2);
  if (!sources || !model || !out) throw new Error('Usage: tsx scripts/verify/tokenizers.ts SOURCES MODEL OUT');
  await mkdir(out, { recursive: true });
  const files = await readTokenizer(model);
  await writeFile(join(out, 'tokenizer.json'), JSON.stringify(files.tokenizer));
  const tokenizer = new Tokenizer(files.tokenizer, files.config);
  const plain = new Tokenizer({ ...files.tokenizer, added_tokens: [] }, files.config);
  for (const each of [tokenizer, plain]) dropUnknownCharacters(each);
  const added = tokenizer.get_added_tokens_decoder();

  const lines = createWriteStream(join(out, 'ids.jsonl'));
  const tally = { texts: 0, characters: 0, tokens: 0, notRoundTrip: 0, controlInPlain: 0 };
  for (const [name, text] of [
    ...(await readSources(sources)),
    ...hostileTexts([...added.values()].map((t) => t.content)),
  ]) {
    const ids = tokenizer.encode(text, { add_special_tokens: false }).ids;
    const plainIds = plain.encode(text, { add_special_tokens: false }).ids;
    lines.write(`${JSON.stringify({ name, text, ids, plainIds })}\n`);
    tally.texts++;
    tally.characters += text.length;
    tally.tokens += ids.length;
    const decoded = ids.length === 0 ? '' : tokenizer.decode(ids, { clean_up_tokenization_spaces: false });
    if (decoded !== text.normalize('NFC') && decoded !== text) tally.notRoundTrip++;
    if (plainIds.some((id: number) => added.has(id))) tally.controlInPlain++;
  }
  await new Promise((done) => lines.end(done));
  console.log(JSON.stringify(tally));
}

async function readTokenizer(model: string): Promise<TokenizerFiles> {
  const alone = await readFile(join(model, 'tokenizer.json'), 'utf8').catch(() => undefined);
  if (alone !== undefined) return readTokenizerFolder(model, 'a model');
  const source = await openWeights(model);
  await source.close();
  return source.tokenizer;
}

async function readSources(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  // Invalid UTF-8 becomes U+FFFD here, so that both halves see one text.
  return Promise.all(
    names.sort().map(async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), 'utf8')]),
  );
}

/** What source files seldom have: control tokens as text, line ends of all kinds, emoji, long white space, odd Unicode. */
function hostileTexts(control: readonly string[]): [string, string][] {
  const texts: [string, string][] = control.flatMap((token, i): [string, string][] => [
    [`control ${i}`, `before ${token}after${token}${token} ${token}\n`],
    [`control ${i}, cut`, `x${token.slice(0, -1)} ${token.slice(1)} ${token.slice(0, -1)}${token}`],
  ]);
  const random = mulberry32(1);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const pieces = [
    ...[
      ' ',
      '  ',
      '    ',
      '\t',
      '\n',
      '\r\n',
      '\r',
      '\n\n\n',
      '\u00a0',
      '\u3000',
      '\u2028',
      '\ufeff',
      '\u0085',
      '\v',
      '\f',
      '\0',
    ],
    ...[
      "'s",
      "'S",
      "'re",
      "'LL",
      '\u2019s',
      "'\u017f",
      '_',
      '$',
      '=>',
      '!==',
      '/**',
      '*/',
      '//',
      '"',
      '`',
      '{',
      '}',
      '();',
      '---',
      '=====',
    ],
    ...[
      'a',
      'Z',
      'foo',
      'BarBaz',
      'snake_case',
      '0',
      '12',
      '345',
      '67890',
      '0xFF',
      '1e-9',
      '½',
      '²',
      'Ⅷ',
      '٣',
      '௧',
      '𝟘',
    ],
    ...[
      'é',
      'e\u0301',
      'ﬁ',
      'ß',
      'ı',
      'İ',
      'Å',
      '日本語',
      '한국어',
      'ไทย',
      'हिन्दी',
      'עברית',
      'العربية',
      'Ω',
      'ꙮ',
      '𐍈',
      '𝓪',
    ],
    ...[
      '😀',
      '👨‍👩‍👧',
      '🇩🇪',
      '👍🏽',
      '\ufffd',
      '\u200b',
      '\u200d',
      '\ue000',
      '\u{e0001}',
      '\u{10ffff}',
      '\u0300',
      '\u1160',
    ],
    ...control.slice(0, 8),
  ];
  for (let i = 0; i < 200; i++) {
    texts.push([`mixed ${i}`, Array.from({ length: 5 + Math.floor(random() * 200) }, () => pick(pieces)).join('')]);
  }
  for (const length of [1, 2, 3, 15, 16, 17, 127, 128, 129, 1000, 5000]) {
    for (const one of [' ', '\t', '\n', '\r\n', 'a', '=', '0', '😀', '\u0301']) {
      texts.push(
        [`${JSON.stringify(one)} × ${length}`, `x${one.repeat(length)}y`],
        [`${JSON.stringify(one)} ^ ${length}`, one.repeat(length)],
      );
    }
  }
  for (let i = 0; i < 100; i++) {
    const codes = Array.from({ length: 300 }, () => Math.floor(random() * (random() < 0.5 ? 0x3000 : 0x110000)));
    texts.push([
      `code points ${i}`,
      codes
        .filter((code) => code < 0xd800 || code > 0xdfff)
        .map((code) => String.fromCodePoint(code))
        .join(''),
    ]);
  }
  return texts;
}

/** A small generator of random numbers, so that a difference found can be found again. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

await main();
