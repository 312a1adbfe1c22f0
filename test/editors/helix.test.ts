import { afterEach, expect, test } from 'vitest';
import { renamed, shop } from './support/cases.ts';
import { alone, Helix, type HelixOptions } from './support/helix.ts';

let helix: Helix;
afterEach(() => helix?.stop());

async function start(options: Partial<HelixOptions> = {}): Promise<void> {
  helix = await Helix.start({ files: { 'shop.js': shop }, languages: alone('javascript'), ...options });
  await helix.served();
}

/** Renames the function in line 1 the way a person does. */
async function rename(): Promise<void> {
  await helix.type('ggwwbcgrandTotal<Esc>');
}
/** Once it is shown it is listed among the code actions at once, however busy the machine. */
async function renameAndSee(): Promise<void> {
  await rename();
  await helix.hints('predicted:');
}
const halfRenamed = shop.replace('total(', 'grandTotal(');
const hint = 'predicted: const amount = grandTotal(items); …';

test('the next edit is shown at the end of its line, and a code action applies it', async () => {
  await start();
  await rename();
  await helix.hints(`const amount = total(items);  ${hint}`);
  // As to any diagnostic, `]d` leads there.
  await helix.type(']d');
  await helix.shows(/ 10:\d+$/m);
  await helix.type(' a');
  await helix.shows('Apply predicted edit: rename `total` to `grandTotal` (line 10)');
  await helix.shows('Apply all 2 predicted edits in this file');
  await helix.type('<CR>');
  await helix.shows('const amount = grandTotal(items);');
  await helix.shows('module.exports = { total, report };  predicted:');
  expect(await helix.written('shop.js')).toBe(renamed.replace('{ grandTotal', '{ total'));
});

test('one key applies an edit, says which and goes there; each is one step to undo', async () => {
  await start();
  await rename();
  await helix.type('<C-n>');
  await helix.says('Applied: rename `total` to `grandTotal` (shop.js, line 10); 1 more');
  await helix.shows(/ 11:\d+$/m);
  await helix.type('<C-n>');
  await helix.says('Applied: rename `total` to `grandTotal` (shop.js, line 14)');
  await helix.shows(/ 14:\d+$/m);
  expect(await helix.written('shop.js')).toBe(renamed);
  await helix.type('<C-n>');
  await helix.says('No edit is predicted here.');

  await helix.type('u');
  expect(await helix.written('shop.js')).toBe(renamed.replace('{ grandTotal', '{ total'));
  await helix.type('u');
  expect(await helix.written('shop.js')).toBe(halfRenamed);
  await helix.type('u');
  expect(await helix.written('shop.js')).toBe(shop);
});

test('all at once, and undone at once', async () => {
  await start();
  await rename();
  await helix.type(' na');
  await helix.says('Applied 2 predicted edits in shop.js');
  expect(await helix.written('shop.js')).toBe(renamed);
  await helix.type('u');
  expect(await helix.written('shop.js')).toBe(halfRenamed);
});

test('a code action applies all, too', async () => {
  await start();
  await renameAndSee();
  await helix.type(' a');
  await helix.shows('Apply all 2 predicted edits in this file');
  await helix.type('<Down><CR>');
  await helix.shows('module.exports = { grandTotal, report };');
  expect(await helix.written('shop.js')).toBe(renamed);
});

test('the next edit is gone to without being applied; one that is rejected stays away', async () => {
  await start();
  await rename();
  await helix.type(' ng');
  await helix.says('Predicted: rename `total` to `grandTotal` (shop.js, line 10)');
  await helix.shows(/ 10:18$/m);
  await helix.type(' nx');
  await helix.says('Not offered again: rename `total` to `grandTotal` (shop.js, line 10); 1 more');
  await helix.type(' nx');
  await helix.says('Not offered again: rename `total` to `grandTotal` (shop.js, line 14)');
  await helix.type('<C-n>');
  await helix.says('No edit is predicted here.');
  // Helix asks for hints after a change alone: the last one may stay on the screen until then.
  await helix.type('ggO// new<Esc>');
  await helix.terminal.until('no hint is shown', () => !helix.terminal.text().includes('predicted:'));
  await helix.type('<C-n>');
  await helix.says('No edit is predicted here.');
  expect(await helix.written('shop.js')).toBe(`// new\n${halfRenamed}`);
});

const options = `def load(options):
    name = options.get("name", "")
    port = options.get("port", 0)
    host = options.get("host", "")
    return name, port, host
`;

test('while typing: the rest of the line is shown behind it, taken with the same key, and typed on', async () => {
  await start({ files: { 'load.py': options }, languages: alone('python') });
  await helix.type('4Gouser =');
  await helix.shows('user =  predicted: options.get("user", "")');
  await helix.type('<C-n>');
  await helix.says('Applied:');
  // Helix leaves its insert mode when a server applies an edit.
  await helix.mode('NOR');
  await helix.type('A  # new<Esc>');
  await helix.shows('user = options.get("user", "")  # new');
  expect(await helix.written('load.py')).toBe(
    options.replace('    return', '    user = options.get("user", "")  # new\n    return'),
  );
});

test('CRLF and emoji stay as they are', async () => {
  const wide = shop.replaceAll("'amount'", "'💰 ämount'").replaceAll('\n', '\r\n');
  await start({ files: { 'shop.js': wide } });
  await rename();
  await helix.hints('predicted:');
  await helix.type('<C-n>');
  await helix.says('line 10); 1 more');
  await helix.type('<C-n>');
  await helix.says('line 14)');
  expect(await helix.written('shop.js')).toBe(renamed.replaceAll("'amount'", "'💰 ämount'").replaceAll('\n', '\r\n'));
});

test('beside another language server: the actions of both in one menu, and one key applies ours', async () => {
  const languages = `${alone('python')}
[language-server.ruff]
command = '${process.env.CURSORCORE_RUFF ?? 'ruff'}'
args = ["server"]
`.replace('language-servers = ["cursorcore"]', 'language-servers = ["ruff", "cursorcore"]');
  const source = `import os


def area(width, height):
    return width * height


def floor(room):
    return area(room.width, room.height)


def wall(room):
    return area(room.width, room.length)
`;
  await start({ files: { 'rooms.py': source }, languages });
  await helix.shows('`os` imported but unused');
  await helix.type('4Gwwcsurface<Esc>');
  // At the end of a line Helix shows what is worst there; ours is a hint.
  await helix.shows('Undefined name `area`');
  await helix.type('gg a');
  await helix.shows('Apply predicted edit: rename `area` to `surface`');
  await helix.shows('Ruff: Organize imports');
  await helix.type('<Esc> na');
  await helix.says('Applied 2 predicted edits');
  expect(await helix.written('rooms.py')).toBe(source.replaceAll('area', 'surface'));
});

test('a server that is killed leaves the editor usable, and `:lsp-restart` brings it back', async () => {
  await start();
  await rename();
  await helix.hints(hint);
  process.kill(await helix.serverPid(), 'SIGKILL');
  await helix.says('Language server exited: cursorcore');
  await helix.terminal.until('its hint goes', () => !helix.terminal.text().includes('predicted:'));
  await helix.type('<C-n>');
  await helix.says('not support');
  await helix.type('ggO// still here<Esc>');
  expect(await helix.written('shop.js')).toBe(`// still here\n${halfRenamed}`);

  await helix.command('lsp-restart');
  await helix.served();
  await helix.type('10Gwwcsummary<Esc>');
  await helix.type('<C-n>');
  await helix.says('Applied: rename `report` to `summary`');
});

test('without a server on the path, and in a buffer without a name, nothing breaks', async () => {
  helix = await Helix.start({
    files: { 'shop.js': shop },
    languages: alone('javascript').replace('command = "cursorcore-lsp"', 'command = "no-such-cursorcore-lsp"'),
  });
  await rename();
  await helix.type('<C-n>');
  await helix.says('not support');
  expect(await helix.written('shop.js')).toBe(halfRenamed);
  await helix.stop();

  await start();
  await helix.command('new');
  await helix.type('itext<Esc><C-n>');
  await helix.says('not support');
  await helix.command('buffer-close!');
  await rename();
  await helix.type('<C-n>');
  await helix.says('Applied:');
});
