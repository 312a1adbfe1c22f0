--- `:CursorCore`.
local M = {}

---@class cursorcore.Subcommand
---@field run fun(arguments: string, command: vim.api.keyset.create_user_command.command_args)
---@field help string

local function core()
  return require('cursorcore')
end

---@param message string
---@param level? integer
local function say(message, level)
  vim.notify('cursorcore: ' .. message, level or vim.log.levels.INFO)
end

--- The client of the current buffer; says why there is none.
---@return vim.lsp.Client?
local function client_or_say()
  local client = core().client()
  if not client then
    local why = require('cursorcore.config').unserved(vim.api.nvim_get_current_buf())
    say(
      why and 'this buffer is not served: ' .. why or 'no server serves this buffer; see :checkhealth cursorcore',
      vim.log.levels.WARN
    )
  end
  return client
end

--- Turns predictions on or off, in every server of ours.
---@param enable boolean
local function set_enabled(enable)
  for _, client in ipairs(vim.lsp.get_clients({ name = core().name })) do
    client.settings = vim.tbl_deep_extend('force', client.settings or {}, { cursorcore = { enable = enable } })
    client:notify('workspace/didChangeConfiguration', { settings = client.settings })
  end
  local settings = { cursorcore = { enable = enable } }
  vim.lsp.config(core().name, { settings = settings, init_options = settings })
  require('cursorcore.next_edit').clear()
  require('cursorcore.state').update()
  say(enable and 'predictions are on' or 'predictions are off')
end

---@return boolean
local function is_enabled()
  local client = core().client() or vim.lsp.get_clients({ name = core().name })[1]
  return not client or vim.tbl_get(client.settings or {}, 'cursorcore', 'enable') ~= false
end

--- What a command's range selects: the visual selection by the character when the range is that, else whole
--- lines, else the cursor.
---@param command vim.api.keyset.create_user_command.command_args
---@param encoding lsp.PositionEncodingKind
---@return lsp.Range
local function selected(command, encoding)
  if command.range == 0 then
    local position = vim.lsp.util.make_position_params(0, encoding).position
    return { start = position, ['end'] = position }
  end
  local function position(line, byte)
    local text = vim.fn.getline(line)
    return { line = line - 1, character = vim.str_utfindex(text, encoding, math.min(byte, #text)) }
  end
  local from, to = vim.fn.getpos("'<"), vim.fn.getpos("'>")
  if vim.fn.visualmode() == 'v' and from[2] == command.line1 and to[2] == command.line2 then
    local last = to[3] - 1
    if vim.o.selection ~= 'exclusive' then
      last = last + #vim.fn.matchstr(vim.fn.getline(to[2]):sub(to[3]), '^.')
    end
    return { start = position(from[2], from[3] - 1), ['end'] = position(to[2], last) }
  end
  return { start = position(command.line1, 0), ['end'] = position(command.line2, math.huge) }
end

---@param client vim.lsp.Client
---@param range lsp.Range
---@param instruction string
local function instruct(client, range, instruction)
  local argument = { textDocument = { uri = vim.uri_from_bufnr(0) }, range = range, instruction = instruction }
  client:exec_cmd({ title = 'Edit', command = 'cursorcore.instruct', arguments = { argument } }, { bufnr = 0 })
end

---@param diagnostic vim.Diagnostic
---@param encoding lsp.PositionEncodingKind
---@return lsp.Range
local function range_of(diagnostic, encoding)
  local function position(row, col)
    local line = vim.api.nvim_buf_get_lines(0, row, row + 1, false)[1] or ''
    return { line = row, character = vim.str_utfindex(line, encoding, math.min(col, #line)) }
  end
  return {
    start = position(diagnostic.lnum, diagnostic.col),
    ['end'] = position(diagnostic.end_lnum or diagnostic.lnum, diagnostic.end_col or diagnostic.col),
  }
end

--- A subcommand that does what a key does.
---@param help string
---@param name string
---@return cursorcore.Subcommand
local function act(help, name)
  return {
    help = help,
    run = function()
      if not core()[name]() then
        say('nothing is offered')
      end
    end,
  }
end

---@type table<string, cursorcore.Subcommand>
local subcommands = {
  status = {
    help = 'What the server is and does',
    run = function()
      local client = client_or_say()
      if client then
        require('cursorcore.status').ask(client, function(lines, message)
          say(lines and table.concat(lines, '\n') or message or '', not lines and vim.log.levels.WARN or nil)
        end)
      end
    end,
  },
  enable = {
    help = 'Turn predictions on',
    run = function()
      set_enabled(true)
    end,
  },
  disable = {
    help = 'Turn predictions off',
    run = function()
      set_enabled(false)
    end,
  },
  toggle = {
    help = 'Turn predictions on or off',
    run = function()
      set_enabled(not is_enabled())
    end,
  },
  accept = act('Jump to what is offered, or apply it', 'accept'),
  accept_all = act('Apply all that is offered in this buffer', 'accept_all'),
  accept_word = act('Insert the first word of the ghost text', 'accept_word'),
  accept_line = act('Insert the first line of the ghost text', 'accept_line'),
  reject = act('Refuse what is offered', 'reject'),
  reject_all = act('Refuse all that is offered in this buffer', 'reject_all'),
  suggest = {
    help = 'Predict now',
    run = function()
      if client_or_say() then
        core().suggest()
      end
    end,
  },
  next = {
    help = 'Go to the next change of an answer',
    run = function()
      core().next()
    end,
  },
  previous = {
    help = 'Go to the previous change of an answer',
    run = function()
      core().previous()
    end,
  },
  cancel = {
    help = 'Call off what a model is working at',
    run = function()
      if not require('cursorcore.working').cancel() then
        say('nothing is worked at')
      end
    end,
  },
  quiet = {
    help = 'Turn quiet mode on or off',
    run = function()
      local options = require('cursorcore.config').options
      options.quiet = not options.quiet
      for _, client in ipairs(vim.lsp.get_clients({ name = core().name })) do
        for buf in pairs(client.attached_buffers) do
          require('cursorcore.ghost').enable(buf, options.inline_completion and not options.quiet)
        end
      end
      require('cursorcore.next_edit').clear()
      require('cursorcore.next_edit').request()
      say(options.quiet and 'quiet: predictions are shown on the key only' or 'predictions are shown as they come')
    end,
  },
  restart = {
    help = 'Start the server anew',
    run = function()
      local clients = vim.lsp.get_clients({ name = core().name })
      for _, client in ipairs(clients) do
        client:stop(500)
      end
      vim.wait(1000, function()
        return #vim.lsp.get_clients({ name = core().name }) == 0
      end, 10)
      core().start_server()
    end,
  },
  fix = {
    help = 'Edit as a diagnostic in the current line asks for',
    run = function()
      local client = client_or_say()
      if not client then
        return
      end
      local found = vim.diagnostic.get(0, { lnum = vim.api.nvim_win_get_cursor(0)[1] - 1 })
      if #found == 0 then
        return say('no diagnostic in this line')
      end
      local function fix(diagnostic)
        if diagnostic then
          instruct(client, range_of(diagnostic, client.offset_encoding), diagnostic.message)
        end
      end
      if #found == 1 then
        return fix(found[1])
      end
      vim.ui.select(found, {
        prompt = 'Fix:',
        format_item = function(diagnostic)
          return diagnostic.message
        end,
      }, fix)
    end,
  },
  edit = {
    help = 'Edit the selection, or at the cursor, as an instruction says',
    run = function(instruction, command)
      local client = client_or_say()
      if not client then
        return
      end
      local range = selected(command, client.offset_encoding)
      if instruction ~= '' then
        return instruct(client, range, instruction)
      end
      vim.ui.input({ prompt = 'Edit: ' }, function(typed)
        if typed and typed ~= '' then
          instruct(client, range, typed)
        end
      end)
    end,
  },
}

---@param lead string
---@param line string
---@return string[]
local function complete(lead, line)
  local before = line:match('CursorCore!?%s+(.*)$') or ''
  if before:find('%s') then
    return {}
  end
  local names = vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, vim.tbl_keys(subcommands))
  table.sort(names)
  return names
end

function M.create()
  vim.api.nvim_create_user_command('CursorCore', function(command)
    local name, rest = command.args:match('^(%S*)%s*(.*)$')
    local subcommand = subcommands[name == '' and 'status' or name]
    if not subcommand then
      local names = vim.tbl_keys(subcommands)
      table.sort(names)
      return say(('no %q; there are %s'):format(name, table.concat(names, ', ')), vim.log.levels.ERROR)
    end
    subcommand.run(vim.trim(rest), command)
  end, { nargs = '*', range = true, complete = complete, desc = 'Next-edit prediction' })
end

return M
