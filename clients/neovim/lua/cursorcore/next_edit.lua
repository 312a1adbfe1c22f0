--- Next edits: asks for them, shows one, applies or refuses it. What to offer and when is the server's to decide.
local apply = require('cursorcore.apply')
local config = require('cursorcore.config')
local elsewhere = require('cursorcore.elsewhere')
local ghost = require('cursorcore.ghost')
local offer = require('cursorcore.offer')
local sight = require('cursorcore.sight')

local api = vim.api
local M = {}

local METHOD = 'textDocument/copilotInlineEdit'
---@type { client_id: integer, id: integer, version: integer }?
local pending
local timer = assert(vim.uv.new_timer())
--- Whether the timer waits for the cursor to rest, and not for a change to be asked about.
local resting = false
---@type table<integer, boolean> Clients whose server does not know next edits
local unsupported = {}
--- What is to be done with the next answer, for the text and the cursor as they were.
---@type { tick: integer, cursor: integer[], take: fun(shown: cursorcore.Offer?) }?
local awaited
--- Whether all that comes is refused, and how much of it still.
local refusing = 0

---@param buf integer
---@return vim.lsp.Client?
local function client_of(buf)
  return require('cursorcore').client(buf)
end

local function cancel()
  timer:stop()
  if pending then
    local client = vim.lsp.get_client_by_id(pending.client_id)
    if client and client.requests[pending.id] then
      client:cancel_request(pending.id)
    end
    pending = nil
  end
end

--- Tells the server that an edit is not wanted.
---@param client vim.lsp.Client
---@param buf integer
---@param edit cursorcore.NextEdit
local function refuse(client, buf, edit)
  local command = { title = 'Reject', command = 'cursorcore.reject', arguments = edit.command.arguments }
  client:exec_cmd(command, { bufnr = buf }, apply.logged)
end

--- Does what waited for an answer, if neither text nor cursor has moved since.
---@param take fun(shown: cursorcore.Offer?)
local function await(take)
  local buf = api.nvim_get_current_buf()
  awaited = { tick = api.nvim_buf_get_changedtick(buf), cursor = api.nvim_win_get_cursor(0), take = take }
end

local function answered()
  local waiting, buf = awaited, api.nvim_get_current_buf()
  awaited = nil
  if
    waiting
    and waiting.tick == api.nvim_buf_get_changedtick(buf)
    and vim.deep_equal(waiting.cursor, api.nvim_win_get_cursor(0))
  then
    waiting.take(offer.current())
  end
end

---@param err lsp.ResponseError?
---@param result { edits: cursorcore.NextEdit[] }?
---@param context lsp.HandlerContext
local function on_answer(err, result, context)
  if not pending or pending.id ~= context.request_id or pending.client_id ~= context.client_id then
    return
  end
  pending = nil
  if err then
    if err.code == vim.lsp.protocol.ErrorCodes.MethodNotFound then
      unsupported[context.client_id] = true
    end
    vim.lsp.log.info('cursorcore', METHOD, err)
    offer.clear()
    return answered()
  end
  local client = vim.lsp.get_client_by_id(context.client_id)
  local buf = context.bufnr
  if not client or not buf or api.nvim_get_current_buf() ~= buf then
    return
  end
  local edit = result and result.edits and result.edits[1]
  if edit and refusing > 0 then
    refusing = refusing - 1
    refuse(client, buf, edit)
    return M.request()
  end
  refusing = 0
  if not edit then
    offer.clear()
  elseif vim.uri_to_bufnr(edit.textDocument.uri) ~= buf then
    offer.clear()
    elsewhere.set(client, buf, edit)
    offer.render()
  elseif edit.textDocument.version == vim.lsp.util.buf_versions[buf] then
    offer.show(client, buf, edit)
  else
    offer.clear()
  end
  answered()
end

--- Asks for the next edit now; a request that is still under way is cancelled.
function M.request()
  cancel()
  local buf = api.nvim_get_current_buf()
  local mode = api.nvim_get_mode().mode
  local client = client_of(buf)
  local wanted = config.options.next_edit and vim.bo[buf].modifiable and mode:match('^[ni]') and not mode:match('^no')
  local busy = require('cursorcore.working').on(buf) or require('cursorcore.review').count(buf) > 0
  if not client or unsupported[client.id] or not wanted or busy then
    -- What stood until the answer would stand for ever.
    offer.expire(buf)
    return
  end
  local version = vim.lsp.util.buf_versions[buf]
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.textDocument.version = version
  local ok, id = client:request(METHOD, params, on_answer, buf)
  pending = ok and id and { client_id = client.id, id = id, version = version } or nil
end

--- Asks in a while; what is asked for now is called off.
---@param delay integer milliseconds
function M.request_after(delay)
  cancel()
  resting = false
  timer:start(delay, 0, vim.schedule_wrap(M.request))
end

--- Asks when the cursor has rested, unless a change is about to be asked about.
function M.request_at_rest()
  if not pending and (resting or not timer:is_active()) then
    M.request_after(config.options.rest)
    resting = true
  end
end

--- Goes to the edit, or where the cursor is at it to the next part of it that has not been on the screen.
---@param shown cursorcore.Offer
---@return boolean gone false when all of it was to be seen
local function go(shown)
  local place, number = sight.unseen(shown.shape, shown.visited)
  if not offer.cursor_is_in(shown) then
    place, number = sight.places(shown.shape)[1], 1
    vim.cmd("normal! m'")
  elseif not place then
    return false
  end
  sight.go(place)
  shown.visited[number] = true
  offer.render()
  return true
end

---@param shown cursorcore.Offer
local function take(shown)
  if not go(shown) then
    local client = assert(vim.lsp.get_client_by_id(shown.client_id))
    offer.clear()
    apply.edit(client, shown.buf, shown.edit, true)
    M.request()
  end
end

--- Jumps to the edit, in another buffer too, or applies it where the cursor is at it already and asks for the one after it.
---@return boolean taken
function M.accept()
  local shown = offer.standing()
  if not shown or not shown.drawn then
    return not offer.quiet() and elsewhere.jump()
  end
  if offer.current() then
    take(shown)
    return true
  end
  -- The server has not said yet that the edit is still good; where it says that, the key has its effect then.
  await(function(now)
    if now == shown then
      take(now)
    end
  end)
  M.request()
  return true
end

--- Refuses the edit that is offered.
---@return boolean refused
function M.reject()
  local shown = offer.standing()
  local refused = shown and shown.drawn and shown or (not offer.quiet() and elsewhere.current())
  if not refused then
    return false
  end
  offer.clear()
  refuse(assert(vim.lsp.get_client_by_id(refused.client_id)), refused.buf, refused.edit)
  M.request()
  return true
end

--- Refuses all that is offered, one after the other.
---@return boolean refused
function M.reject_all()
  refusing = 100
  if not M.reject() then
    refusing = 0
    return false
  end
  return true
end

--- Has the server apply the edit and all others in its buffer.
---@return boolean taken
function M.accept_all()
  local shown = offer.standing()
  if not shown or not shown.drawn then
    return not offer.quiet() and elsewhere.jump()
  end
  local function apply_now(now)
    if now == shown then
      M.apply_all(assert(vim.lsp.get_client_by_id(now.client_id)), now.edit.command)
    end
  end
  if offer.current() then
    apply_now(shown)
  else
    await(apply_now)
    M.request()
  end
  return true
end

---@param client vim.lsp.Client
---@param accept lsp.Command The command of an offer
function M.apply_all(client, accept)
  local command = { title = 'Apply all', command = 'cursorcore.applyAll', arguments = accept.arguments }
  require('cursorcore.working').run(client, api.nvim_get_current_buf(), command, 'all')
end

--- Asks now and shows what quiet mode hides.
---@param done fun(found: boolean)
function M.suggest(done)
  offer.reveal(api.nvim_get_current_buf(), true)
  await(function()
    offer.render()
    done(offer.offered())
  end)
  M.request()
end

--- Takes down what is shown and what is asked for.
function M.clear()
  cancel()
  offer.clear()
end

--- Takes down what is shown unless it, or the request under way, is for the text as it is, as after accept().
---@param buf integer
---@return boolean outdated Whether the text has changed since
function M.clear_if_outdated(buf)
  if offer.current() or elsewhere.is_current() or (pending and pending.version == vim.lsp.util.buf_versions[buf]) then
    return false
  end
  offer.reveal(buf, false)
  if config.options.quiet then
    ghost.enable(buf, false)
  end
  offer.render()
  return true
end

return M
