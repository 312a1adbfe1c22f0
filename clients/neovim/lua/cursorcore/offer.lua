--- The next edit that is offered: shown, moved along with the text, taken down.
local config = require('cursorcore.config')
local elsewhere = require('cursorcore.elsewhere')
local ghost = require('cursorcore.ghost')
local indicator = require('cursorcore.indicator')
local preview = require('cursorcore.preview')
local state = require('cursorcore.state')

local api = vim.api
local M = {}

local namespace = api.nvim_create_namespace('cursorcore.next_edit')
local anchors = api.nvim_create_namespace('cursorcore.next_edit.anchor')

---@class cursorcore.NextEdit
---@field textDocument { uri: string, version: integer }
---@field range lsp.Range
---@field text string
---@field command lsp.Command

---@class cursorcore.Offer
---@field buf integer
---@field client_id integer
---@field version integer The buffer's version that the edit is for
---@field edit cursorcore.NextEdit
---@field shape cursorcore.Shape
---@field drawn boolean Whether it is on the screen, and not left to ghost text
---@field seen boolean Whether it ever was
---@field visited table<integer, true> Which of its places have been gone to, by number
---@field lines string[] The lines that it changes, as they were
---@field anchor integer The extmark at the first of them
---@field followed integer The buffer's version that `shape` has been moved along to

---@type cursorcore.Offer?
local offer

--- Takes down what is shown.
function M.clear()
  if offer and api.nvim_buf_is_valid(offer.buf) then
    api.nvim_buf_clear_namespace(offer.buf, namespace, 0, -1)
    api.nvim_buf_clear_namespace(offer.buf, anchors, 0, -1)
  end
  offer = nil
  elsewhere.clear()
  indicator.hide()
  state.update()
end

--- Moves what is shown along with a change made elsewhere in the buffer.
---@param shown cursorcore.Offer
---@return boolean followed false when the change was made to what it shows
local function follow(shown)
  local shape = shown.shape
  local row = api.nvim_buf_get_extmark_by_id(shown.buf, anchors, shown.anchor, {})[1]
  local last = row and row + shape.last_row - shape.first_row
  if not row or not vim.deep_equal(shown.lines, api.nvim_buf_get_lines(shown.buf, row, last + 1, false)) then
    return false
  end
  local by = row - shape.first_row
  shape.first_row, shape.last_row, shape.row = row, last, shape.row + by
  for _, piece in ipairs(shape.pieces) do
    piece.row = piece.row + by
  end
  for _, block in ipairs(shape.blocks) do
    block.row, block.end_row = block.row + by, block.end_row + by
  end
  return true
end

--- The offer, as long as it can be shown in the current buffer: until the server has answered about a change it stands,
--- so that what is shown does not come and go with every key.
---@return cursorcore.Offer?
function M.standing()
  if
    not offer
    or offer.buf ~= api.nvim_get_current_buf()
    or not vim.bo[offer.buf].modifiable
    or not vim.lsp.get_client_by_id(offer.client_id)
  then
    return nil
  end
  local version = vim.lsp.util.buf_versions[offer.buf]
  if offer.followed ~= version then
    if not offer.drawn or not follow(offer) then
      return nil
    end
    offer.followed = version
  end
  return offer
end

--- The offer, if it is for the current buffer as it is now.
---@return cursorcore.Offer?
function M.current()
  local shown = M.standing()
  return shown and shown.version == vim.lsp.util.buf_versions[shown.buf] and shown or nil
end

--- Tells the server, once, that an edit was seen.
---@param shown cursorcore.Offer
local function did_show(shown)
  local client = vim.lsp.get_client_by_id(shown.client_id)
  if client and not shown.seen then
    shown.seen = true
    client:notify('textDocument/didShowInlineEdit', { item = { command = shown.edit.command } })
  end
end

--- Buffers in which quiet mode is lifted, until the text is changed by hand.
---@type table<integer, true>
local revealed = {}

---@return boolean
function M.quiet()
  return config.options.quiet and not revealed[api.nvim_get_current_buf()]
end

--- Takes down what is on the screen; in quiet mode what is offered elsewhere is kept, unsaid.
local function clear_shown()
  if M.quiet() and not offer and elsewhere.current() then
    return indicator.hide()
  end
  M.clear()
end

--- Shows the offer as the window is now. Ghost text that shows the same change in its own way goes first.
function M.render()
  local shown = M.standing()
  if not shown then
    if M.quiet() or not elsewhere.render() then
      clear_shown()
    end
    return
  end
  local hidden = ghost.covers(shown.shape, shown.drawn) or M.quiet()
  if shown.drawn == hidden then
    shown.drawn = not hidden
    api.nvim_buf_clear_namespace(shown.buf, namespace, 0, -1)
    if shown.drawn then
      preview.draw(shown.buf, namespace, shown.shape)
      did_show(shown)
    end
  end
  if config.options.indicator and not hidden then
    indicator.show(shown.shape, shown.visited)
  else
    indicator.hide()
  end
  state.update()
end

---@param client vim.lsp.Client
---@param buf integer
---@param edit cursorcore.NextEdit
function M.show(client, buf, edit)
  local shape = preview.shape(buf, edit, client.offset_encoding)
  local same = M.standing()
  if same and vim.deep_equal(same.shape, shape) then
    same.edit, same.version = edit, edit.textDocument.version
    return M.render()
  end
  M.clear()
  if not shape then
    return
  end
  offer = {
    buf = buf,
    client_id = client.id,
    version = edit.textDocument.version,
    edit = edit,
    shape = shape,
    drawn = false,
    seen = false,
    visited = {},
    lines = api.nvim_buf_get_lines(buf, shape.first_row, shape.last_row + 1, false),
    -- To the right: a line that is put in above moves it down.
    anchor = api.nvim_buf_set_extmark(buf, anchors, shape.first_row, 0, {}),
    followed = edit.textDocument.version,
  }
  M.render()
end

--- Shows without being asked in a buffer, or no longer.
---@param buf integer
---@param on boolean
function M.reveal(buf, on)
  revealed[buf] = on or nil
end

--- Takes an offer down for which no answer will come: it stood only until then.
---@param buf integer
function M.expire(buf)
  if offer and offer.version ~= vim.lsp.util.buf_versions[buf] then
    M.clear()
  end
end

--- Whether an edit is shown in the current buffer, or said to be in another one.
---@return boolean
function M.offered()
  local shown = M.standing()
  return shown ~= nil and shown.drawn or (not M.quiet() and elsewhere.current() ~= nil)
end

---@param shown cursorcore.Offer
function M.cursor_is_in(shown)
  local row = api.nvim_win_get_cursor(0)[1] - 1
  return row >= shown.shape.first_row and row <= shown.shape.last_row
end

--- Whether an edit is shown in the cursor's line, so that accept() applies it and does not leave the place.
---@return boolean
function M.is_here()
  local shown = M.standing()
  return shown ~= nil and shown.drawn and M.cursor_is_in(shown)
end

---@param buf integer
---@return boolean
function M.is_for(buf)
  return offer ~= nil and offer.buf == buf
end

--- What is offered, for |cursorcore.state()|.
---@return cursorcore.State?
function M.state()
  local shown, there = M.standing(), elsewhere.current()
  if shown then
    return { state = shown.drawn and 'edit' or 'hidden', line = shown.shape.row + 1 }
  elseif there and not M.quiet() then
    local file = vim.fs.basename(api.nvim_buf_get_name(there.target))
    return { state = 'elsewhere', line = there.edit.range.start.line + 1, file = file }
  elseif there then
    return { state = 'hidden' }
  end
end

return M
