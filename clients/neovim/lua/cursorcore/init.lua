--- Next-edit prediction through the language server `cursorcore-lsp`. See |cursorcore|.
local config = require('cursorcore.config')

local M = {}

M.name = 'cursorcore'

--- Sets options. Not needed for the defaults. Call it before the server starts, as from init.lua.
---@param options? table See |cursorcore-options|.
function M.setup(options)
  config.set(options)
  vim.lsp.config(M.name, config.lsp())
end

--- The client that serves a buffer.
---@param buf? integer 0 or nil for the current one
---@return vim.lsp.Client?
function M.client(buf)
  return vim.lsp.get_clients({ name = M.name, bufnr = buf or 0 })[1]
end

--- Whether |cursorcore.accept()| would do something now.
---@return boolean
function M.offered()
  return require('cursorcore.ghost').visible() or require('cursorcore.next_edit').offered()
end

--- Takes what is offered: ghost text is inserted; a next edit is jumped to, or applied where the cursor is at it.
---@return boolean taken false when nothing is offered
function M.accept()
  return require('cursorcore.ghost').accept() or require('cursorcore.next_edit').accept()
end

--- Refuses what is offered; the server offers it again only when the text there has changed.
---@return boolean refused false when nothing is offered
function M.reject()
  local ghost = require('cursorcore.ghost').dismiss()
  return require('cursorcore.next_edit').reject() or ghost
end

local function highlights()
  local links = { Add = 'DiffAdd', Delete = 'DiffDelete', Indicator = 'PmenuSel' }
  for name, target in pairs(links) do
    vim.api.nvim_set_hl(0, 'CursorCore' .. name, { link = target, default = true })
  end
  -- Drawn over CursorCoreDelete, since DiffDelete alone is only a colour in many colour schemes.
  vim.api.nvim_set_hl(0, 'CursorCoreStrike', { strikethrough = true, default = true })
end

---@param client vim.lsp.Client
---@param buf integer
local function on_attach(client, buf)
  local options = config.options
  require('cursorcore.keys').map(buf, options.keys)
  if options.inline_completion and client:supports_method('textDocument/inlineCompletion', buf) then
    require('cursorcore.ghost').attach(buf)
  end
  if options.next_edit then
    require('cursorcore.triggers').attach(buf)
  end
end

---@param buf integer
local function on_detach(buf)
  require('cursorcore.triggers').detach(buf)
  require('cursorcore.ghost').detach(buf)
  require('cursorcore.keys').unmap(buf)
  require('cursorcore.listening').watch(buf)
end

--- Whether the server can be started; says once why not.
---@return boolean
local function startable()
  local cmd = config.cmd()
  if vim.fn.executable(cmd[1]) == 1 then
    return true
  end
  vim.notify_once(
    ('cursorcore: %s is not executable; see :help cursorcore-setup'):format(cmd[1]),
    vim.log.levels.WARN
  )
  return false
end

--- Starts the server for all buffers, also after it has died.
function M.start_server()
  if startable() then
    require('cursorcore.listening').restore()
    vim.lsp.enable(M.name)
  end
end

--- Starts what the plugin does; called once, by plugin/cursorcore.lua.
function M.start()
  local group = vim.api.nvim_create_augroup('cursorcore', { clear = true })
  highlights()
  vim.api.nvim_create_autocmd('ColorScheme', { group = group, callback = highlights })

  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == M.name then
        on_attach(client, event.buf)
      end
    end,
  })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == M.name then
        on_detach(event.buf)
      end
    end,
  })
  require('cursorcore.commands').create()

  -- A plugin manager may load us and call setup() right after: the server starts with what setup() said.
  local function enable()
    if vim.g.cursorcore_enable ~= false then
      M.start_server()
    end
  end
  if vim.v.vim_did_enter == 1 then
    vim.schedule(enable)
  else
    enable()
  end
end

return M
