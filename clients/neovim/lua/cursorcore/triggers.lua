--- When next edits are asked for and taken down: changes, the cursor's rest, modes, buffers, windows.
local config = require('cursorcore.config')
local ghost = require('cursorcore.ghost')
local next_edit = require('cursorcore.next_edit')
local offer = require('cursorcore.offer')

local api = vim.api
local M = {}

---@param buf integer
---@return string
local function group_name(buf)
  return 'cursorcore.next_edit.' .. buf
end

---@param buf integer
local function did_focus(buf)
  local client = require('cursorcore').client(buf)
  if client then
    client:notify('textDocument/didFocus', { textDocument = { uri = vim.uri_from_bufnr(buf) } })
  end
end

---@param buf integer
function M.attach(buf)
  local group = api.nvim_create_augroup(group_name(buf), { clear = true })
  local function on(events, callback)
    api.nvim_create_autocmd(events, { group = group, buffer = buf, callback = callback })
  end
  local function ask()
    next_edit.request_after(config.options.debounce)
  end

  on({ 'TextChanged', 'TextChangedI', 'TextChangedP' }, function()
    if next_edit.clear_if_outdated(buf) then
      ask()
    end
  end)
  on({ 'CursorMoved', 'CursorMovedI' }, function()
    offer.render()
    next_edit.request_at_rest()
  end)
  on({ 'InsertEnter', 'InsertLeave' }, function()
    offer.render()
    ask()
  end)
  on({ 'BufLeave' }, next_edit.clear)
  on({ 'BufEnter' }, function()
    did_focus(buf)
    ask()
  end)
  api.nvim_create_autocmd('OptionSet', {
    group = group,
    pattern = { 'modifiable', 'wrap' },
    callback = function()
      if api.nvim_get_current_buf() == buf then
        offer.render()
        ask()
      end
    end,
  })
  -- Not of the buffer: the pattern of these is a window.
  api.nvim_create_autocmd({ 'WinScrolled', 'WinResized' }, {
    group = group,
    callback = function()
      if offer.is_for(buf) then
        offer.render()
      end
    end,
  })
  ghost.on_change(buf, vim.schedule_wrap(offer.render))
  if api.nvim_get_current_buf() == buf then
    did_focus(buf)
    ask()
  end
end

---@param buf integer
function M.detach(buf)
  pcall(api.nvim_del_augroup_by_name, group_name(buf))
  if buf == api.nvim_get_current_buf() or offer.is_for(buf) then
    next_edit.clear()
  end
end

return M
