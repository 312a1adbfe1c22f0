--- Says at the window's edge where the next edit is when it cannot be seen.
local config = require('cursorcore.config')

local api = vim.api
local M = {}

local buf ---@type integer?
local win ---@type integer?

--- Whether the place where a change begins is on the screen in the current window.
---@param shape cursorcore.Shape
---@return boolean
function M.on_screen(shape)
  local line = shape.row + 1
  if vim.fn.foldclosed(line) ~= -1 then
    return false
  end
  local length = #vim.fn.getline(line)
  return vim.fn.screenpos(0, line, math.max(1, math.min(shape.col + 1, length))).row > 0
end

function M.hide()
  if win and api.nvim_win_is_valid(win) then
    api.nvim_win_close(win, true)
  end
  win = nil
end

---@param shape cursorcore.Shape
function M.show(shape)
  if M.on_screen(shape) then
    return M.hide()
  end
  local line = shape.row + 1
  local above = line < vim.fn.line('w0')
  local below = line > vim.fn.line('w$')
  M.say(('%s line %d'):format(above and '↑' or below and '↓' or '↔', line), above and 'above' or 'below')
end

--- Says where an edit is, and the key that goes there.
---@param place string
---@param edge 'above'|'below'
function M.say(place, edge)
  local above = edge == 'above'
  local key = config.options.keys.accept
  local text = (' %s%s '):format(place, key and '  ' .. key or '')

  if not buf or not api.nvim_buf_is_valid(buf) then
    buf = api.nvim_create_buf(false, true)
  end
  api.nvim_buf_set_lines(buf, 0, -1, true, { text })
  local here = api.nvim_get_current_win()
  local options = {
    relative = 'win',
    win = here,
    anchor = above and 'NE' or 'SE',
    row = above and 0 or api.nvim_win_get_height(here),
    col = api.nvim_win_get_width(here),
    width = vim.fn.strdisplaywidth(text),
    height = 1,
    style = 'minimal',
    focusable = false,
    zindex = 30,
  }
  if win and api.nvim_win_is_valid(win) then
    api.nvim_win_set_config(win, options)
    return
  end
  options.noautocmd = true
  win = api.nvim_open_win(buf, false, options)
  vim.wo[win].winhighlight = 'NormalFloat:CursorCoreIndicator'
end

return M
