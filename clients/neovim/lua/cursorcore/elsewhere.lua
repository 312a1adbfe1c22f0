--- A next edit of another buffer: said at the window's edge, and gone to with the key. In that buffer the server then
--- offers it like any other, so that nothing is applied that is not seen.
local config = require('cursorcore.config')
local indicator = require('cursorcore.indicator')

local api = vim.api
local M = {}

---@class cursorcore.Elsewhere
---@field buf integer The buffer that was asked about
---@field version integer Its version then
---@field client_id integer
---@field target integer The buffer that the edit is for
---@field edit cursorcore.NextEdit

---@type cursorcore.Elsewhere?
local offer

--- The offer, if the current buffer is the one that was asked about and the other one is as it was. While the server is
--- asked anew it stands.
---@return cursorcore.Elsewhere?
function M.current()
  if
    offer
    and config.options.indicator
    and offer.buf == api.nvim_get_current_buf()
    and api.nvim_buf_is_loaded(offer.target)
    and offer.edit.textDocument.version == vim.lsp.util.buf_versions[offer.target]
    and vim.lsp.get_client_by_id(offer.client_id)
  then
    return offer
  end
end

--- Whether the offer is for the current buffer as it is now.
---@return boolean
function M.is_current()
  local there = M.current()
  return there ~= nil and there.version == vim.lsp.util.buf_versions[there.buf]
end

function M.clear()
  offer = nil
end

---@param client vim.lsp.Client
---@param buf integer
---@param edit cursorcore.NextEdit
function M.set(client, buf, edit)
  offer = {
    buf = buf,
    version = vim.lsp.util.buf_versions[buf],
    client_id = client.id,
    target = vim.uri_to_bufnr(edit.textDocument.uri),
    edit = edit,
  }
end

--- Says where the edit is.
---@return boolean said
function M.render()
  local there = M.current()
  if there then
    local name = vim.fs.basename(api.nvim_buf_get_name(there.target))
    indicator.say(('→ %s line %d'):format(name, there.edit.range.start.line + 1), 'below')
  end
  return there ~= nil
end

--- Goes to the edit.
---@return boolean gone
function M.jump()
  local there = M.current()
  if not there then
    return false
  end
  M.clear()
  local encoding = assert(vim.lsp.get_client_by_id(there.client_id)).offset_encoding
  local edit = there.edit
  vim.lsp.util.show_document({ uri = edit.textDocument.uri, range = edit.range }, encoding, { focus = true })
  vim.cmd('normal! zv')
  return true
end

return M
