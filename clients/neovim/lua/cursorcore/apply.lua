--- Puts an edit into its buffer and tells the server.
local preview = require('cursorcore.preview')

local M = {}

--- Ends the undo step that is open, so that what follows can be undone by itself, in insert mode too.
---@param buf integer
function M.break_undo(buf)
  vim.bo[buf].undolevels = vim.bo[buf].undolevels
end
local break_undo = M.break_undo

--- Where the inserted text ends once the edit is in, 0-based bytes.
---@param old string[]
---@param new string[]
---@param first integer row of the first line
---@return integer row, integer col
local function end_of_change(old, new, first)
  local drop = 0
  while drop < math.min(#old, #new) and old[#old - drop] == new[#new - drop] do
    drop = drop + 1
  end
  if drop >= #new then
    return first, 0
  end
  local row = #new - drop
  local line, was = new[row], old[#old - drop] or ''
  local same = 0
  while same < math.min(#line, #was) and line:byte(#line - same) == was:byte(#was - same) do
    same = same + 1
  end
  local col = #line - same
  -- Not inside a character of several bytes.
  if col < #line then
    col = col + vim.str_utf_start(line, col + 1)
  end
  return first + row - 1, col
end

--- The end of the word that a column is inside of, else the column: an edit may change only part of a word.
---@param line string
---@param col integer
---@return integer
local function end_of_word(line, col)
  local inside = vim.fn.matchstr(line:sub(1, col), '\\k$') ~= ''
  return inside and col + #vim.fn.matchstr(line:sub(col + 1), '^\\k*') or col
end

--- Applies an edit to the current buffer as one undo step, puts the cursor behind the new text, and runs the edit's command.
---@param client vim.lsp.Client
---@param buf integer
---@param edit { range: lsp.Range, text: string, command?: lsp.Command }
---@param whole_words? boolean Whether the cursor goes behind a word of which only the beginning changes
function M.edit(client, buf, edit, whole_words)
  local encoding = client.offset_encoding
  local first, old, new = preview.lines(buf, edit, encoding)
  local row, col = end_of_change(old, new, first)

  break_undo(buf)
  vim.lsp.util.apply_text_edits({ { range = edit.range, newText = edit.text } }, buf, encoding)
  break_undo(buf)

  row = math.min(row, vim.api.nvim_buf_line_count(buf) - 1)
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, true)[1]
  col = math.min(col, #line)
  if whole_words then
    col = end_of_word(line, col)
  end
  if not vim.startswith(vim.api.nvim_get_mode().mode, 'i') and col > 0 then
    -- In normal mode the cursor stands on the last character of the new text.
    col = col - 1 + vim.str_utf_start(line, col)
  end
  vim.api.nvim_win_set_cursor(0, { row + 1, col })

  if edit.command then
    client:exec_cmd(edit.command, { bufnr = buf }, M.logged)
  end
end

--- What an edit inserts at the cursor, if it does nothing else.
---@param client vim.lsp.Client
---@param buf integer the current one
---@param edit { range: lsp.Range, text: string }
---@return string?
function M.insertion(client, buf, edit)
  local first, old, new = preview.lines(buf, edit, client.offset_encoding)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local at = cursor[1] - first
  if at < 1 or at > #old then
    return nil
  end
  local before = table.concat(vim.list_slice(old, 1, at - 1), '\n') .. (at > 1 and '\n' or '') .. old[at]:sub(1, cursor[2])
  local whole, after = table.concat(old, '\n'), table.concat(new, '\n')
  local rest = whole:sub(#before + 1)
  local fits = #after >= #whole and vim.startswith(after, before) and vim.endswith(after, rest)
  return fits and after:sub(#before + 1, #after - #rest) or nil
end

--- Inserts text at the cursor as if it were pasted in insert mode, as one undo step that |.| repeats with what was typed.
---@param buf integer the current one
---@param text string
function M.paste(buf, text)
  break_undo(buf)
  vim.api.nvim_paste(text, false, -1)
  break_undo(buf)
end

--- Handles a command's answer: an error goes to the log, since the edit itself has happened.
function M.logged(err)
  if err then
    vim.lsp.log.error('cursorcore', err)
  end
end

return M
