--- Next edits: asks for them, shows one, applies or refuses it. What to offer and when is the server's to decide.
local apply = require('cursorcore.apply')
local config = require('cursorcore.config')
local elsewhere = require('cursorcore.elsewhere')
local ghost = require('cursorcore.ghost')
local indicator = require('cursorcore.indicator')
local preview = require('cursorcore.preview')

local api = vim.api
local M = {}

local METHOD = 'textDocument/copilotInlineEdit'
local namespace = api.nvim_create_namespace('cursorcore.next_edit')

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

---@type cursorcore.Offer?
local offer
---@type { client_id: integer, id: integer, version: integer }?
local pending
local timer = assert(vim.uv.new_timer())
--- Whether the timer waits for the cursor to rest, and not for a change to be asked about.
local resting = false
---@type table<integer, boolean> Clients whose server does not know next edits
local unsupported = {}

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
  end
  offer = nil
  elsewhere.clear()
  indicator.hide()
end

--- The offer, if it is for the current buffer as it is now.
---@return cursorcore.Offer?
local function current()
  if
    offer
    and offer.buf == api.nvim_get_current_buf()
    and offer.version == vim.lsp.util.buf_versions[offer.buf]
    and vim.lsp.get_client_by_id(offer.client_id)
  then
    return offer
  end
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

--- Shows the offer as the window is now. Ghost text that shows the same change in its own way goes first.
function M.render()
  local shown = current()
  if not shown then
    if not elsewhere.render() then
      clear()
    end
    return
  end
  local hidden = ghost.covers(shown.shape, shown.drawn)
  if shown.drawn == hidden then
    shown.drawn = not hidden
    api.nvim_buf_clear_namespace(shown.buf, namespace, 0, -1)
    if shown.drawn then
      preview.draw(shown.buf, namespace, shown.shape)
      did_show(shown)
    end
  end
  if config.options.indicator and not hidden then
    indicator.show(shown.shape)
  else
    indicator.hide()
  end
end

---@param client vim.lsp.Client
---@param buf integer
---@param edit cursorcore.NextEdit
local function show(client, buf, edit)
  local same = current()
  if same and same.edit.text == edit.text and vim.deep_equal(same.edit.range, edit.range) then
    same.edit = edit
    return M.render()
  end
  clear()
  local shape = preview.shape(buf, edit, client.offset_encoding)
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
  }
  M.render()
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
    return
  end
  local client = vim.lsp.get_client_by_id(context.client_id)
  local buf = context.bufnr
  if not client or not buf or api.nvim_get_current_buf() ~= buf then
    return
  end
  local edit = result and result.edits and result.edits[1]
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
end

--- Asks for the next edit now; a request that is still under way is cancelled.
function M.request()
  cancel()
  local buf = api.nvim_get_current_buf()
  local mode = api.nvim_get_mode().mode
  local client = client_of(buf)
  local wanted = config.options.next_edit and mode:match('^[ni]') and not mode:match('^no')
  if not client or unsupported[client.id] or not wanted then
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

--- Whether an edit is offered in the current buffer, or said to be in another one.
---@return boolean
function M.offered()
  local shown = current()
  return shown ~= nil and shown.drawn or elsewhere.current() ~= nil
end

---@param shown cursorcore.Offer
local function cursor_is_there(shown)
  local row = api.nvim_win_get_cursor(0)[1] - 1
  local shape = shown.shape
  return row >= shape.first_row and row <= shape.last_row and indicator.on_screen(shape)
end

---@param shown cursorcore.Offer
local function jump(shown)
  local shape = shown.shape
  vim.cmd("normal! m'")
  api.nvim_win_set_cursor(0, { shape.row + 1, shape.col })
  vim.cmd('normal! zv')
  M.render()
end

--- Jumps to the edit, in another buffer too, or applies it where the cursor is at it already and asks for the one after it.
---@return boolean taken
function M.accept()
  local shown = current()
  if not shown or not shown.drawn then
    return elsewhere.jump()
  end
  if not cursor_is_there(shown) then
    jump(shown)
    return true
  end
  local client = assert(vim.lsp.get_client_by_id(shown.client_id))
  clear()
  apply.edit(client, shown.buf, shown.edit, true)
  M.request()
  return true
end

--- Refuses the edit that is offered.
---@return boolean refused
function M.reject()
  local shown = current()
  local refused = shown and shown.drawn and shown or elsewhere.current()
  if not refused then
    return false
  end
  clear()
  local client = assert(vim.lsp.get_client_by_id(refused.client_id))
  local command = { title = 'Reject', command = 'cursorcore.reject', arguments = refused.edit.command.arguments }
  client:exec_cmd(command, { bufnr = refused.buf }, apply.logged)
  M.request()
  return true
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
  if current() or elsewhere.current() or (pending and pending.version == vim.lsp.util.buf_versions[buf]) then
    return false
  end
  clear()
  return true
end

---@param buf integer
---@return boolean
function M.is_for(buf)
  return offer ~= nil and offer.buf == buf
end

return M
