import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { renamed, shop } from './support/cases.ts';
import { alone, Helix, type HelixOptions } from './support/helix.ts';
import { repository } from './support/neovim.ts';

let helix: Helix | undefined;
afterEach(async () => {
  await helix?.stop();
  helix = undefined;
});

async function start(options: Partial<HelixOptions> = {}): Promise<void> {
  helix = await Helix.start({ files: { 'shop.js': shop }, languages: alone('javascript'), ...options });
  await helix.served();
}

/** Renames the function in line 1 the way a person does. */
const rename = () => helix.type('ggwwbcgrandTotal<Esc>');

test('the next edit is shown at the end of its line, and a code action applies it', async () => {
  await start();
  await rename();
  await helix.shows('const amount = total(items);  predicted: const amount = grandTotal(items); …');
  await helix.type(' a');
  await helix.shows('Apply predicted edit: rename `total` to `grandTotal` (line 10)');
  await helix.type('<CR>');
  await helix.shows('const amount = grandTotal(items);');
});
