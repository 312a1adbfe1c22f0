import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type TinyCase, tinyCases } from '../fixtures/tinyCursorCore.ts';
import { renamed, shop } from './support/cases.ts';
import { type Emacs, EmacsSessions, installed, rename, setUp, tabThrough } from './support/emacs.ts';
import { tinyModelCache } from './support/tinyModel.ts';

const sessions = new EmacsSessions();
afterEach(() => sessions.stop());

test('a server that is killed is started again, says so in one line, and goes on', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop } });
  await emacs.attached();
  const pid = Number(await emacs.lisp('(process-id (get-process "cursorcore"))'));
  process.kill(pid, 'SIGKILL');
  await emacs.untilShows('cursorcore: the server ended; it is started again');
  // Typing goes on meanwhile.
  await emacs.press('M->');
  await emacs.type('// still here');
  expect(await emacs.text()).toBe(`${shop}// still here`);
  await emacs.attached();
  expect(Number(await emacs.lisp('(process-id (get-process "cursorcore"))'))).not.toBe(pid);
  await rename(emacs);
  await tabThrough(emacs);
  expect(await emacs.text()).toBe(`${renamed}// still here`);
  expect(await emacs.lisp('(get-buffer "*Backtrace*")')).toBe('nil');
});

test('a file with CRLF and emoji stays one', async () => {
  const text = shop.replace("'amount', amount", "'👍🏽 größe', amount").replaceAll('\n', '\r\n');
  const emacs = await sessions.start({ files: { 'shop.js': text } });
  await rename(emacs);
  await tabThrough(emacs);
  await emacs.press('C-x', 'C-s');
  const saved = () => readFile(join(emacs.project, 'shop.js'), 'utf8');
  await emacs.until('it is saved', async () => (await saved()) !== text);
  expect(await saved()).toBe(renamed.replace("'amount', amount", "'👍🏽 größe', amount").replaceAll('\n', '\r\n'));
});

test('a server that is missing is said in one line, and keys keep their meaning', async () => {
  const emacs = await sessions.start({
    files: { 'shop.js': shop },
    init: `(setq cursorcore-command '("no-such-cursorcore"))\n${setUp}`,
  });
  await emacs.until('it is said', () => emacs.shows('no-such-cursorcore is not on'));
  await emacs.press('C-n', 'Tab');
  expect((await emacs.text()).split('\n')[1]).toBe('    let sum = 0;');
  expect(await emacs.lisp('(get-buffer "*Backtrace*")')).toBe('nil');
});

test('in a read-only buffer nothing is offered and no key is taken', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop } });
  await rename(emacs);
  await emacs.press('C-x', 'C-q');
  await emacs.settled();
  expect(await emacs.state()).toBe('');
  await emacs.press('Tab');
  expect(await emacs.lisp('(line-number-at-pos)')).toBe('1');
});

describe('beside pylsp', () => {
  const module = `def total(items):
    return sum(items)


def report(items):
    amount = total(items)
    print(amount, total(items[1:]))
    print(nothing)
`;
  const path = `(setenv "PATH" (concat ${JSON.stringify(join(installed, 'bin'))} ":" (getenv "PATH")))
(push ${JSON.stringify(join(installed, 'bin'))} exec-path)
`;

  test('with Eglot, pylsp serves the buffer and the next edits are ours', async () => {
    const emacs = await sessions.start({
      files: { 'shop.py': module },
      init: `${path}${setUp}(require 'eglot)\n(add-hook 'python-mode-hook #'eglot-ensure)`,
    });
    await emacs.until('Eglot is there', async () => (await emacs.lisp('(and (eglot-current-server) t)')) === 't');
    await rename(emacs);
    await tabThrough(emacs);
    expect(await emacs.text()).toBe(module.replaceAll('total', 'grandTotal'));
    // pylsp answers about the text meanwhile; its symbols would need a Python of the machine's own.
    const answer = await emacs.lisp(
      `(length (jsonrpc-request (eglot-current-server) :textDocument/foldingRange
         (list :textDocument (eglot--TextDocumentIdentifier))))`,
    );
    expect(Number(answer)).toBeGreaterThan(1);
    expect(await emacs.lisp('(plist-get (eglot--server-info (eglot-current-server)) :name)')).toBe('"pylsp"');
  });
});

describe('with a model', () => {
  const cache = tinyModelCache();

  const one = tinyCases().find(
    ({ conversation: { instruction, target }, chat }) =>
      instruction !== undefined && target !== undefined && chat !== null,
  ) as TinyCase;

  /** An editor with the case's text, and its instruction given at the place that it is about. */
  async function instructed(): Promise<Emacs> {
    const { path, history, current, target, instruction } = one.conversation;
    const emacs = await sessions.start({
      files: { [path]: history[0] ?? current },
      init: `(setenv "CURSORCORE_CACHE" ${JSON.stringify(cache)})
(setq cursorcore-settings '(:engine "cursorcore"
  :model (:name "tiny" :minConfidence 0 :debounceMs 0 :threads 1)) cursorcore-automatic nil)
${setUp}`,
    });
    await emacs.attached();
    const [from, to] =
      target?.kind === 'cursor' ? [target.offset, target.offset] : [target?.start ?? 0, target?.end ?? 0];
    await emacs.lisp(`(progn (erase-buffer) (insert ${JSON.stringify(current)})
      (goto-char ${to + 1}) (unless (= ${from} ${to}) (set-mark ${from + 1}) (activate-mark)) t)`);
    await emacs.press('C-c', ';', 'e');
    await emacs.untilShows('Edit:');
    await emacs.type(instruction ?? '');
    await emacs.press('Enter');
    await emacs.until('it is looked through', async () => (await emacs.state()).endsWith('?'));
    return emacs;
  }

  test('what an instruction does is shown first, and applied with the key', async () => {
    const emacs = await instructed();
    expect(await emacs.text()).toBe(one.conversation.current);
    await emacs.untilShows('TAB applies, S-TAB leaves out');
    for (let presses = 0; presses < 10 && (await emacs.state()).endsWith('?'); presses++) await emacs.press('Tab');
    expect(await emacs.text()).toBe(one.expected);
  });

  test('what an instruction does is left out with the other key, and nothing has changed', async () => {
    const emacs = await instructed();
    for (let presses = 0; presses < 10 && (await emacs.state()).endsWith('?'); presses++) await emacs.press('BTab');
    expect(await emacs.state()).not.toMatch(/\?$/);
    expect(await emacs.text()).toBe(one.conversation.current);
  });
});
