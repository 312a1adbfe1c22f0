--- Neovim (0.12.4 at least) stops listening to a buffer that is changed while no client serves it, and does not start
--- again when one is attached later: the server would go on with the old text. |:lsp-restart| does not help there.
local M = {}

--- Buffers that Neovim has stopped listening to.
---@type table<integer, true>
local deaf = {}

---@param buf integer
local function is_served(buf)
  return #vim.lsp.get_clients({ bufnr = buf, _uninitialized = true }) > 0
end

--- Watches a buffer whose client has gone for the change at which Neovim stops to listen.
---@param buf integer
function M.watch(buf)
  vim.schedule(function()
    if not vim.api.nvim_buf_is_loaded(buf) or is_served(buf) then
      return
    end
    vim.api.nvim_buf_attach(buf, false, {
      on_lines = function()
        deaf[buf] = not is_served(buf) or nil
        return true
      end,
      on_detach = function()
        deaf[buf] = nil
      end,
    })
  end)
end

---@param callback function
---@param name string
---@return any
local function upvalue(callback, name)
  for index = 1, math.huge do
    local found, value = debug.getupvalue(callback, index)
    if not found or found == name then
      return value
    end
  end
end

--- Has Neovim listen again when a client is attached to the buffers that it stopped listening to. It keeps what it
--- listens to in a table of its own, for which there is no API.
function M.restore()
  local attach = upvalue(vim.lsp.buf_attach_client, 'buf_attach')
  local attached = attach and upvalue(attach, 'attached_buffers')
  for buf in pairs(deaf) do
    deaf[buf] = nil
    if type(attached) == 'table' then
      attached[buf] = nil
    end
  end
end

return M
