--- What the plugin does in the current buffer, and an event whenever that changes.
local api = vim.api
local M = {}

---@class cursorcore.State
---@field state 'none'|'off'|'idle'|'hidden'|'ghost'|'edit'|'elsewhere'|'working'|'review'
---@field line? integer Where the edit that is offered begins, from 1
---@field file? string The other file that `elsewhere` is about
---@field changes? integer How many changes of a model's answer are left, for `review`

---@return cursorcore.State
function M.now()
  local buf = api.nvim_get_current_buf()
  local client = require('cursorcore').client(buf)
  if not client then
    return { state = 'none' }
  end
  if require('cursorcore.working').on(buf) then
    return { state = 'working' }
  end
  local changes = require('cursorcore.review').count(buf)
  if changes > 0 then
    return { state = 'review', changes = changes }
  end
  if vim.tbl_get(client.settings or {}, 'cursorcore', 'enable') == false then
    return { state = 'off' }
  end
  if require('cursorcore.ghost').visible() then
    return { state = 'ghost', line = api.nvim_win_get_cursor(0)[1] }
  end
  return require('cursorcore.offer').state() or { state = 'idle' }
end

---@type cursorcore.State?
local last
local scheduled = false

--- To be called after anything that may have changed the state. The event |cursorcore-event| comes once all is done.
function M.update()
  if scheduled then
    return
  end
  scheduled = true
  vim.schedule(function()
    scheduled = false
    local now = M.now()
    now.buf = api.nvim_get_current_buf()
    if not vim.deep_equal(now, last) then
      last = now
      api.nvim_exec_autocmds('User', { pattern = 'CursorCoreState', modeline = false, data = vim.deepcopy(now) })
    end
  end)
end

return M
