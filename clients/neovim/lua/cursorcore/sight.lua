--- What of an edit is on the screen: nothing is applied of which a part was not to be seen.
local api = vim.api
local M = {}

---@class cursorcore.Place Where a part of an edit begins.
---@field row integer
---@field col integer
---@field width integer How many cells what goes and what comes there takes; 0 for whole lines, which are drawn from the left

---@param shape cursorcore.Shape
---@return cursorcore.Place[] in the order of the text
function M.places(shape)
  local places = {}
  for _, piece in ipairs(shape.pieces) do
    local line = vim.fn.getline(piece.row + 1)
    local goes = line:sub(piece.col + 1, piece.end_col)
    local width = vim.fn.strdisplaywidth(goes) + vim.fn.strdisplaywidth(piece.text)
    places[#places + 1] = { row = piece.row, col = piece.col, width = width }
  end
  for _, block in ipairs(shape.blocks) do
    local row = math.min(block.row, api.nvim_buf_line_count(0) - 1)
    places[#places + 1] = { row = row, col = 0, width = 0 }
  end
  table.sort(places, function(a, b)
    return a.row < b.row or (a.row == b.row and a.col < b.col)
  end)
  return places
end

--- Whether a place in the current window's buffer is on the screen, where it begins at least.
---@param row integer
---@param col integer
---@return boolean on_screen, integer? cells how many cells it is from the window's left edge, from 0
function M.begins(row, col)
  local line = row + 1
  if vim.fn.foldclosed(line) ~= -1 then
    return false
  end
  local length = #vim.fn.getline(line)
  local at = vim.fn.screenpos(0, line, math.max(1, math.min(col + 1, length)))
  if at.row == 0 or at.col == 0 then
    return false
  end
  local info = vim.fn.getwininfo(api.nvim_get_current_win())[1]
  return true, at.col - info.wincol - info.textoff + (col >= length and length > 0 and 1 or 0)
end

--- Whether the whole of a place is on the screen.
---@param place cursorcore.Place
---@return boolean
function M.whole(place)
  local begins, cells = M.begins(place.row, place.col)
  if not begins or vim.wo.wrap or place.width == 0 then
    return begins
  end
  local info = vim.fn.getwininfo(api.nvim_get_current_win())[1]
  return cells + place.width <= info.width - info.textoff
end

--- The first place that is neither whole on the screen nor was gone to.
---@param shape cursorcore.Shape
---@param visited table<integer, true> By the place's number
---@return cursorcore.Place?, integer? number
function M.unseen(shape, visited)
  for number, place in ipairs(M.places(shape)) do
    if not visited[number] and not M.whole(place) then
      return place, number
    end
  end
end

--- Moves the cursor to a place and scrolls so that as much of it as can be is on the screen.
---@param place cursorcore.Place
function M.go(place)
  api.nvim_win_set_cursor(0, { place.row + 1, place.col })
  vim.cmd('normal! zv')
  if not vim.wo.wrap and not M.whole(place) then
    vim.cmd('normal! zs')
  end
end

return M
