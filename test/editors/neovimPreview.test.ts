import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Neovim } from './support/neovim.ts';

let neovim: Neovim;

beforeAll(async () => {
  neovim = await Neovim.start({ files: { 'a.txt': '' }, init: 'vim.g.cursorcore_enable = false' });
  await neovim.lua(helpers);
});
afterAll(() => neovim?.stop());
beforeEach(async () => {
  await neovim.command('%bwipeout! | set fileformat=unix');
});

interface Edit {
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  readonly text: string;
}

/**
 * `Shown(edit, encoding)`: draws the edit and reads back from the extmarks alone what the text will be.
 * `Applied(edit, encoding)`: applies it and gives the buffer and the cursor.
 */
const helpers = `
local namespace = vim.api.nvim_create_namespace('test.preview')
local preview = require('cursorcore.preview')

function Draw(edit, encoding)
  local shape = preview.shape(0, edit, encoding)
  vim.api.nvim_buf_clear_namespace(0, namespace, 0, -1)
  if shape then
    preview.draw(0, namespace, shape)
  end
  vim.cmd.redraw()
  return shape
end

local function text_of(chunks)
  return table.concat(vim.tbl_map(function(chunk) return chunk[1] end, chunks))
end

function Shown(edit, encoding)
  Draw(edit, encoding)
  local gone, cut, put, below, above = {}, {}, {}, {}, {}
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
    local row, col, details = mark[2], mark[3], mark[4]
    if details.virt_lines then
      local lines = vim.tbl_map(text_of, details.virt_lines)
      if details.virt_lines_above then above = lines else below[row] = lines end
    elseif details.virt_text then
      put[row] = put[row] or {}
      table.insert(put[row], { col, text_of(details.virt_text) })
    elseif details.hl_eol then
      for i = row, details.end_row - 1 do gone[i] = true end
    elseif details.hl_group == 'CursorCoreStrike' then
      cut[row] = cut[row] or {}
      table.insert(cut[row], { col, details.end_col })
    end
  end
  local result = vim.deepcopy(above)
  for i, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, true)) do
    local row = i - 1
    local changes = {}
    for _, c in ipairs(cut[row] or {}) do table.insert(changes, { c[1], c[2], '' }) end
    for _, p in ipairs(put[row] or {}) do table.insert(changes, { p[1], p[1], p[2] }) end
    table.sort(changes, function(a, b) return a[1] > b[1] or (a[1] == b[1] and a[2] < b[2]) end)
    -- From the right, so that columns stay valid; an insertion at the end of a cut comes before the cut.
    for _, change in ipairs(changes) do
      line = line:sub(1, change[1]) .. change[3] .. line:sub(change[2] + 1)
    end
    if not gone[row] then table.insert(result, line) end
    vim.list_extend(result, below[row] or {})
  end
  return result
end

function Applied(edit, encoding)
  local client = { offset_encoding = encoding, exec_cmd = function() end }
  require('cursorcore.apply').edit(client, vim.api.nvim_get_current_buf(), vim.deepcopy(edit))
  return { lines = vim.api.nvim_buf_get_lines(0, 0, -1, true), cursor = vim.api.nvim_win_get_cursor(0) }
end

function Fill(lines)
  vim.cmd.enew({ bang = true })
  vim.api.nvim_buf_set_lines(0, 0, -1, true, lines)
  vim.bo.undolevels = vim.bo.undolevels
end
`;

const word = fc.constantFrom('foo', 'bar', 'baz', 'größe', '日本', '👍🏽', '(', ')', ' ', ', ', '=', 'x');
const line = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
const text = fc.array(line, { minLength: 1, maxLength: 7 });

/** A text, and an edit of it whose range begins and ends between characters. */
const edits = text.chain((lines) => {
  const positions = lines.flatMap((content, index) =>
    [...boundaries(content)].map((character) => ({ line: index, character })),
  );
  positions.push({ line: lines.length, character: 0 });
  const at = fc.nat(positions.length - 1);
  return fc.tuple(at, at, fc.array(line, { minLength: 1, maxLength: 4 })).map(([a, b, inserted]) => {
    const start = positions[Math.min(a, b)] ?? { line: 0, character: 0 };
    const end = positions[Math.max(a, b)] ?? start;
    return { lines, edit: { range: { start, end }, text: inserted.join('\n') } satisfies Edit };
  });
});

/** Offsets between the characters of a line, in UTF-16 code units. */
function* boundaries(content: string): Generator<number> {
  let offset = 0;
  yield 0;
  for (const character of content) {
    offset += character.length;
    yield offset;
  }
}

const trimmed = (lines: readonly string[]) => lines.map((content) => content.trimEnd());

test('what the preview shows is exactly what is applied', async () => {
  await fc.assert(
    fc.asyncProperty(edits, async ({ lines, edit }) => {
      await neovim.lua('Fill(...)', lines);
      const shown = await neovim.lua<string[]>('return Shown(..., "utf-16")', edit);
      const applied = await neovim.lua<{ lines: string[] }>('return Applied(..., "utf-16")', edit);
      // New lines are drawn as a block, so blanks at their ends cannot be told from it. An empty buffer has a line.
      expect(trimmed(shown.length === 0 ? [''] : shown)).toEqual(trimmed(applied.lines));
      await neovim.command('undo');
      expect(await neovim.lines()).toEqual(lines);
    }),
    { numRuns: 400 },
  );
});

test('deleted text is marked and new text stands in its place', async () => {
  await neovim.lua('Fill(...)', ['const size = width;', 'use(size);']);
  await neovim.lua('Draw(..., "utf-16")', {
    range: { start: { line: 1, character: 4 }, end: { line: 1, character: 8 } },
    text: 'area',
  });
  await neovim.until('the preview', () => neovim.screen.rows()[1] === 'use(sizearea);');
  expect(neovim.screen.textWhere(1, (highlight) => highlight.strikethrough === true)).toBe('size');
  const add = await neovim.lua<number>("return vim.api.nvim_get_hl(0, { name = 'DiffAdd' }).bg");
  expect(neovim.screen.textWhere(1, (highlight) => highlight.background === add)).toBe('area');
});

test('whole lines are struck and the new ones stand below them', async () => {
  await neovim.lua('Fill(...)', ['alpha one', 'beta(two, three)', 'omega']);
  await neovim.lua('Draw(..., "utf-16")', {
    range: { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } },
    text: 'if (x) {\n\treturn;\n}\n',
  });
  await neovim.until('the preview', () => neovim.screen.rows()[4] === '}');
  expect(neovim.screen.rows().slice(0, 6)).toEqual([
    'alpha one',
    'beta(two, three)',
    'if (x) {',
    '        return;',
    '}',
    'omega',
  ]);
  expect(neovim.screen.textWhere(1, (highlight) => highlight.strikethrough === true)).toBe('beta(two, three)');
});

test('a tab in new text is as wide as it will be', async () => {
  await neovim.lua('Fill(...)', ['\tab = 1']);
  await neovim.lua('Draw(..., "utf-16")', {
    range: { start: { line: 0, character: 3 }, end: { line: 0, character: 3 } },
    text: '\tc',
  });
  await neovim.until('the preview', () => neovim.screen.rows()[0] === '        ab      c = 1');
});

test('positions are in the negotiated encoding', async () => {
  await neovim.lua('Fill(...)', ['x = "größe 👍 name"']);
  for (const [encoding, start] of [
    ['utf-16', 14],
    ['utf-8', 18],
  ] as const) {
    const edit = {
      range: { start: { line: 0, character: start }, end: { line: 0, character: start + 4 } },
      text: 'größe',
    };
    const applied = await neovim.lua<{ lines: string[] }>('return Applied(...)', edit, encoding);
    expect(applied.lines).toEqual(['x = "größe 👍 größe"']);
    await neovim.command('undo');
  }
});

test('line breaks of the protocol become the buffer’s', async () => {
  await neovim.lua('Fill(...)', ['one', 'two']);
  const edit = { range: { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } }, text: 'new\r\n' };
  expect(await neovim.lua('return Shown(..., "utf-16")', edit)).toEqual(['one', 'new', 'two']);
  const applied = await neovim.lua<{ lines: string[] }>('return Applied(..., "utf-16")', edit);
  expect(applied.lines).toEqual(['one', 'new', 'two']);
});
