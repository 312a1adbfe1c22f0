--- A command that the server may take long for: says so, with the key that calls it off.
local config = require('cursorcore.config')

local api = vim.api
local M = {}

---@class cursorcore.Work
---@field client_id integer
---@field id integer? The request's
---@field buf integer The buffer that it is about
---@field started integer milliseconds
---@field kind 'review'|'all' What becomes of the edit that the server has applied
---@field target lsp.Range? What the command is about

---@type cursorcore.Work?
local work
local label = require('cursorcore.label').new()
local timer = assert(vim.uv.new_timer())

---@param message string
---@param level? integer
local function say(message, level)
  vim.notify('cursorcore: ' .. message, level or vim.log.levels.INFO)
end

local function render()
  if not work then
    return label:hide()
  end
  local key = config.options.keys.reject
  local seconds = math.floor((vim.uv.now() - work.started) / 1000)
  local how = key and work.buf == api.nvim_get_current_buf() and key or ':CursorCore cancel'
  local window = vim.fn.bufwinid(work.buf)
  local text = (' working %d s  %s cancels '):format(seconds, how)
  -- Not while Neovim forbids it, as in the command-line window; the next second brings another try.
  pcall(label.say, label, text, 'below', window ~= -1 and window or nil)
end

local function stop()
  timer:stop()
  work = nil
  label:hide()
  require('cursorcore.state').update()
end

--- What is worked at, in a buffer or anywhere.
---@param buf? integer
---@return cursorcore.Work?
function M.on(buf)
  return work and (not buf or work.buf == buf) and work or nil
end

--- What is worked at for a server.
---@param client_id integer
---@return cursorcore.Work?
function M.of(client_id)
  return work and work.client_id == client_id and work or nil
end

--- Runs a command of the server.
---@param client vim.lsp.Client
---@param buf integer
---@param command lsp.Command
---@param kind 'review'|'all'
---@param done? fun(result: table)
function M.run(client, buf, command, kind, done)
  if work then
    return say('still working; :CursorCore cancel calls that off', vim.log.levels.WARN)
  end
  local mine = { client_id = client.id, buf = buf, started = vim.uv.now(), kind = kind }
  mine.target = vim.tbl_get(command, 'arguments', 1, 'range')
  work = mine
  require('cursorcore.next_edit').clear()
  local params = { command = command.command, arguments = command.arguments }
  local ok, id = client:request('workspace/executeCommand', params, function(err, result)
    if work ~= mine then
      return
    end
    stop()
    if err then
      say(err.message, vim.log.levels.WARN)
    elseif done and type(result) == 'table' then
      done(result)
    end
    require('cursorcore.next_edit').request()
  end, buf)
  if not ok then
    return stop()
  end
  mine.id = id
  -- What comes at once needs no label.
  timer:start(150, 1000, vim.schedule_wrap(render))
  require('cursorcore.state').update()
end

--- Calls off what is worked at.
---@return boolean cancelled false when nothing is
function M.cancel()
  if not work then
    return false
  end
  local client = vim.lsp.get_client_by_id(work.client_id)
  if client and work.id then
    client:cancel_request(work.id)
  end
  stop()
  say('cancelled')
  return true
end

--- The server has gone: nothing comes any more.
---@param client_id integer
function M.forget(client_id)
  if M.of(client_id) then
    stop()
  end
end

return M
