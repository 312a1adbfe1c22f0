--- What the server says about itself.
local M = {}

--- What the server reports about itself, line by line.
---@param status table The answer to `cursorcore.status`
---@param uri string The current buffer's
---@return string[]
local function status_lines(status, uri)
  local engine = status.engine
  if type(status.model) == 'table' then
    local device = type(status.model.device) == 'string' and status.model.device or 'not loaded'
    engine = ('%s (model %s, %s)'):format(engine, status.model.name, device)
  end
  local lines = {
    ('%s, engine %s, %s; %d documents; offered %d, accepted %d, rejected %d'):format(
      status.version,
      engine,
      status.enabled and 'on' or 'off',
      status.openDocuments,
      status.offered,
      status.accepted,
      status.rejected
    ),
  }
  for _, excluded in ipairs(status.excluded or {}) do
    local name = excluded.uri == uri and 'this buffer' or vim.fn.fnamemodify(vim.uri_to_fname(excluded.uri), ':~:.')
    lines[#lines + 1] = ('%s is kept out: %s'):format(name, excluded.reason)
  end
  if type(status.lastError) == 'string' then
    lines[#lines + 1] = 'last prediction failed: ' .. status.lastError
  end
  return lines
end

--- Asks a server for its state.
---@param client vim.lsp.Client
---@param callback fun(lines: string[]?, message: string?) the state, or why there is none
function M.ask(client, callback)
  local uri = vim.uri_from_bufnr(0)
  client:exec_cmd({ title = 'Status', command = 'cursorcore.status' }, { bufnr = 0 }, function(err, status)
    if err or type(status) ~= 'table' then
      callback(nil, err and err.message or 'the server reports nothing')
    else
      callback(status_lines(status, uri))
    end
  end)
end

return M
