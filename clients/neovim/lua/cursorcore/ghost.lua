--- Ghost text is Neovim's own |lsp-inline_completion|. Here is only what that leaves open: whether some is
--- visible, accepting it as one undo step and never against text that it was not made for, and refusing it.
local apply = require('cursorcore.apply')

local api = vim.api
local M = {}

local METHOD = 'textDocument/inlineCompletion'

---@class cursorcore.GhostState
---@field requests table<integer, integer> The buffer's version that each request under way is for
---@field version integer? The buffer's version that the last answer is for
---@field listeners fun()[]

---@type table<integer, cursorcore.GhostState>
local states = {}

---@param buf integer
---@return cursorcore.GhostState
local function state_of(buf)
  states[buf] = states[buf] or { requests = {}, listeners = {} }
  return states[buf]
end

---@return integer? row of the ghost text in the current buffer, from 0
local function ghost_row()
  local namespace = api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  local mark = namespace and api.nvim_buf_get_extmarks(0, namespace, 0, -1, { limit = 1 })[1]
  return mark and mark[2]
end

--- Whether ghost text stands in the current buffer.
---@return boolean
function M.visible()
  return ghost_row() ~= nil
end

--- Whether a change is shown as ghost text, or may be about to be: the answer for the text as it is has not come yet.
--- What is drawn already does not wait for that.
---@param shape cursorcore.Shape
---@param drawn boolean
---@return boolean
function M.covers(shape, drawn)
  local buf = api.nvim_get_current_buf()
  if not vim.startswith(api.nvim_get_mode().mode, 'i') or not vim.lsp.inline_completion.is_enabled({ bufnr = buf }) then
    return false
  end
  local row = ghost_row()
  if row then
    return row >= shape.first_row - 1 and row <= shape.last_row
  end
  local cursor = api.nvim_win_get_cursor(0)
  local behind_cursor = shape.row == cursor[1] - 1 and shape.col >= cursor[2]
  local below_cursor = shape.row == cursor[1] and #shape.pieces == 0
  return not drawn and (behind_cursor or below_cursor) and state_of(buf).version ~= vim.lsp.util.buf_versions[buf]
end

--- The beginning of a text that ends with its first word, or with its first line.
---@param text string
---@param part 'word'|'line'
---@return string
local function first_part(text, part)
  if part == 'line' then
    return text:match('^\n?[^\n]*') --[[@as string]]
  end
  local pattern = [=[\v^\_s*%(\k+|[^[:keyword:][:space:]]+)]=]
  local word = vim.fn.matchstr(text, pattern)
  return word ~= '' and word or text
end

---@param client vim.lsp.Client
---@param buf integer
---@param text string
---@param range lsp.Range?
---@param command lsp.Command?
---@param part? 'word'|'line' how much of it; all when left out
local function insert(client, buf, text, range, command, part)
  local at = vim.lsp.util.make_position_params(0, client.offset_encoding).position
  local edit = { text = text, range = range or { start = at, ['end'] = at }, command = command }
  local inserted = apply.insertion(client, buf, edit)
  if not inserted then
    return not part and apply.edit(client, buf, edit)
  end
  local taken = part and first_part(inserted, part) or inserted
  apply.paste(buf, taken)
  -- Of a part the server hears as of any other change.
  if taken == inserted and command then
    client:exec_cmd(command, { bufnr = buf }, apply.logged)
  elseif taken ~= inserted then
    M.ask()
  end
end

--- Asks for the text at the cursor as it is now and inserts it. For a key that comes so soon after typing that
--- the ghost text on the screen is still that of the text before.
---@param client vim.lsp.Client
---@param buf integer
---@param part? 'word'|'line'
local function accept_afresh(client, buf, part)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = vim.lsp.protocol.InlineCompletionTriggerKind.Invoked }
  client:request(METHOD, params, function(err, result, context)
    local item = not err and result and (result.items or result)[1]
    local unchanged = api.nvim_get_current_buf() == buf and context.version == vim.lsp.util.buf_versions[buf]
    if item and unchanged and type(item.insertText) == 'string' and vim.startswith(api.nvim_get_mode().mode, 'i') then
      insert(client, buf, item.insertText, item.range, item.command, part)
    end
  end, buf)
end

---@param buf integer
---@param part? 'word'|'line'
---@return fun(item: vim.lsp.inline_completion.Item): vim.lsp.inline_completion.Item?
local function on_accept(buf, part)
  return function(item)
    local client = vim.lsp.get_client_by_id(item.client_id)
    if not client or client.name ~= require('cursorcore').name or type(item.insert_text) ~= 'string' then
      return item
    end
    if state_of(buf).version ~= vim.lsp.util.buf_versions[buf] then
      return accept_afresh(client, buf, part)
    end
    local range = item.range and item.range:to_lsp(client.offset_encoding)
    insert(client, buf, item.insert_text --[[@as string]], range, item.command, part)
  end
end

--- Inserts the ghost text, or a part of it. What another server shows there is taken whole.
---@param part? 'word'|'line'
---@return boolean accepted false when there is none
function M.accept(part)
  local buf = api.nvim_get_current_buf()
  return M.visible() and vim.lsp.inline_completion.get({ bufnr = buf, on_accept = on_accept(buf, part) })
end

--- Takes the ghost text away and hands its command on, if it is ours.
---@param use fun(client: vim.lsp.Client, command: lsp.Command)
---@return boolean taken false when there is none
function M.take_command(use)
  local buf = api.nvim_get_current_buf()
  return M.visible()
    and vim.lsp.inline_completion.get({
      bufnr = buf,
      on_accept = function(item)
        local client = vim.lsp.get_client_by_id(item.client_id)
        if client and client.name == require('cursorcore').name and item.command then
          use(client, item.command)
        end
      end,
    })
end

--- Takes the ghost text away and tells the server that it was not wanted.
---@return boolean dismissed false when there is none
function M.dismiss()
  local buf = api.nvim_get_current_buf()
  return M.take_command(function(client, accept)
    local command = { title = 'Reject', command = 'cursorcore.reject', arguments = accept.arguments }
    client:exec_cmd(command, { bufnr = buf }, apply.logged)
  end)
end

--- Asks for ghost text now. Neovim has no function for this; it asks when the cursor moves, which is told to it alone.
function M.ask()
  local buf = api.nvim_get_current_buf()
  if states[buf] and vim.startswith(api.nvim_get_mode().mode, 'i') then
    pcall(api.nvim_exec_autocmds, 'CursorMovedI', { group = 'nvim.lsp.inline_completion:' .. buf, buffer = buf })
  end
end

--- Turns ghost text on or off in a buffer that is served; in quiet mode it is on only while it has been asked for.
---@param buf integer
---@param on boolean
function M.enable(buf, on)
  if states[buf] and vim.lsp.inline_completion.is_enabled({ bufnr = buf }) ~= on then
    vim.lsp.inline_completion.enable(on, { bufnr = buf })
  end
end

--- A slower engine has answered: asks again for ghost text in insert mode where none stands.
---@param document { uri: string, version: integer } What the answer is about
function M.refresh(document)
  local buf = api.nvim_get_current_buf()
  local current = vim.uri_from_bufnr(buf) == document.uri and vim.lsp.util.buf_versions[buf] == document.version
  if current and not M.visible() then
    M.ask()
  end
end

--- Calls back whenever an answer about ghost text has come and been shown.
---@param buf integer
---@param callback fun()
function M.on_change(buf, callback)
  table.insert(state_of(buf).listeners, callback)
end

--- Turns ghost text on in a buffer.
---@param buf integer
function M.attach(buf)
  states[buf] = nil
  local state = state_of(buf)
  vim.lsp.inline_completion.enable(not require('cursorcore.config').options.quiet, { bufnr = buf })
  api.nvim_create_autocmd('LspRequest', {
    group = api.nvim_create_augroup('cursorcore.ghost.' .. buf, { clear = true }),
    buffer = buf,
    callback = function(event)
      local request, id = event.data.request, event.data.request_id
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if request.method ~= METHOD or not client or client.name ~= require('cursorcore').name then
        return
      end
      if request.type == 'pending' then
        state.requests[id] = vim.lsp.util.buf_versions[buf]
        return
      end
      if request.type == 'complete' then
        state.version = state.requests[id]
        vim.iter(state.listeners):each(function(listener)
          listener()
        end)
      end
      state.requests[id] = nil
    end,
  })
end

---@param buf integer
function M.detach(buf)
  pcall(api.nvim_del_augroup_by_name, 'cursorcore.ghost.' .. buf)
  states[buf] = nil
end

return M
