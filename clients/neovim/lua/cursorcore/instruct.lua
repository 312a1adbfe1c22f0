--- What a model is asked for in words: the answer is shown as a review before anything is applied.
local apply = require('cursorcore.apply')
local review = require('cursorcore.review')
local working = require('cursorcore.working')

local api = vim.api
local M = {}

--- Shows the model's reply beside the cursor, until the cursor moves.
---@param chat string
local function show_reply(chat)
  local lines = vim.split(chat, '\n', { plain = true })
  vim.lsp.util.open_floating_preview(lines, 'markdown', { border = 'rounded', focus_id = 'cursorcore.reply', focus = false })
end

--- Asks for an edit.
---@param client vim.lsp.Client
---@param buf integer
---@param command lsp.Command
function M.run(client, buf, command)
  if not vim.bo[buf].modifiable then
    return vim.notify('cursorcore: this buffer cannot be changed', vim.log.levels.WARN)
  end
  review.finish(buf)
  working.run(client, buf, command, 'review', function(result)
    if type(result.chat) == 'string' then
      show_reply(result.chat)
    end
  end)
end

--- The edits of a workspace edit if they are all for one document.
---@param edit lsp.WorkspaceEdit
---@param buf integer
---@return lsp.TextEdit[]? edits, integer? version
local function edits_of(edit, buf)
  local uri = vim.uri_from_bufnr(buf)
  for other, edits in pairs(edit.changes or {}) do
    return other == uri and not next(edit.changes, other) and edits or nil
  end
  local change = (edit.documentChanges or {})[1]
  if change and #edit.documentChanges == 1 and change.textDocument and change.textDocument.uri == uri then
    return change.edits, change.textDocument.version
  end
end

--- Applies a workspace edit as one undo step.
---@param edit lsp.WorkspaceEdit
---@param client vim.lsp.Client
---@return { applied: boolean, failureReason?: string }
local function apply_all(edit, client)
  local buf = api.nvim_get_current_buf()
  apply.break_undo(buf)
  local ok, failure = pcall(vim.lsp.util.apply_workspace_edit, edit, client.offset_encoding)
  apply.break_undo(buf)
  local edits = ok and edits_of(edit, buf)
  if edits and #edits > 0 then
    local changes = #edits == 1 and '1 change' or ('%d changes'):format(#edits)
    vim.notify(('cursorcore: %s applied, in line %d and below'):format(changes, edits[1].range.start.line + 1))
  end
  return { applied = ok, failureReason = not ok and tostring(failure) or nil }
end

--- The server has an edit applied: what it was asked for in words goes into a review, everything else into the buffer.
---@param params lsp.ApplyWorkspaceEditParams
---@param context lsp.HandlerContext
function M.on_apply_edit(_, params, context)
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local work = working.of(client.id)
  if not work or work.kind ~= 'review' then
    return apply_all(params.edit, client)
  end
  local edits, version = edits_of(params.edit, work.buf)
  if not edits then
    return { applied = false, failureReason = 'the edit is for another document' }
  elseif type(version) == 'number' and version ~= vim.lsp.util.buf_versions[work.buf] then
    return { applied = false, failureReason = 'the text has changed' }
  end
  -- It counts as applied, since what becomes of it is the user's to say from here on.
  return { applied = review.start(client, work.buf, edits, work.target) }
end

return M
