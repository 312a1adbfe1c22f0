--- Next-edit prediction through the language server `cursorcore-lsp`. See |cursorcore|.
local config = require('cursorcore.config')

local api = vim.api
local M = {}

--- Loaded when needed, since they need this one.
local function ghost()
  return require('cursorcore.ghost')
end
local function next_edit()
  return require('cursorcore.next_edit')
end
local function review()
  return require('cursorcore.review')
end

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
  return review().count(api.nvim_get_current_buf()) > 0 or ghost().visible() or require('cursorcore.offer').offered()
end

--- Takes what is offered: ghost text is inserted; a next edit is jumped to, or applied where the cursor is at it.
---@return boolean taken false when nothing is offered
function M.accept()
  return review().accept() or ghost().accept() or next_edit().accept()
end

--- Takes the first word of the ghost text.
---@return boolean taken false when there is none
function M.accept_word()
  return ghost().accept('word')
end

--- Takes the first line of the ghost text.
---@return boolean taken false when there is none
function M.accept_line()
  return ghost().accept('line')
end

--- Applies what is offered and all that follows from it in the buffer, as one undo step.
---@return boolean taken false when nothing is offered
function M.accept_all()
  return review().accept_all() or ghost().take_command(next_edit().apply_all) or next_edit().accept_all()
end

--- Refuses what is offered; the server offers it again only when the text there has changed. What a model is working at
--- is called off.
---@return boolean refused false when nothing is offered
function M.reject()
  local working = require('cursorcore.working')
  if working.on(api.nvim_get_current_buf()) then
    return working.cancel()
  end
  if review().reject() then
    return true
  end
  local dismissed = ghost().dismiss()
  return next_edit().reject() or dismissed
end

--- Refuses all that is offered in the buffer.
---@return boolean refused false when nothing is offered
function M.reject_all()
  local ended = review().finish(api.nvim_get_current_buf())
  if ended then
    return true
  end
  local dismissed = ghost().dismiss()
  return next_edit().reject_all() or dismissed
end

--- Predicts now, in insert and in normal mode, and shows what quiet mode hides; says so where there is nothing.
function M.suggest()
  local buf = api.nvim_get_current_buf()
  if config.options.inline_completion then
    ghost().enable(buf, true)
    ghost().ask()
  end
  next_edit().suggest(function(found)
    if not found and not ghost().visible() then
      vim.notify('cursorcore: nothing is predicted here')
    end
  end)
end

--- Goes to the next change of a model's answer, while one is shown.
function M.next()
  review().go(api.nvim_get_current_buf(), 1)
end

--- Goes to the change before.
function M.previous()
  review().go(api.nvim_get_current_buf(), -1)
end

--- What the plugin does in the current buffer; see |cursorcore-event|.
---@return cursorcore.State
function M.state()
  return require('cursorcore.state').now()
end

local function highlights()
  local links = { Add = 'DiffAdd', Delete = 'DiffDelete', Indicator = 'PmenuSel' }
  for name, target in pairs(links) do
    api.nvim_set_hl(0, 'CursorCore' .. name, { link = target, default = true })
  end
  -- Drawn over CursorCoreDelete, since DiffDelete alone is only a colour in many colour schemes.
  api.nvim_set_hl(0, 'CursorCoreStrike', { strikethrough = true, default = true })
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
  require('cursorcore.state').update()
end

---@param client vim.lsp.Client
---@param buf integer
local function on_detach(client, buf)
  require('cursorcore.working').forget(client.id)
  review().finish(buf)
  require('cursorcore.triggers').detach(buf)
  require('cursorcore.ghost').detach(buf)
  require('cursorcore.keys').unmap(buf)
  require('cursorcore.listening').watch(buf)
  require('cursorcore.state').update()
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

--- Serves a buffer that Neovim itself leaves out, since it starts servers when a file type is set; and no longer serves
--- one that is not to be served any more.
---@param buf integer
local function reconsider(buf)
  if not api.nvim_buf_is_loaded(buf) or not vim.lsp.is_enabled(M.name) then
    return
  end
  local client = M.client(buf)
  local unserved = config.unserved(buf)
  if client and unserved then
    vim.lsp.buf_detach_client(buf, client.id)
  elseif not client and not unserved and vim.bo[buf].filetype == '' then
    local server = vim.deepcopy(vim.lsp.config[M.name])
    if not server.filetypes and vim.fn.executable(config.cmd()[1]) == 1 then
      server.root_dir = nil
      vim.lsp.start(server, { bufnr = buf, reuse_client = server.reuse_client, _root_markers = server.root_markers })
    end
  end
end

--- Starts the server for all buffers, also after it has died.
function M.start_server()
  if startable() then
    require('cursorcore.listening').restore()
    vim.lsp.enable(M.name)
    vim.iter(api.nvim_list_bufs()):each(reconsider)
  end
end

--- Starts what the plugin does; called once, by plugin/cursorcore.lua.
function M.start()
  local group = api.nvim_create_augroup('cursorcore', { clear = true })
  highlights()
  api.nvim_create_autocmd('ColorScheme', { group = group, callback = highlights })

  api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == M.name then
        on_attach(client, event.buf)
      end
    end,
  })
  api.nvim_create_autocmd('LspDetach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == M.name then
        on_detach(client, event.buf)
      end
    end,
  })
  api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile', 'BufFilePost', 'BufWritePost', 'FileType' }, {
    group = group,
    callback = function(event)
      -- After Neovim's own autocommands.
      vim.schedule(function()
        reconsider(event.buf)
      end)
    end,
  })
  api.nvim_create_autocmd('BufEnter', { group = group, callback = require('cursorcore.state').update })
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
