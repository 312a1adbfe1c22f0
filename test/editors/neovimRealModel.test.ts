import { expect, test } from 'vitest';
import { nextEditMarks, offered, Sessions } from './support/cases.ts';

/**
 * A published model in a real editor. Not part of the default run, which downloads nothing:
 *
 *     CURSORCORE_CACHE=FOLDER CURSORCORE_TEST_MODEL=NAME npm run test:editors neovimRealModel
 *
 * where NAME is what `model list` shows of e.g. Qwen2.5-Coder-0.5B-Instruct.
 */
const model = process.env.CURSORCORE_TEST_MODEL;

const before = `class Point:
    def __init__(self, x, y, z):
        self.x = x
        pass
`;

test.runIf(model)('an edit is predicted, shown and applied', { timeout: 600_000 }, async () => {
  const sessions = new Sessions();
  try {
    const neovim = await sessions.start({
      files: { 'point.py': before },
      environment: { CURSORCORE_CACHE: process.env.CURSORCORE_CACHE ?? '' },
      init: `require('cursorcore').setup({ settings = { engine = 'cursorcore', model = { name = ${JSON.stringify(model)} } } })`,
    });
    await neovim.attached();
    await neovim.type('3Goself.y = y<Esc>');
    // A loaded machine without a GPU may take minutes.
    for (let polls = 0; polls < 5000 && !(await offered(neovim)); polls++)
      await new Promise((wake) => setTimeout(wake, 100));
    const marks = await nextEditMarks(neovim);
    process.stdout.write(`${neovim.screen.text()}\n`);
    expect(marks).not.toEqual([]);
    await neovim.type('<Tab>');
    if ((await neovim.lines()).includes('        pass')) await neovim.type('<Tab>');
    expect(await neovim.lines()).toEqual([
      ...before.split('\n').slice(0, 3),
      '        self.y = y',
      '        self.z = z',
    ]);
  } finally {
    await sessions.stop();
  }
});
