import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { batch, installed, packageDirectory, repository } from './support/emacs.ts';

/** A copy of the package, so that what is compiled does not stay in the working tree. */
let directory: string;
let sources: string[];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cc-emacs-package-'));
  await cp(packageDirectory, directory, { recursive: true });
  sources = (await readdir(directory)).filter((name) => name.endsWith('.el')).sort();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const others = join(installed, 'lisp');

test('every file compiles without a warning, with lsp-mode and without', async () => {
  expect(sources.length).toBeGreaterThan(5);
  const compile = ['--eval', '(setq byte-compile-error-on-warn t)', '-f', 'batch-byte-compile'];
  expect(await batch(['-L', '.', ...compile, ...sources], directory)).toBe('');
  // lsp-mode's own sources are loaded uncompiled, and warn of themselves.
  const said = await batch(['-L', '.', '-L', others, ...compile, 'cursorcore-lsp-mode.el'], directory);
  expect(said.split('\n').filter((line) => /cursorcore/.test(line.replace(installed, '')))).toEqual([]);
});

test('checkdoc has nothing to say', async () => {
  const check = sources.flatMap((name) => ['--eval', `(checkdoc-file ${JSON.stringify(name)})`]);
  expect(await batch(check, directory)).toBe('');
});

test('package-lint has nothing to say', async () => {
  const main = '(setq package-lint-main-file "cursorcore.el")';
  const args = ['-L', '.', '-L', others, '-l', 'package-lint', '--eval', main, '-f', 'package-lint-batch-and-exit'];
  // It fails with any error or warning.
  expect((await batch([...args, ...sources], directory)).trim()).toBe('');
});

test('the autoloads load the mode when it is first turned on', async () => {
  const file = join(directory, 'cursorcore-autoloads.el');
  await batch(['--eval', `(loaddefs-generate ${JSON.stringify(directory)} ${JSON.stringify(file)})`], directory);
  const said = await batch(
    [
      ...['-L', '.', '-l', file],
      '--eval',
      `(progn
         (princ (list (featurep 'cursorcore) (commandp 'cursorcore-mode) (commandp 'cursorcore-instruct)))
         (global-cursorcore-mode)
         (princ (list (featurep 'cursorcore) (fboundp 'cursorcore-accept-word))))`,
    ],
    directory,
  );
  expect(said).toBe('(nil t t)(t t)');
});

test('the package installs from its folder', async () => {
  const home = JSON.stringify(join(directory, 'elpa'));
  const said = await batch(
    [
      '--eval',
      `(progn
         (require 'package)
         (setq package-user-dir ${home} package-archives nil)
         (package-initialize)
         (package-install-file ${JSON.stringify(packageDirectory)})
         (princ (format "<%s %s>" (package-installed-p 'cursorcore) (commandp 'global-cursorcore-mode))))`,
    ],
    directory,
  );
  expect(said).toContain('<t t>');
});

test('the ERT tests pass against the built server', async () => {
  const tests = join(repository, 'test/editors/emacs/cursorcore-tests.el');
  // From the repository, where the server is found beside the package.
  const said = await batch(['-L', packageDirectory, '-l', tests, '-f', 'ert-run-tests-batch-and-exit'], directory);
  expect(said).toMatch(/Ran \d+ tests, \d+ results as expected, 0 unexpected/);
});
