--- A line of text at a window's edge, in a float that takes neither focus nor keys.
local api = vim.api

---@class cursorcore.Label
---@field private buf integer?
---@field private win integer?
local Label = {}
Label.__index = Label

---@return cursorcore.Label
function Label.new()
  return setmetatable({}, Label)
end

---@return boolean
function Label:shown()
  return self.win ~= nil and api.nvim_win_is_valid(self.win)
end

function Label:hide()
  local win = self.win
  self.win = nil
  if not win or not api.nvim_win_is_valid(win) then
    return
  end
  -- While Neovim unloads a buffer, as for |:edit|, no window may be closed (E565).
  if not pcall(api.nvim_win_close, win, true) then
    vim.schedule(function()
      pcall(api.nvim_win_close, win, true)
    end)
  end
end

--- Shows a text at the right of a window's edge, in place of the one before.
---@param text string
---@param edge 'above'|'below'
---@param window? integer the current one when left out
function Label:say(text, edge, window)
  local above = edge == 'above'
  local here = window or api.nvim_get_current_win()
  if not self.buf or not api.nvim_buf_is_valid(self.buf) then
    self.buf = api.nvim_create_buf(false, true)
  end
  api.nvim_buf_set_lines(self.buf, 0, -1, true, { text })
  local options = {
    relative = 'win',
    win = here,
    anchor = above and 'NE' or 'SE',
    row = above and 0 or api.nvim_win_get_height(here),
    col = api.nvim_win_get_width(here),
    width = math.max(1, math.min(vim.fn.strdisplaywidth(text), api.nvim_win_get_width(here))),
    height = 1,
    style = 'minimal',
    focusable = false,
    zindex = 30,
  }
  if self:shown() then
    api.nvim_win_set_config(self.win, options)
    return
  end
  options.noautocmd = true
  self.win = api.nvim_open_win(self.buf, false, options)
  vim.wo[self.win].winhighlight = 'NormalFloat:CursorCoreIndicator'
  vim.wo[self.win].wrap = false
end

return Label
