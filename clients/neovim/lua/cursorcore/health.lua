--- `:checkhealth cursorcore`
local config = require('cursorcore.config')

local health = vim.health
local M = {}

---@param command string[]
---@return string? first line of what it prints
local function output(command)
  local ok, result = pcall(function()
    return vim.system(command, { text = true, timeout = 10000 }):wait()
  end)
  if ok and result.code == 0 then
    return vim.trim(vim.split(result.stdout or '', '\n')[1])
  end
end

local function check_neovim()
  health.start('Neovim')
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.12') == 1 then
    health.ok(version)
  else
    health.error(version .. ' is too old', 'Neovim 0.12 brought inline completion; update Neovim')
  end
end

local function check_server()
  health.start('Server')
  local node = output({ 'node', '--version' })
  local major = node and tonumber(node:match('^v(%d+)'))
  if not major then
    health.error('node is not on $PATH', 'Install Node.js 20 or newer')
  elseif major < 20 then
    health.error('node ' .. node .. ' is too old', 'Install Node.js 20 or newer')
  else
    health.ok('node ' .. node)
  end

  local cmd = config.cmd()
  local shown = table.concat(cmd, ' ')
  if vim.fn.executable(cmd[1]) == 0 then
    health.error(shown .. ': not executable', { 'install the server, :help cursorcore-setup', 'or set `cmd`, :help cursorcore-options' })
    return
  end
  local ask = vim.tbl_filter(function(word)
    return word ~= '--stdio'
  end, cmd)
  local version = output(vim.list_extend(ask, { '--version' }))
  if version then
    health.ok(('%s: version %s'):format(shown, version))
  else
    health.error(shown .. ' --version fails', 'Run it in a shell to see why')
  end
end

local function check_clients()
  health.start('Clients')
  if not vim.lsp.is_enabled('cursorcore') then
    health.warn('not enabled', "vim.lsp.enable('cursorcore')")
  end
  local clients = vim.lsp.get_clients({ name = 'cursorcore' })
  if #clients == 0 then
    health.warn('no server is running', 'Open a file; `:CursorCore restart` starts one that has died')
  end
  for _, client in ipairs(clients) do
    health.info(
      ('client %d serves %d buffers under %s, positions in %s'):format(
        client.id,
        vim.tbl_count(client.attached_buffers),
        client.root_dir or 'no root',
        client.offset_encoding
      )
    )
    local done = false
    require('cursorcore.status').ask(client, function(lines, message)
      done = true
      if lines then
        vim.iter(lines):each(health.ok)
      else
        health.error('no status: ' .. message)
      end
    end)
    vim.wait(2000, function()
      return done
    end, 10)
    if not done then
      health.error('the server did not answer within 2 s', '`:CursorCore restart`')
    end
  end
  health.info('messages of the server: ' .. vim.lsp.log.get_filename())
end

function M.check()
  check_neovim()
  check_server()
  check_clients()
end

return M
