--- Options of the plugin, and where the server is.
local M = {}

---@class cursorcore.Keys
---@field accept string|false Takes what is offered: ghost text, or jumps to the next edit, or applies it.
---@field reject string|false Refuses what is offered; calls off what a model is working at.
---@field accept_word string|false Takes the first word of the ghost text.
---@field accept_line string|false Takes the first line of the ghost text.
---@field accept_all string|false Applies what is offered and all that follows from it in the buffer.
---@field reject_all string|false Refuses all that is offered in the buffer.
---@field suggest string|false Asks now, and shows what quiet mode hides.
---@field next string|false Goes to the next change of a model's answer, while one is shown.
---@field previous string|false Goes to the one before.

---@class cursorcore.Options
---@field cmd string[]|nil How to start the server; found by itself when nil.
---@field settings table The server's settings, the table under `cursorcore`.
---@field keys cursorcore.Keys
---@field inline_completion boolean Turn on Neovim's own |lsp-inline_completion| where the server attaches.
---@field next_edit boolean Show next edits.
---@field quiet boolean Show nothing before the key `suggest`.
---@field filetypes table<string, boolean> Whether buffers of a file type are served; `['*']` is for those not named.
---@field indicator boolean Say at the window's edge where the next edit is when it is off screen.
---@field debounce integer Milliseconds from a change to the request.
---@field rest integer Milliseconds that the cursor rests before a request.
local defaults = {
  cmd = nil,
  settings = {},
  keys = {
    accept = '<Tab>',
    reject = '<S-Tab>',
    accept_word = '<M-Right>',
    accept_line = '<M-C-Right>',
    accept_all = '<M-CR>',
    reject_all = '<M-BS>',
    suggest = '<M-\\>',
    next = ']c',
    previous = '[c',
  },
  inline_completion = true,
  next_edit = true,
  quiet = false,
  filetypes = {},
  indicator = true,
  debounce = 40,
  rest = 200,
}

---@type cursorcore.Options
M.options = vim.deepcopy(defaults)

local function key_option(value)
  return value == false or type(value) == 'string'
end

---@param options table
local function check(options)
  for name in pairs(options) do
    if name ~= 'cmd' and defaults[name] == nil then
      error(('cursorcore: unknown option %q; see :help cursorcore-options'):format(name), 0)
    end
  end
  vim.validate('cmd', options.cmd, 'table', true)
  vim.validate('settings', options.settings, 'table', true)
  vim.validate('keys', options.keys, 'table', true)
  for name, key in pairs(options.keys or {}) do
    if defaults.keys[name] == nil then
      local names = vim.tbl_keys(defaults.keys)
      table.sort(names)
      error(('cursorcore: unknown key %q; there are %s'):format(name, table.concat(names, ', ')), 0)
    end
    vim.validate('keys.' .. name, key, key_option, 'a key such as "<Tab>", or false')
  end
  vim.validate('filetypes', options.filetypes, 'table', true)
  for name, on in pairs(options.filetypes or {}) do
    vim.validate(('filetypes[%q]'):format(name), on, 'boolean')
  end
  for _, name in ipairs({ 'inline_completion', 'next_edit', 'quiet', 'indicator' }) do
    vim.validate(name, options[name], 'boolean', true)
  end
  for _, name in ipairs({ 'debounce', 'rest' }) do
    vim.validate(name, options[name], 'number', true)
  end
end

--- Takes the user's options over the defaults.
---@param options? table
function M.set(options)
  options = options or {}
  check(options)
  M.options = vim.tbl_deep_extend('force', vim.deepcopy(defaults), options)
end

--- The folder of the package that this plugin came in, or nil when it was copied elsewhere.
---@return string?
local function package_dir()
  local here = debug.getinfo(1, 'S').source:sub(2)
  local dir = vim.fs.normalize(vim.fn.fnamemodify(here, ':p:h') .. '/../../../..')
  return vim.uv.fs_stat(dir .. '/dist/main.js') and dir or nil
end

--- The command that starts the server: the one configured, else the server that this plugin was shipped with,
--- so that both have one version, else the one on $PATH.
---@return string[]
function M.cmd()
  if M.options.cmd then
    return M.options.cmd
  end
  local dir = package_dir()
  if dir then
    return { 'node', dir .. '/dist/main.js', '--stdio' }
  end
  return { 'cursorcore-lsp', '--stdio' }
end

--- Why a buffer is not to be served, if so.
---@param buf integer
---@return string?
function M.unserved(buf)
  local filetype = vim.bo[buf].filetype
  local on = M.options.filetypes[filetype]
  if on == nil then
    on = M.options.filetypes['*']
  end
  if vim.bo[buf].buftype ~= '' then
    return ('it is no file (buftype %s)'):format(vim.bo[buf].buftype)
  elseif vim.api.nvim_buf_get_name(buf) == '' then
    return 'it has no name yet; it is served once it has one'
  elseif on == false then
    return ('the option `filetypes` turns %q off'):format(filetype)
  elseif vim.b[buf].cursorcore_enable == false then
    return 'vim.b.cursorcore_enable is false'
  end
end

---@param command lsp.Command
---@param context lsp.HandlerContext
local function ask_model(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client then
    require('cursorcore.instruct').run(client, context.bufnr, command)
  end
end

--- What |vim.lsp.config()| gets. The settings go with `initialize` too: a server may need them before it can ask.
---@return vim.lsp.Config
function M.lsp()
  -- An empty table would reach the server as an array.
  local settings = next(M.options.settings) and { cursorcore = M.options.settings } or nil
  return {
    cmd = M.cmd(),
    root_markers = { '.git', '.hg', '.jj' },
    -- Where this does not call back, no server is started. The root is left to the markers.
    root_dir = function(buf, start)
      if not M.unserved(buf) then
        start()
      end
    end,
    init_options = settings,
    settings = settings,
    capabilities = {
      general = { positionEncodings = { 'utf-8', 'utf-16' } },
      experimental = { cursorcore = { refresh = true, chat = true, otherDocuments = true } },
    },
    -- From code actions too, so that the answer of a model is never applied unseen.
    commands = { ['cursorcore.instruct'] = ask_model, ['cursorcore.applyNext'] = ask_model },
    handlers = {
      ['workspace/applyEdit'] = function(...)
        return require('cursorcore.instruct').on_apply_edit(...)
      end,
      ['cursorcore/refresh'] = function(_, params)
        require('cursorcore.ghost').refresh(params.textDocument)
      end,
    },
  }
end

return M
