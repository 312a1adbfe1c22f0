import { mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { renamed, shop } from './support/cases.ts';
import { type Emacs, EmacsSessions, installed, packageDirectory, repository } from './support/emacs.ts';
import { oldNode } from './support/oldNode.ts';

const sessions = new EmacsSessions();
afterEach(() => sessions.stop());

const lisp = JSON.stringify(join(installed, 'lisp'));
const bin = JSON.stringify(join(installed, 'bin'));

const pylsp = `(setenv "PATH" (concat ${bin} ":" (getenv "PATH")))
(push ${bin} exec-path)
`;
/** What a user of lsp-mode has who has not set up ours. */
const lspMode = `(push ${lisp} load-path)
(setq lsp-auto-guess-root t lsp-enable-suggest-server-download nil lsp-headerline-breadcrumb-enable nil
      lsp-enable-file-watchers nil lsp-warn-no-matched-clients nil lsp-modeline-code-actions-enable nil
      lsp-session-file (expand-file-name "~/session") lsp-enable-snippet nil lsp-enable-on-type-formatting nil)
(load "lsp-mode-autoloads")
(add-hook 'python-mode-hook #'lsp)
`;
const ours = `(push ${JSON.stringify(packageDirectory)} load-path)
(setq lsp-inline-completion-idle-delay 0.1)
(with-eval-after-load 'lsp-mode (require 'cursorcore-lsp-mode))
`;

/** The servers of the buffer that are ready. */
const servers = `(sort (mapcar (lambda (w) (symbol-name (lsp--client-server-id (lsp--workspace-client w))))
    (cl-remove-if-not (lambda (w) (eq (lsp--workspace-status w) 'initialized)) (lsp-workspaces))) #'string<)`;
const served = (emacs: Emacs, names = '("cursorcore")') =>
  emacs.until(`${names} serve`, async () => (await emacs.lisp(servers)) === names);
const shown = (emacs: Emacs) => emacs.until('ghost text', async () => (await ghost(emacs)) !== '');
/** The ghost text that lsp-mode shows. */
const ghost = async (emacs: Emacs) =>
  JSON.parse(
    await emacs.lisp(
      `(if (lsp-inline-completion--active-p)
           (concat (lsp-get (elt lsp-inline-completion--items lsp-inline-completion--current) :insertText)) "")`,
    ),
  ) as string;

const noBacktrace = async (emacs: Emacs) => expect(await emacs.lisp('(get-buffer "*Backtrace*")')).toBe('nil');

const options = `def load(options):
    name = options.get("name", "")
    port = options.get("port", 0)
    host = options.get("host", "")
    return name, port, host
`;

/** Begins a line like the ones above it. */
async function begin(emacs: Emacs): Promise<void> {
  await emacs.press('M-g', 'g');
  await emacs.type('4');
  await emacs.press('Enter', 'C-e', 'Enter');
  await emacs.type('user =');
}

async function start(text = options): Promise<Emacs> {
  const emacs = await sessions.start({ files: { 'load.py': text }, init: `${lspMode}${ours}` });
  await served(emacs);
  return emacs;
}

const taken = options.replace('    return', '    user = options.get("user", "")\n    return');

test('beside pylsp, ghost text is its inline completion, accepted with TAB, and undo takes that back', async () => {
  const emacs = await sessions.start({ files: { 'load.py': options }, init: `${pylsp}${lspMode}${ours}` });
  await served(emacs, '("cursorcore" "pylsp")');
  await begin(emacs);
  const before = await emacs.text();
  await emacs.untilShows('user = options.get("user", "")');
  await emacs.untilShows('Completion 1/1');
  // Shown and not there.
  expect(await emacs.text()).toBe(before);
  await emacs.press('Tab');
  expect(await emacs.text()).toBe(taken);
  await emacs.press('C-_');
  expect(await emacs.text()).toBe(before);
});

test('a word and a line of it are accepted by the keys that move over them', async () => {
  const emacs = await start();
  await begin(emacs);
  await shown(emacs);
  await emacs.press('M-f');
  expect((await emacs.text()).split('\n')[4]).toBe('    user = options');
  await emacs.until('the rest is offered again', async () => (await ghost(emacs)) === '.get("user", "")');
  await emacs.press('C-e');
  expect(await emacs.text()).toBe(taken);
});

test('what is refused stays away', async () => {
  const emacs = await start();
  await begin(emacs);
  await shown(emacs);
  await emacs.press('BTab');
  expect(await ghost(emacs)).toBe('');
  // Asked by hand, the server has nothing either.
  await emacs.press('M-x');
  await emacs.type('lsp-inline-completion-display');
  await emacs.press('Enter');
  await emacs.untilShows('No Suggestions!');
  expect((await emacs.text()).split('\n')[4]).toBe('    user =');
});

test.each(['Apply predicted edit: ', 'Apply all 2 predicted edits'])(
  'edits elsewhere are code actions, and undone as they were applied: %s',
  async (title) => {
    const text = shop.replace('function total', 'def total');
    const emacs = await start(text);
    await emacs.press('M-<', 'M-f', 'C-f', 'M-d');
    await emacs.type('grandTotal');
    const before = await emacs.text();
    await emacs.press('M-x');
    await emacs.type('lsp-execute-code-action');
    await emacs.press('Enter');
    await emacs.untilShows('Select code action:');
    await emacs.type(title);
    await emacs.press('Tab', 'Enter');
    const all = renamed.replace('function grandTotal', 'def grandTotal');
    // Uses on neighbouring lines are one edit.
    const wanted = title.includes('all') ? all : all.replace('{ grandTotal', '{ total');
    await emacs.until('it is applied', async () => (await emacs.text()) !== before);
    expect(await emacs.text()).toBe(wanted);
    await emacs.press('C-_');
    expect(await emacs.text()).toBe(before);
    await noBacktrace(emacs);
  },
);

test('a server that is killed is said in one line, which asks whether to start it again', async () => {
  const emacs = await start();
  const pidOfServer = '(let ((w (car (lsp-workspaces)))) (if w (process-id (lsp--workspace-cmd-proc w)) 0))';
  const pid = Number(await emacs.lisp(pidOfServer));
  process.kill(pid, 'SIGKILL');
  await emacs.untilShows('Server cursorcore:');
  await emacs.type('y');
  await emacs.until('another one runs', async () => Number(await emacs.lisp(pidOfServer)) !== pid);
  await served(emacs);
  await begin(emacs);
  await shown(emacs);
  await emacs.press('Tab');
  expect(await emacs.text()).toBe(taken);
  await noBacktrace(emacs);
});

test('a server that is missing is said in one line; the other one serves', async () => {
  const emacs = await sessions.start({
    files: { 'load.py': options },
    init: `${pylsp}${lspMode}(setq cursorcore-command '("no-such-cursorcore"))\n${ours}`,
  });
  await served(emacs, '("pylsp")');
  await begin(emacs);
  expect(await emacs.text()).toBe(taken.replace(' options.get("user", "")', ''));
  const messages = await emacs.lisp('(with-current-buffer "*Messages*" (buffer-string))');
  expect(messages.match(/no-such-cursorcore is not on/g)).toHaveLength(1);
  await noBacktrace(emacs);
});

test('CRLF and emoji stay as they are', async () => {
  const wide = (text: string) => text.replace('(options):', '(options):  # 💰 hôst').replaceAll('\n', '\r\n');
  const emacs = await start(wide(options));
  await begin(emacs);
  await shown(emacs);
  await emacs.press('Tab');
  await emacs.press('C-x', 'C-s');
  const saved = () => readFile(join(emacs.project, 'load.py'), 'utf8');
  await emacs.until('it is saved', async () => (await saved()) !== wide(options));
  expect(await saved()).toBe(wide(taken));
});

test('a buffer that is read-only, has no file, or is of another machine raises no error', async () => {
  const emacs = await start();
  await emacs.press('C-x', 'C-q', 'C-n', 'Tab', 'BTab');
  expect(await emacs.text()).toBe(options);
  // Python without a file: lsp-mode serves only files, and says so itself.
  await emacs.lisp('(progn (switch-to-buffer "new") (python-mode) t)');
  await emacs.type('x = 1');
  expect(await emacs.lisp(servers)).toBe('nil');
  expect(await emacs.lisp('(cursorcore-lsp-mode--serves-p "/ssh:far:/work/load.py" nil)')).toBe('nil');
  await noBacktrace(emacs);
});

test('a Node that is too old is said in one line', async () => {
  const command = [...oldNode(), '--stdio'].map((word) => JSON.stringify(word)).join(' ');
  const emacs = await sessions.start({
    files: { 'load.py': options },
    init: `${lspMode}(setq cursorcore-command '(${command}))\n${ours}`,
  });
  await served(emacs);
  await begin(emacs);
  expect(await emacs.text()).toBe(taken.replace(' options.get("user", "")', ''));
  const messages = await emacs.lisp('(with-current-buffer "*Messages*" (buffer-string))');
  expect(messages.match(/needs Node 20 or later/g)).toHaveLength(1);
  await noBacktrace(emacs);
});

test('an edit of another file is a code action; what is typed while the server starts is in step once it has', async () => {
  const page = 'from shop import total\n\nempty = total([])\n';
  const module = 'def total(items):\n    return sum(items)\n\n\nprint(total([1]))\n';
  const emacs = await sessions.start({ files: { 'shop.py': module, 'page.py': page }, init: `${lspMode}${ours}` });
  await emacs.type('# first');
  await emacs.press('Enter');
  await served(emacs);
  await emacs.lisp('(progn (find-file-noselect "page.py") t)');
  await emacs.press('M-f', 'C-f', 'M-d');
  await emacs.type('grandTotal');
  const act = async () => {
    await emacs.press('M-x');
    await emacs.type('lsp-execute-code-action');
    await emacs.press('Enter');
  };
  // A single action is taken at once.
  await act();
  await emacs.until('it is applied', async () => (await emacs.text()).includes('print(grandTotal([1]))'));
  await act();
  const other = `(with-current-buffer "page.py" (goto-char 1) (and (search-forward "grandTotal" nil t) t))`;
  await emacs.until('the other file has it', async () => (await emacs.lisp(other)) === 't');
  expect(await emacs.text()).toBe(`# first\n${module.replaceAll('total', 'grandTotal')}`);
  await noBacktrace(emacs);
});

test('the lines of the README set it up', async () => {
  const readme = await readFile(join(packageDirectory, 'README.md'), 'utf8');
  const lines = /## Through lsp-mode[\s\S]*?```elisp\n([^`]*)```/.exec(readme)?.[1] ?? '';
  expect(lines).toContain('cursorcore-lsp-mode');
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'cc-bin-'));
  try {
    await symlink(join(repository, 'dist/main.js'), join(folder, 'cursorcore-lsp'));
    const path = `(setenv "PATH" (concat ${JSON.stringify(folder)} ":" (getenv "PATH")))
(push ${JSON.stringify(folder)} exec-path)
`;
    const emacs = await sessions.start({ files: { 'load.py': options }, init: `${path}${lines}${lspMode}` });
    await served(emacs);
    await begin(emacs);
    await shown(emacs);
    await emacs.press('Tab');
    expect(await emacs.text()).toBe(taken);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
