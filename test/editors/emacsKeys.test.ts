import { afterEach, expect, test } from 'vitest';
import { renamed, shop } from './support/cases.ts';
import { type Emacs, EmacsSessions, rename, tabThrough } from './support/emacs.ts';

const sessions = new EmacsSessions();
afterEach(() => sessions.stop());

/** Methods that get the same two lines, one after the other. */
const store = `import threading


class Store:
    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {}

    def add(self, name, n):
        self.counts[name] += n

    def get(self, name):
        return self.counts[name]

    def reset(self, name):
        del self.counts[name]

    def size(self):
        return len(self.counts)
`;

const checked = (...methods: string[]): string =>
  store.replace(/^ {4}def (\w+)\(.*:$/gm, (line, name) =>
    methods.includes(name) ? `${line}\n        self.check(name)\n        self.seen.add(name)` : line,
  );

/** Goes to the end of a line, counted from 1, and opens one below it, which Emacs indents. */
async function openBelow(emacs: Emacs, line: number): Promise<void> {
  await emacs.press('M-g', 'g');
  await emacs.type(`${line}`);
  await emacs.press('Enter', 'C-e', 'Enter');
}

/** Types the lines into two methods and opens a line in the third. */
async function beginThird(init?: string): Promise<Emacs> {
  const emacs = await sessions.start({ files: { 'store.py': store }, ...(init === undefined ? {} : { init }) });
  await emacs.attached();
  for (const line of [9, 14]) {
    await openBelow(emacs, line);
    await emacs.type('self.check(name)');
    await emacs.press('Enter');
    await emacs.type('self.seen.add(name)');
    await emacs.settled();
  }
  await openBelow(emacs, 19);
  return emacs;
}

/** What the terminal is told in front of text that is struck through. */
const strike = `${String.fromCharCode(27)}[9`;

/** The screen's rows from line 20 of the buffer on, below the menu. */
const fromThird = async (emacs: Emacs, count: number) => (await emacs.screen()).slice(20, 20 + count);

test('ghost text is shown, typed through and accepted, and undo takes exactly that back', async () => {
  const emacs = await beginThird();
  await emacs.untilShows('CC:*');
  await emacs.type('se');
  await emacs.until('the rest is ghost text', async () => (await emacs.state()) === '*');
  const before = await emacs.text();
  await emacs.until('both lines are on the screen', async () => {
    const [first, second] = await fromThird(emacs, 2);
    return first === '        self.check(name)' && second === '        self.seen.add(name)';
  });
  // Shown and not there.
  expect(before.split('\n')[19]).toBe('        se');

  await emacs.press('Tab');
  expect(await emacs.text()).toBe(checked('add', 'get', 'reset'));
  expect(await emacs.lisp('(list (line-number-at-pos) (eolp))')).toBe('(21 t)');
  await emacs.press('C-_');
  expect(await emacs.text()).toBe(before);
});

test('a word and a line of ghost text are accepted by the keys that move over them', async () => {
  const emacs = await beginThird();
  await emacs.until('ghost text', async () => (await emacs.state()) === '*');
  await emacs.press('M-f');
  expect((await emacs.text()).split('\n')[19]).toBe('        self');
  await emacs.until('the rest stays', async () => (await emacs.state()) === '*');
  await emacs.press('C-e');
  expect((await emacs.text()).split('\n')[19]).toBe('        self.check(name)');
  await emacs.until('the second line stays', async () => (await emacs.state()) === '*');
  await emacs.press('Tab');
  expect(await emacs.text()).toBe(checked('add', 'get', 'reset'));
});

test('rejected ghost text goes away and stays away', async () => {
  const emacs = await beginThird();
  await emacs.until('ghost text', async () => (await emacs.state()) === '*');
  await emacs.press('BTab');
  await emacs.settled();
  expect(await emacs.state()).not.toBe('*');
  await emacs.press('C-b', 'C-f');
  await emacs.settled();
  expect(await emacs.state()).not.toBe('*');
  expect(await fromThird(emacs, 2)).toEqual(['', '        del self.counts[name]']);
});

test('the next edit is shown, jumped to and applied, and the others follow', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop } });
  await rename(emacs);
  await emacs.untilShows('const amount = totalgrandTotal(items);');
  expect((await emacs.screen(true)).some((row) => row.includes(strike) && row.includes('amount'))).toBe(true);
  expect(await emacs.text()).toContain('const amount = total(items);');
  await emacs.press('Tab');
  expect(await emacs.lisp('(list (line-number-at-pos) (current-column))')).toBe('(10 17)');
  expect(await emacs.text()).toContain('const amount = total(items);');
  await emacs.press('Tab');
  expect(await emacs.text()).toContain('const amount = grandTotal(items);');
  await tabThrough(emacs);
  expect(await emacs.text()).toBe(renamed);
});

test('an applied edit is undone alone, with one key', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop } });
  await rename(emacs);
  const before = await emacs.text();
  await emacs.press('Tab', 'Tab');
  expect(await emacs.text()).not.toBe(before);
  await emacs.press('C-_');
  expect(await emacs.text()).toBe(before);
});

test('a rejected next edit stays away', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop } });
  await rename(emacs);
  const before = await emacs.state();
  await emacs.press('BTab');
  await emacs.settled();
  const after = await emacs.state();
  expect(after).not.toBe(before);
  await emacs.press('C-n', 'C-p');
  await emacs.settled();
  expect(await emacs.state()).toBe(after);
});

test('TAB indents where only white space is before point, and where nothing is offered', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop } });
  await rename(emacs);
  await emacs.press('C-n', 'C-a', 'M-\\');
  await emacs.settled();
  expect(await emacs.state()).not.toBe('');
  await emacs.press('Tab');
  expect((await emacs.text()).split('\n')[1]).toBe('    let sum = 0;');
  expect(await emacs.lisp('(line-number-at-pos)')).toBe('2');
});

test('all edits of the file are shown first, and applied with the same key', async () => {
  const emacs = await sessions.start({ files: { 'shop.js': shop } });
  await rename(emacs);
  const before = await emacs.text();
  await emacs.press('C-c', ';', 'a');
  await emacs.until('they are looked through', async () => (await emacs.state()).endsWith('?'));
  await emacs.untilShows('module.exports = { totalgrandTotal, report };');
  expect(await emacs.text()).toBe(before);
  await emacs.press('C-c', ';', 'a');
  expect(await emacs.text()).toBe(renamed);
  await emacs.press('C-_');
  expect(await emacs.text()).toBe(before);
});

test('an edit of another file is said, gone to and applied there', async () => {
  const page = `const { total } = require('./shop');\n\nmodule.exports = { empty: total([]) };\n`;
  const emacs = await sessions.start({ files: { 'shop.js': shop, 'page.js': page } });
  await emacs.attached();
  await emacs.lisp('(progn (find-file-noselect "page.js") t)');
  await rename(emacs);
  for (let presses = 0; presses < 12 && !(await emacs.state()).startsWith('→'); presses++) {
    await emacs.press('Tab');
    await emacs.settled();
  }
  expect(await emacs.text()).toBe(renamed);
  await emacs.until('the other file is named', async () => {
    await emacs.settled();
    return emacs.shows('CC:→page.js:1');
  });
  await emacs.press('Tab');
  await tabThrough(emacs);
  expect(await emacs.text()).toBe(page.replaceAll('total', 'grandTotal'));
});
