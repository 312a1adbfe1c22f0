--- Next edits: asks for them, shows one, applies or refuses it. What to offer and when is the server's to decide.
local apply = require('cursorcore.apply')
local config = require('cursorcore.config')
local elsewhere = require('cursorcore.elsewhere')
local ghost = require('cursorcore.ghost')
local indicator = require('cursorcore.indicator')
local preview = require('cursorcore.preview')
local sight = require('cursorcore.sight')
local state = require('cursorcore.state')

local api = vim.api
local M = {}

local METHOD = 'textDocument/copilotInlineEdit'
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

local function clear()
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
local function standing()
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
local function current()
  local shown = standing()
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
local function quiet()
  return config.options.quiet and not revealed[api.nvim_get_current_buf()]
end

--- Takes down what is on the screen; in quiet mode what is offered elsewhere is kept, unsaid.
local function clear_shown()
  if quiet() and not offer and elsewhere.current() then
    return indicator.hide()
  end
  clear()
end

--- Shows the offer as the window is now. Ghost text that shows the same change in its own way goes first.
function M.render()
  local shown = standing()
  if not shown then
    if quiet() or not elsewhere.render() then
      clear_shown()
    end
    return
  end
  local hidden = ghost.covers(shown.shape, shown.drawn) or quiet()
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
local function show(client, buf, edit)
  local shape = preview.shape(buf, edit, client.offset_encoding)
  local same = standing()
  if same and vim.deep_equal(same.shape, shape) then
    same.edit, same.version = edit, edit.textDocument.version
    return M.render()
  end
  clear()
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
    waiting.take(current())
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
    clear()
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
    clear()
  elseif vim.uri_to_bufnr(edit.textDocument.uri) ~= buf then
    clear()
    elsewhere.set(client, buf, edit)
    M.render()
  elseif edit.textDocument.version == vim.lsp.util.buf_versions[buf] then
    show(client, buf, edit)
  else
    clear()
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
    if offer and offer.version ~= vim.lsp.util.buf_versions[buf] then
      clear()
    end
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

--- Whether an edit is shown in the current buffer, or said to be in another one.
---@return boolean
function M.offered()
  local shown = standing()
  return shown ~= nil and shown.drawn or (not quiet() and elsewhere.current() ~= nil)
end

---@param shown cursorcore.Offer
local function cursor_is_in(shown)
  local row = api.nvim_win_get_cursor(0)[1] - 1
  return row >= shown.shape.first_row and row <= shown.shape.last_row
end

--- Whether an edit is shown in the cursor's line, so that accept() applies it and does not leave the place.
---@return boolean
function M.is_here()
  local shown = standing()
  return shown ~= nil and shown.drawn and cursor_is_in(shown)
end

--- Goes to the edit, or where the cursor is at it to the next part of it that has not been on the screen.
---@param shown cursorcore.Offer
---@return boolean gone false when all of it was to be seen
local function go(shown)
  local place, number = sight.unseen(shown.shape, shown.visited)
  if not cursor_is_in(shown) then
    place, number = sight.places(shown.shape)[1], 1
    vim.cmd("normal! m'")
  elseif not place then
    return false
  end
  sight.go(place)
  shown.visited[number] = true
  M.render()
  return true
end

---@param shown cursorcore.Offer
local function take(shown)
  if not go(shown) then
    local client = assert(vim.lsp.get_client_by_id(shown.client_id))
    clear()
    apply.edit(client, shown.buf, shown.edit, true)
    M.request()
  end
end

--- Jumps to the edit, in another buffer too, or applies it where the cursor is at it already and asks for the one after it.
---@return boolean taken
function M.accept()
  local shown = standing()
  if not shown or not shown.drawn then
    return not quiet() and elsewhere.jump()
  end
  if current() then
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
  local shown = standing()
  local refused = shown and shown.drawn and shown or (not quiet() and elsewhere.current())
  if not refused then
    return false
  end
  clear()
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
  local shown = standing()
  if not shown or not shown.drawn then
    return not quiet() and elsewhere.jump()
  end
  local function apply_now(now)
    if now == shown then
      M.apply_all(assert(vim.lsp.get_client_by_id(now.client_id)), now.edit.command)
    end
  end
  if current() then
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
  revealed[api.nvim_get_current_buf()] = true
  await(function()
    M.render()
    done(M.offered())
  end)
  M.request()
end

--- Takes down what is shown and what is asked for.
function M.clear()
  cancel()
  clear()
end

--- Takes down what is shown unless it, or the request under way, is for the text as it is, as after accept().
---@param buf integer
---@return boolean outdated Whether the text has changed since
function M.clear_if_outdated(buf)
  if current() or elsewhere.is_current() or (pending and pending.version == vim.lsp.util.buf_versions[buf]) then
    return false
  end
  revealed[buf] = nil
  if config.options.quiet then
    ghost.enable(buf, false)
  end
  M.render()
  return true
end

---@param buf integer
---@return boolean
function M.is_for(buf)
  return offer ~= nil and offer.buf == buf
end

--- What is offered, for |cursorcore.state()|.
---@return cursorcore.State?
function M.state()
  local shown, there = standing(), elsewhere.current()
  if shown then
    return { state = shown.drawn and 'edit' or 'hidden', line = shown.shape.row + 1 }
  elseif there and not quiet() then
    local file = vim.fs.basename(api.nvim_buf_get_name(there.target))
    return { state = 'elsewhere', line = there.edit.range.start.line + 1, file = file }
  elseif there then
    return { state = 'hidden' }
  end
end

return M
