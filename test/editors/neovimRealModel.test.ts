import { expect, test } from 'vitest';
import { nextEditMarks, offered, Sessions } from './support/cases.ts';
import type { Neovim } from './support/neovim.ts';

/**
 * Real models in a real editor. Not part of the default run, which downloads nothing:
 *
 *     CURSORCORE_CACHE=FOLDER CURSORCORE_TEST_MODEL=NAME npm run test:editors neovimRealModel
 *
 * where NAME is what `model list` shows of e.g. Qwen2.5-Coder-0.5B-Instruct. With CURSORCORE_TEST_TRAINED_MODEL=NAME, a model that was
 * trained here, such as next-patch-0.5b (docs/model-card.md).
 */
const published = process.env.CURSORCORE_TEST_MODEL;
const trained = process.env.CURSORCORE_TEST_TRAINED_MODEL;

interface Edit {
  readonly file: string;
  readonly before: string;
  readonly keys: string;
  readonly after: string;
  readonly model: Record<string, unknown>;
}

/** Makes an edit, and takes what is offered until the text is as it should be, three times at most. */
async function predicted({ file, before, keys, after, model }: Edit): Promise<void> {
  const sessions = new Sessions();
  try {
    const settings = JSON.stringify({ engine: 'model', model });
    const neovim = await sessions.start({
      files: { [file]: before },
      environment: { CURSORCORE_CACHE: process.env.CURSORCORE_CACHE ?? '' },
      init: `require('cursorcore').setup({ settings = vim.json.decode([[${settings}]]) })`,
    });
    await neovim.attached();
    await neovim.type(keys);
    for (let taken = 0; taken < 3 && (await neovim.lines()).join('\n') !== after; taken++) {
      await untilShown(neovim);
      process.stdout.write(`${neovim.screen.text()}\n`);
      expect(await nextEditMarks(neovim)).not.toEqual([]);
      await neovim.type('<Tab>');
    }
    expect((await neovim.lines()).join('\n')).toBe(after);
  } finally {
    await sessions.stop();
  }
}

/** A loaded machine without a GPU may take minutes. */
async function untilShown(neovim: Neovim): Promise<void> {
  for (let polls = 0; polls < 5000 && !(await offered(neovim)); polls++)
    await new Promise((wake) => setTimeout(wake, 100));
}

test.runIf(published)('an edit is predicted, shown and applied', { timeout: 600_000 }, async () => {
  const lines = ['class Point:', '    def __init__(self, x, y, z):', '        self.x = x'];
  await predicted({
    file: 'point.py',
    before: `${[...lines, '        pass'].join('\n')}\n`,
    keys: '3Goself.y = y<Esc>',
    after: [...lines, '        self.y = y', '        self.z = z'].join('\n'),
    model: { name: published },
  });
});

test.runIf(trained)('so is one by a model trained here', { timeout: 600_000 }, async () => {
  const before = `export function countTags(posts) {
  const counts = new Map();
  for (const post of posts) {
    for (const item of post.tags) {
      counts.set(item, (counts.get(item) ?? 0) + 1);
    }
  }
  return counts;
}

export function orderTotal(order) {
  let total = 0;
  for (const item of order.items) {
    total += item.price * item.quantity;
  }
  return total;
}
`;
  await predicted({
    file: 'tags.js',
    before,
    keys: '4G/item<CR>cwtag',
    after: before.trimEnd().replace(/item(?= of post|,|\))/g, 'tag'),
    model: { name: trained, maxPromptTokens: 320 },
  });
});
