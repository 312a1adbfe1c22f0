--- How an edit looks before it is applied: which text goes, and what stands where. Only Neovim's view of it:
--- rows and columns are bytes from 0, as extmarks have them.
local M = {}

--- A changed line is shown as pieces up to this many, else as a whole line out and a whole line in.
local MAX_PIECES = 4
--- A lone line that is replaced nearly whole is shown as one piece when both together are at most this many bytes.
local MAX_INLINE = 60

---@class cursorcore.Piece Text that is replaced within one line.
---@field row integer
---@field col integer
---@field end_col integer
---@field text string What stands there afterwards

---@class cursorcore.Block Whole lines that are replaced.
---@field row integer The first line that goes, or the line that the new ones come before
---@field end_row integer After the last line that goes
---@field lines string[] What stands there afterwards

---@class cursorcore.Shape
---@field pieces cursorcore.Piece[] In the order of the text
---@field blocks cursorcore.Block[] In the order of the text
---@field first_row integer The first line that changes
---@field last_row integer The last line that changes
---@field row integer Where the change begins
---@field col integer

--- An edit's range as bytes, clamped to the buffer.
---@param buf integer
---@param range lsp.Range
---@param encoding lsp.PositionEncodingKind
---@return integer start_row, integer start_col, integer end_row, integer end_col, boolean past_end
local function bytes(buf, range, encoding)
  local count = vim.api.nvim_buf_line_count(buf)
  local function at(position)
    if position.line >= count then
      local last = vim.api.nvim_buf_get_lines(buf, count - 1, count, true)[1]
      return count - 1, #last
    end
    local line = vim.api.nvim_buf_get_lines(buf, position.line, position.line + 1, true)[1]
    return position.line, vim.str_byteindex(line, encoding, position.character, false)
  end
  local start_row, start_col = at(range.start)
  local end_row, end_col = at(range['end'])
  return start_row, start_col, end_row, end_col, range['end'].line >= count
end

--- The lines that an edit touches, before and after, whole.
---@param buf integer
---@param edit { range: lsp.Range, text: string }
---@param encoding lsp.PositionEncodingKind
---@return integer first_row, string[] old, string[] new
function M.lines(buf, edit, encoding)
  local text = edit.text:gsub('\r\n?', '\n')
  local count = vim.api.nvim_buf_line_count(buf)
  -- The line after the last line break is a position in the protocol and no line in Neovim.
  if edit.range.start.line >= count then
    local new = vim.split(text, '\n', { plain = true })
    if new[#new] == '' then
      table.remove(new)
    end
    return count, {}, new
  end
  local start_row, start_col, end_row, end_col, past_end = bytes(buf, edit.range, encoding)
  local old = vim.api.nvim_buf_get_lines(buf, start_row, end_row + 1, true)
  local before, after = old[1]:sub(1, start_col), old[#old]:sub(end_col + 1)
  local new = vim.split(before .. text .. after, '\n', { plain = true })
  if past_end and new[#new] == '' then
    table.remove(new)
  end
  return start_row, old, new
end

--- Words, and everything else character by character, with the byte offset behind each.
---@param line string
---@return string[] tokens, integer[] ends
local function tokens(line)
  local list, ends, at = {}, {}, 0
  for _, start in ipairs(vim.str_utf_pos(line)) do
    local char = line:sub(start, start + vim.str_utf_end(line, start))
    local word = vim.fn.charclass(char) == 2
    if word and at > 0 and list[at].word then
      list[at].text = list[at].text .. char
    else
      at = at + 1
      list[at] = { text = char, word = word }
    end
    ends[at] = start + #char - 1
  end
  return vim.tbl_map(function(token)
    return token.text
  end, list), ends
end

---@param a string[]
---@param b string[]
---@param options table
---@return integer[][] hunks start and count in a, start and count in b, from 1; see |vim.text.diff()|
function M.diff(a, b, options)
  local function join(list)
    -- A line break inside a line is how the API gives a NUL.
    local lines = vim.tbl_map(function(line)
      return (line:gsub('\n', '\0'))
    end, list)
    return #lines == 0 and '' or table.concat(lines, '\n') .. '\n'
  end
  options.result_type = 'indices'
  return vim.text.diff(join(a), join(b), options) --[[@as integer[][] ]]
end

--- What changes within a line, or nil where little stays.
---@param row integer
---@param old string
---@param new string
---@param alone boolean Whether no other line changes
---@return cursorcore.Piece[]?
local function pieces(row, old, new, alone)
  local a, a_ends = tokens(old)
  local b, b_ends = tokens(new)
  local list, changed = {}, 0
  local a_done = 0
  for _, hunk in ipairs(M.diff(a, b, { algorithm = 'minimal' })) do
    local a_start, a_count, b_start, b_count = unpack(hunk)
    local col = a_ends[a_count > 0 and a_start - 1 or a_start] or 0
    local b_from = b_ends[b_count > 0 and b_start - 1 or b_start] or 0
    local end_col = a_count > 0 and a_ends[a_start + a_count - 1] or col
    local b_to = b_count > 0 and b_ends[b_start + b_count - 1] or b_from
    local last = list[#list]
    -- Two changes with one blank or mark between them read better as one.
    if last and a_start - a_done <= (a_count > 0 and 2 or 1) then
      last.text = last.text .. old:sub(last.end_col + 1, col) .. new:sub(b_from + 1, b_to)
      last.end_col = end_col
    else
      list[#list + 1] = { row = row, col = col, end_col = end_col, text = new:sub(b_from + 1, b_to) }
    end
    a_done = a_count > 0 and a_start + a_count - 1 or a_start
    changed = changed + (end_col - col)
  end
  local length = #vim.trim(old)
  local little_stays = (length - changed) * 4 < length
  if #list > MAX_PIECES or (little_stays and (not alone or #list > 1 or #old + #new > MAX_INLINE)) then
    return nil
  end
  return list
end

--- Adds a block, to the last one where it follows that without a line between.
---@param blocks cursorcore.Block[]
---@param block cursorcore.Block
local function add_block(blocks, block)
  local last = blocks[#blocks]
  if last and last.end_row == block.row then
    last.end_row = block.end_row
    vim.list_extend(last.lines, block.lines)
  else
    blocks[#blocks + 1] = block
  end
end

--- What of an edit is to be shown where.
---@param buf integer
---@param edit { range: lsp.Range, text: string }
---@param encoding lsp.PositionEncodingKind
---@return cursorcore.Shape? shape nil when the edit changes nothing
function M.shape(buf, edit, encoding)
  local first, old, new = M.lines(buf, edit, encoding)
  local shape = { pieces = {}, blocks = {} }
  local hunks = M.diff(old, new, { algorithm = 'histogram', linematch = 60 })
  for _, hunk in ipairs(hunks) do
    local a_start, a_count, b_start, b_count = unpack(hunk)
    local row = first + (a_count > 0 and a_start - 1 or a_start)
    local inline = a_count == b_count and {} or nil
    for i = 0, inline and a_count - 1 or -1 do
      local found = pieces(row + i, old[a_start + i], new[b_start + i], #hunks == 1 and a_count == 1)
      inline = inline and found and vim.list_extend(inline, found)
    end
    if inline then
      vim.list_extend(shape.pieces, inline)
    else
      local lines = b_count > 0 and vim.list_slice(new, b_start, b_start + b_count - 1) or {}
      add_block(shape.blocks, { row = row, end_row = row + a_count, lines = lines })
    end
  end

  local count = vim.api.nvim_buf_line_count(buf)
  local function cover(row, last, col)
    if not shape.row or row < shape.row then
      shape.row, shape.col = math.min(row, count - 1), col
    end
    shape.first_row = math.min(shape.first_row or row, row, count - 1)
    shape.last_row = math.min(math.max(shape.last_row or last, last), count - 1)
  end
  for _, piece in ipairs(shape.pieces) do
    cover(piece.row, piece.row, piece.col)
  end
  for _, block in ipairs(shape.blocks) do
    cover(block.row, math.max(block.row, block.end_row - 1), 0)
  end
  return shape.row and shape or nil
end

--- Tabs as the blanks that they would be at a display column: virtual text shows them as one cell.
---@param text string
---@param column integer display column where the text begins
---@return string
local function expand(text, column)
  local parts = vim.split(text, '\t', { plain = true })
  for i = 1, #parts - 1 do
    column = column + vim.fn.strdisplaywidth(parts[i], column)
    local width = vim.fn.strdisplaywidth('\t', column)
    parts[i] = parts[i] .. (' '):rep(width)
    column = column + width
  end
  return table.concat(parts)
end

---@param buf integer
---@param namespace integer
---@param block cursorcore.Block
local function draw_block(buf, namespace, block)
  local lines, width = {}, 1
  for i, line in ipairs(block.lines) do
    lines[i] = expand(line, 0)
    width = math.max(width, vim.fn.strdisplaywidth(lines[i]))
  end
  local virtual = vim.tbl_map(function(line)
    return { { line .. (' '):rep(width - vim.fn.strdisplaywidth(line)), 'CursorCoreAdd' } }
  end, lines)

  if block.end_row > block.row then
    -- To the end of the window: the lines go, not only their text.
    vim.api.nvim_buf_set_extmark(buf, namespace, block.row, 0, {
      end_row = block.end_row,
      end_col = 0,
      hl_group = 'CursorCoreDelete',
      hl_eol = true,
    })
  end
  for row = block.row, block.end_row - 1 do
    local text = vim.api.nvim_buf_get_lines(buf, row, row + 1, true)[1]
    vim.api.nvim_buf_set_extmark(buf, namespace, row, 0, { end_col = #text, hl_group = 'CursorCoreStrike' })
  end
  if #virtual > 0 then
    local above = block.row == 0 and block.end_row == 0
    vim.api.nvim_buf_set_extmark(buf, namespace, above and 0 or block.end_row - 1, 0, {
      virt_lines = virtual,
      virt_lines_above = above,
    })
  end
end

---@param buf integer
---@param namespace integer
---@param shape cursorcore.Shape
function M.draw(buf, namespace, shape)
  vim.api.nvim_buf_call(buf, function()
    for _, piece in ipairs(shape.pieces) do
      if piece.end_col > piece.col then
        vim.api.nvim_buf_set_extmark(buf, namespace, piece.row, piece.col, {
          end_col = piece.end_col,
          hl_group = { 'CursorCoreDelete', 'CursorCoreStrike' },
        })
      end
      if piece.text ~= '' then
        local before = vim.api.nvim_buf_get_lines(buf, piece.row, piece.row + 1, true)[1]:sub(1, piece.end_col)
        vim.api.nvim_buf_set_extmark(buf, namespace, piece.row, piece.end_col, {
          virt_text = { { expand(piece.text, vim.fn.strdisplaywidth(before)), 'CursorCoreAdd' } },
          virt_text_pos = 'inline',
        })
      end
    end
    for _, block in ipairs(shape.blocks) do
      draw_block(buf, namespace, block)
    end
  end)
end

return M
