import { chmodSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type TinyCase, tinyCases } from '../fixtures/tinyCursorCore.ts';
import { renamed, shop } from './support/cases.ts';
import { alone, Helix, type HelixOptions } from './support/helix.ts';
import { repository } from './support/neovim.ts';
import { oldNode } from './support/oldNode.ts';
import { tinyModelCache } from './support/tinyModel.ts';

let helix: Helix;
afterEach(() => helix?.stop());

async function start(options: Partial<HelixOptions> = {}): Promise<void> {
  helix = await Helix.start({ files: { 'shop.js': shop }, languages: alone('javascript'), ...options });
  await helix.served();
}

/** Renames the function in line 1 the way a person does. */
const rename = () => helix.type('ggwwbcgrandTotal<Esc>');
const halfRenamed = shop.replace('total(', 'grandTotal(');

test('an edit of another file is said, and applied there by a code action', async () => {
  const page = `const { total } = require('./shop');\n\nmodule.exports = { empty: total([]) };\n`;
  await start({ files: { 'shop.js': shop, 'page.js': page } });
  await helix.command('open page.js');
  await helix.shows("const { total } = require('./shop');");
  await helix.command('buffer-previous');
  await helix.shows('function total(items) {');
  await rename();
  await helix.hints('predicted:');
  await helix.type(' na');
  await helix.says('Applied 2 predicted edits in shop.js');
  await helix.type(' a');
  await helix.shows('Apply predicted edit in page.js');
  await helix.type('<CR>');
  await helix.command('open page.js');
  await helix.shows("const { grandTotal } = require('./shop');");
  expect(await helix.written('page.js')).toBe(page.replace('{ total }', '{ grandTotal }'));
});

test('in two windows on one file, the key applies the edit to both; beside another file, to the one edited last', async () => {
  await start({ files: { 'shop.js': shop, 'copy.js': shop.replaceAll('total', 'sumUp') } });
  await helix.command('vsplit');
  await rename();
  await helix.type('<C-n>');
  await helix.says('Applied: rename `total` to `grandTotal` (shop.js, line 10); 1 more');
  await helix.command('vsplit copy.js');
  await helix.shows('sumUp');
  await helix.type('<C-n>');
  await helix.says('Applied: rename `total` to `grandTotal` (shop.js, line 14)');
  await helix.command('write-all');
  await helix.terminal.until('both are written', async () => (await helix.read('shop.js')) === renamed);
  expect(await helix.read('copy.js')).toBe(shop.replaceAll('total', 'sumUp'));
});

test('a file that cannot be written, very long lines, and no project: nothing is said but what Helix says', async () => {
  const long = `const data = '${'x'.repeat(200_000)}';\n`;
  await start({ files: { 'long.js': long, 'shop.js': shop } });
  await helix.type('geolet a = 1<Esc>');
  expect(await helix.written('long.js')).toBe(`${long}let a = 1\n`);
  await helix.command('open shop.js');
  await helix.shows('function total(items) {');
  chmodSync(join(helix.project, 'shop.js'), 0o444);
  await helix.command('reload');
  await rename();
  await helix.type('<C-n>');
  await helix.says('Applied: rename `total` to `grandTotal` (shop.js, line 10); 1 more');
});

test('a Node that is too old is said in one line, and the editor is as it was', async () => {
  helix = await Helix.start({ files: { 'shop.js': shop }, languages: alone('javascript'), server: oldNode() });
  await helix.says('needs Node 20 or later');
  await rename();
  await helix.type('<C-n>');
  await helix.says('not support');
  expect(await helix.written('shop.js')).toBe(halfRenamed);
});

test('the lines of the README set it up, in a home without settings', async () => {
  const readme = await readFile(join(repository, 'README.md'), 'utf8');
  const line = /```sh\n(mkdir -p ~\/\.config\/helix [^`]*)```/.exec(readme)?.[1] ?? '';
  expect(line).toContain('client-path helix');
  // As pasted into a shell, in the home that Helix then starts in.
  helix = await Helix.start({ files: { 'shop.js': shop }, setUp: line });
  await helix.served();
  await rename();
  await helix.hints('predicted: const amount = grandTotal(items); …');
  await helix.type('<C-n>');
  await helix.says('Applied: rename `total` to `grandTotal`');
});

test('without a model, an instruction is answered in one line that says what to do', async () => {
  await start();
  await helix.type(' ni');
  await helix.type('add a comment"<CR>');
  await helix.says('Instructions want a model: `cursorcore-lsp model pull`');
  await helix.type('ggO// new<Esc>');
  expect(await helix.written('shop.js')).toBe(`// new\n${shop}`);
});

test('what is typed while the server starts is not held against it', async () => {
  helix = await Helix.start({ files: { 'shop.js': shop }, languages: alone('javascript') });
  await rename();
  await helix.served();
  await helix.type('<C-n>');
  await helix.says('No edit is predicted here.');
  await helix.type('9Gwwcsummary<Esc>');
  await helix.type('<C-n>');
  await helix.says('Applied: rename `report` to `summary`');
});

describe('with a model', () => {
  const cache = tinyModelCache();

  test('what an instruction says is done, and undone with one key', async () => {
    const one = tinyCases().find(
      ({ conversation: { instruction, target, history } }) =>
        instruction !== undefined && target?.kind === 'cursor' && history.length === 0,
    ) as TinyCase;
    const { path, current, target, instruction } = one.conversation;
    // Nothing has been edited yet: what is said is about the beginning of the file.
    expect(target).toEqual({ kind: 'cursor', offset: 0 });
    await start({
      files: { [path]: current },
      languages: alone('javascript').replace(
        'hintDiagnostics.enable = true',
        'engine = "model", model = { name = "tiny", minConfidence = 0, debounceMs = 0, threads = 1 }',
      ),
      environment: { CURSORCORE_CACHE: cache },
    });
    await helix.type(` ni${instruction}"<CR>`);
    await helix.terminal.until('it is done', async () => helix.terminal.text().includes('[+]'));
    expect(await helix.written(path)).toBe(one.expected);
    await helix.type('u');
    expect(await helix.written(path)).toBe(current);
  });
});
