import { mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { renamed, shop } from './support/cases.ts';
import { type Emacs, EmacsSessions, packageDirectory, rename, repository, setUp, tabThrough } from './support/emacs.ts';
import { oldNode } from './support/oldNode.ts';

const sessions = new EmacsSessions();
afterEach(() => sessions.stop());

const noBacktrace = async (emacs: Emacs) => expect(await emacs.lisp('(get-buffer "*Backtrace*")')).toBe('nil');

/** What the client has said in the echo area, line by line. */
const said = async (emacs: Emacs): Promise<string[]> => {
  const file = join(emacs.directory, 'messages');
  await emacs.lisp(`(with-current-buffer "*Messages*" (write-region nil nil ${JSON.stringify(file)} nil 'silent))`);
  return (await readFile(file, 'utf8')).split('\n').filter((line) => line.includes('cursorcore'));
};

test('a buffer without a file is served once the mode is turned on there; one of another machine is not', async () => {
  // TRAMP's real way to another machine, over a shell of this one.
  const emacs = await sessions.start({
    files: { 'shop.js': shop },
    init: `${setUp}(setq tramp-verbose 0 tramp-persistency-file-name nil)
(with-eval-after-load 'tramp
  (add-to-list 'tramp-methods '("mock" (tramp-login-program "sh") (tramp-login-args (("-i")))
                                (tramp-remote-shell "/bin/sh") (tramp-remote-shell-args ("-c")))))`,
  });
  await emacs.attached();
  await emacs.lisp('(progn (find-file (concat "/mock::" (expand-file-name "shop.js"))) t)');
  expect(await emacs.lisp('(list (and (file-remote-p buffer-file-name) t) cursorcore-mode)')).toBe('(t nil)');
  await emacs.press('M-x');
  await emacs.type('cursorcore-mode');
  await emacs.press('Enter');
  await emacs.until('it is said', async () => (await said(emacs)).some((line) => /other machines/.test(line)));
  expect(await emacs.state()).toBe('-');
  await emacs.press('M-<');
  await emacs.type('x');
  expect(await emacs.text()).toBe(`x${shop}`);

  await emacs.lisp(`(progn (switch-to-buffer "notes") (insert ${JSON.stringify(shop)}) t)`);
  await emacs.press('M-x');
  await emacs.type('cursorcore-mode');
  await emacs.press('Enter');
  await rename(emacs);
  await tabThrough(emacs);
  expect(await emacs.text()).toBe(renamed);
  await noBacktrace(emacs);
});

test('a file that cannot be written, very long lines, and no project: nothing is said but what Emacs says', async () => {
  const long = `const data = '${'x'.repeat(300_000)}';\n`;
  const emacs = await sessions.start({ files: { 'shop.js': shop, 'long.js': long } });
  await emacs.attached();
  expect(await emacs.lisp('(project-current)')).toBe('nil');
  await emacs.lisp('(progn (find-file "long.js") t)');
  await emacs.attached();
  await emacs.press('M->');
  await emacs.type('let a = 1');
  await emacs.settled();
  expect(await emacs.text()).toBe(`${long}let a = 1`);
  await emacs.lisp('(progn (find-file-read-only "shop.js") t)');
  await emacs.press('M-<', 'Tab', 'BTab', 'C-c', ';', 'a');
  expect(await emacs.text()).toBe(shop);
  expect((await said(emacs)).filter((line) => !/nothing is offered/.test(line))).toEqual([]);
  await noBacktrace(emacs);
});

test('in two windows: an edit is taken in the one that is selected, and left when the other buffer is', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop, 'copy.js': shop.replaceAll('total', 'sumUp') } });
  await rename(emacs);
  // The same buffer twice.
  await emacs.press('C-x', '2');
  await emacs.until('still offered', async () => (await emacs.state()).startsWith('↓'));
  await emacs.press('Tab', 'Tab');
  expect(await emacs.text()).toContain('const amount = grandTotal(items);');
  // Another buffer beside it: its keys are its own, and what is offered in the first one comes back with it.
  await emacs.press('C-x', 'o');
  await emacs.lisp('(progn (find-file "copy.js") t)');
  await emacs.attached();
  await emacs.settled();
  expect(await emacs.state()).toBe('');
  await emacs.press('C-n', 'Tab');
  expect((await emacs.text()).split('\n')[1]).toBe('    let sum = 0;');
  await emacs.press('C-x', 'o');
  await tabThrough(emacs);
  expect(await emacs.text()).toBe(renamed);
  await noBacktrace(emacs);
});

test('a Node that is too old is said in one line', async () => {
  const command = oldNode()
    .map((word) => JSON.stringify(word))
    .join(' ');
  const emacs = await sessions.start({
    files: { 'shop.js': shop },
    init: `(setq cursorcore-command '(${command} "--stdio"))\n${setUp}`,
  });
  await emacs.until('it is said', async () => (await said(emacs)).length > 0);
  await emacs.attached();
  await emacs.press('M-<', 'M-f', 'C-f', 'M-d');
  await emacs.type('grandTotal');
  await emacs.settled();
  await emacs.press('C-n', 'Tab');
  expect((await emacs.text()).split('\n')[1]).toBe('    let sum = 0;');
  expect(await said(emacs)).toEqual([expect.stringContaining('needs Node 20 or later')]);
  await noBacktrace(emacs);
});

test('what is typed while the server starts is in step once it has', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop } });
  await emacs.type('// first');
  await emacs.press('Enter');
  await emacs.attached();
  await emacs.press('M-f', 'C-f', 'M-d');
  await emacs.type('grandTotal');
  await tabThrough(emacs);
  expect(await emacs.text()).toBe(`// first\n${renamed}`);
  expect(await said(emacs)).toEqual([]);
  await noBacktrace(emacs);
});

test('without a model, an instruction is answered in one line that says what to do', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop } });
  await emacs.attached();
  await emacs.press('C-c', ';', 'e');
  await emacs.untilShows('Edit:');
  await emacs.type('add a comment');
  await emacs.press('Enter');
  await emacs.until('it is said', async () =>
    (await said(emacs)).some((line) => line.includes('cursorcore-lsp model pull')),
  );
  const afterwards = (await said(emacs)).filter((line) => !line.includes('working; C-c ; k cancels'));
  expect(afterwards).toEqual([expect.stringContaining('Instructions want a model')]);
  expect(await emacs.text()).toBe(shop);
  await noBacktrace(emacs);
});

test('the lines of the README set it up', async () => {
  const readme = await readFile(join(packageDirectory, 'README.md'), 'utf8');
  const lines = /```elisp\n([^`]*)```/.exec(readme)?.[1] ?? '';
  expect(lines).toContain('client-path');
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'cc-bin-'));
  try {
    await symlink(join(repository, 'dist/main.js'), join(folder, 'cursorcore-lsp'));
    const emacs = await sessions.start({
      files: { 'shop.js': shop },
      init: `(setenv "PATH" (concat ${JSON.stringify(folder)} ":" (getenv "PATH")))
(push ${JSON.stringify(folder)} exec-path)
${lines}`,
    });
    await rename(emacs);
    await tabThrough(emacs);
    expect(await emacs.text()).toBe(renamed);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('through Eglot alone, the next edit and all edits are code actions', async () => {
  const main = JSON.stringify(join(repository, 'dist/main.js'));
  const emacs = await sessions.start({
    files: { 'shop.js': shop },
    init: `(require 'eglot)
(add-to-list 'eglot-server-programs '(js-mode . (${JSON.stringify(process.execPath)} ${main} "--stdio")))
(add-hook 'js-mode-hook #'eglot-ensure)`,
  });
  await emacs.until('Eglot is there', async () => (await emacs.lisp('(and (eglot-current-server) t)')) === 't');
  await emacs.press('M-<', 'M-f', 'C-f', 'M-d');
  await emacs.type('grandTotal');
  const before = await emacs.text();
  await emacs.press('M-x');
  await emacs.type('eglot-code-actions');
  await emacs.press('Enter');
  await emacs.untilShows('Pick an action');
  await emacs.type('Apply all');
  await emacs.press('Tab', 'Enter');
  await emacs.until('they are applied', async () => (await emacs.text()) === renamed);
  await emacs.press('C-_');
  expect(await emacs.text()).toBe(before);
});
