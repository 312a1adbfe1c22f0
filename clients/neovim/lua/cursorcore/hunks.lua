--- The changes that a model's answer consists of.
local preview = require('cursorcore.preview')

local api = vim.api
local M = {}

--- So many lines beside the selection are still near it; where nothing was selected, so many around the cursor.
local NEAR_SELECTION, NEAR_CURSOR = 3, 8

---@class cursorcore.Hunk
---@field mark integer The extmark where it begins
---@field after boolean Whether it comes behind the last line, where no mark can stand
---@field old string[]
---@field new string[]
---@field far boolean Whether it takes lines out far from what was asked about
---@field row integer Where it begins now
---@field shape cursorcore.Shape? How it looks now

--- The lines of a buffer with edits applied.
---@param client vim.lsp.Client
---@param lines string[]
---@param edits lsp.TextEdit[]
---@return string[]
local function edited(client, lines, edits)
  local scratch = api.nvim_create_buf(false, true)
  api.nvim_buf_set_lines(scratch, 0, -1, true, lines)
  vim.lsp.util.apply_text_edits(vim.deepcopy(edits), scratch, client.offset_encoding)
  local result = api.nvim_buf_get_lines(scratch, 0, -1, true)
  api.nvim_buf_delete(scratch, { force = true })
  return result
end

--- Whether a change takes lines out that have nothing to do with what was asked about.
---@param first integer row
---@param removed integer how many lines go
---@param added integer
---@param target lsp.Range?
---@return boolean
local function is_far(first, removed, added, target)
  if not target or removed - added < 2 then
    return false
  end
  local near = vim.deep_equal(target.start, target['end']) and NEAR_CURSOR or NEAR_SELECTION
  return first > target['end'].line + near or first + removed - 1 < target.start.line - near
end

--- The changes that edits make to a buffer, each with a mark that moves along with the text.
---@param client vim.lsp.Client
---@param buf integer
---@param edits lsp.TextEdit[]
---@param target lsp.Range? What was asked about
---@param anchors integer The namespace of the marks
---@return cursorcore.Hunk[]
function M.of(client, buf, edits, target, anchors)
  local old = api.nvim_buf_get_lines(buf, 0, -1, true)
  local new = edited(client, old, edits)
  local hunks = {}
  for _, hunk in ipairs(preview.diff(old, new, { algorithm = 'histogram' })) do
    local a_start, a_count, b_start, b_count = unpack(hunk)
    local row = a_count > 0 and a_start - 1 or a_start
    local after = row >= #old
    hunks[#hunks + 1] = {
      -- To the left: what is put in at the very place stands behind it.
      mark = api.nvim_buf_set_extmark(buf, anchors, after and row - 1 or row, 0, { right_gravity = a_count > 0 }),
      after = after,
      old = a_count > 0 and vim.list_slice(old, a_start, a_start + a_count - 1) or {},
      new = b_count > 0 and vim.list_slice(new, b_start, b_start + b_count - 1) or {},
      far = is_far(row, a_count, b_count, target),
      row = row,
    }
  end
  return hunks
end

return M
