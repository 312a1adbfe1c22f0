--- Says at the window's edge where the next edit is when it cannot be seen.
local config = require('cursorcore.config')
local sight = require('cursorcore.sight')

local M = {}

local label = require('cursorcore.label').new()

function M.hide()
  label:hide()
end

---@param shape cursorcore.Shape
---@param visited table<integer, true> Which places of it have been gone to
function M.show(shape, visited)
  local place = sight.unseen(shape, visited)
  local begins = sight.begins(shape.row, shape.col)
  local row = vim.fn.line('.') - 1
  -- The end of an edit may be off screen; that is said where the next key would go on to it.
  if begins and (not place or row < shape.first_row or row > shape.last_row) then
    return M.hide()
  end
  local line = (begins and place and place.row or shape.row) + 1
  local above = line < vim.fn.line('w0')
  local below = line > vim.fn.line('w$')
  M.say(('%s line %d'):format(above and '↑' or below and '↓' or '↔', line), above and 'above' or 'below')
end

--- Says where an edit is, and the key that goes there.
---@param place string
---@param edge 'above'|'below'
function M.say(place, edge)
  local key = config.options.keys.accept
  label:say((' %s%s '):format(place, key and '  ' .. key or ''), edge)
end

return M
