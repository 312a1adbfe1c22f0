import { afterEach, expect, test } from 'vitest';
import { linesOf, offered, rename, renamed, Sessions, settled, shop, untilOffered } from './support/cases.ts';
import type { Neovim } from './support/neovim.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

const page = `const { total } = require('./shop');

function show(items) {
  document.title = total(items);
}

module.exports = { show, empty: total([]) };
`;

const name = (neovim: Neovim) => neovim.lua<string>('return vim.fs.basename(vim.api.nvim_buf_get_name(0))');

/** The function is renamed in its own file, and nothing is left to do there, while another file that uses it is open. */
async function renamedInShop(init = ''): Promise<Neovim> {
  const neovim = await sessions.start({ files: { 'shop.js': shop, 'page.js': page }, init });
  await neovim.attached();
  await neovim.type(':edit page.js<CR>');
  await neovim.attached();
  await neovim.type(':edit shop.js<CR>');
  await rename(neovim);
  for (let presses = 0; presses < 20 && (await neovim.lines()).join('\n').match(/\btotal\b/); presses++) {
    await settled(neovim);
    await untilOffered(neovim);
    await neovim.type('<Tab>');
  }
  expect(await neovim.lines()).toEqual(linesOf(renamed));
  await settled(neovim);
  return neovim;
}

test('uses in another buffer are said at the edge, gone to, and then applied there', async () => {
  const neovim = await renamedInShop();
  await untilOffered(neovim);
  await neovim.until('the place is said', () => neovim.screen.text().includes('→ page.js line 1  <Tab>'));
  await neovim.type('<Tab>');
  expect(await name(neovim)).toBe('page.js');
  // Nothing is applied that was not seen.
  expect(await neovim.lines()).toEqual(linesOf(page));

  for (let presses = 0; presses < 20 && (await neovim.lines()).join('\n').match(/\btotal\b/); presses++) {
    await settled(neovim);
    await untilOffered(neovim);
    await neovim.type('<Tab>');
  }
  expect(await neovim.lines()).toEqual(linesOf(page.replaceAll('total', 'grandTotal')));
  expect(neovim.screen.text()).not.toContain('→');
});

test('what is refused there is not said again', async () => {
  const neovim = await renamedInShop();
  for (let presses = 0; presses < 10; presses++) {
    await settled(neovim);
    if (!(await offered(neovim))) break;
    await neovim.type('<S-Tab>');
  }
  expect(await offered(neovim)).toBe(false);
  expect(await name(neovim)).toBe('shop.js');
  await neovim.type(':edit page.js<CR>');
  expect(await neovim.lines()).toEqual(linesOf(page));
});

test('they are not said where the indicator is turned off, and the key keeps its meaning', async () => {
  const neovim = await renamedInShop("require('cursorcore').setup({ indicator = false })");
  expect(await offered(neovim)).toBe(false);
});
