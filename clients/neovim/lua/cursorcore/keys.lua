--- The two keys. Where nothing is offered a key does what it would do without us: a mapping of the user's, or of
--- Neovim's own such as the snippet jump on <Tab>, else the plain key.
local api = vim.api
local M = {}

local MODES = { 'n', 'i' }
local ACTIONS = { accept = 'Take what is predicted', reject = 'Refuse what is predicted' }

--- The mappings of the buffer that ours stand in front of, by buffer, mode and key.
---@type table<integer, table<string, table>>
local shadowed = {}

---@param mappings table[]
---@param key string
---@return table?
local function find(mappings, key)
  local raw = api.nvim_replace_termcodes(key, true, true, true)
  for _, mapping in ipairs(mappings) do
    if mapping.lhsraw == raw or mapping.lhsrawalt == raw then
      return mapping
    end
  end
end

---@param mode string
---@param key string
---@return table? mapping as of |nvim_get_keymap()|
local function other_mapping(mode, key)
  local of_buffer = shadowed[api.nvim_get_current_buf()]
  return of_buffer and of_buffer[mode .. key] or find(api.nvim_get_keymap(mode), key)
end

--- What an expression mapping evaluates to, as bytes of typed keys.
---@param mapping table
---@return string
local function evaluate(mapping)
  local keys = mapping.callback and mapping.callback() or mapping.rhs and api.nvim_eval(mapping.rhs) or ''
  if type(keys) ~= 'string' then
    return ''
  end
  return mapping.replace_keycodes == 1 and api.nvim_replace_termcodes(keys, true, true, true) or keys
end

--- Does what a key does in a mode without us. Runs from a <Cmd> mapping, so keys are put in front of those typed ahead.
---@param mode string
---@param key string
function M.pass_on(mode, key)
  local count = mode == 'n' and vim.v.count > 0 and tostring(vim.v.count) or ''
  local mapping = other_mapping(mode, key)
  if not mapping then
    api.nvim_feedkeys(count .. api.nvim_replace_termcodes(key, true, true, true), 'in', false)
    return
  end
  if mapping.callback and mapping.expr == 0 then
    mapping.callback()
    return
  end
  local keys
  if mapping.expr == 1 then
    keys = evaluate(mapping)
  else
    local rhs = mapping.rhs:gsub('<[Ss][Ii][Dd]>', ('<SNR>%d_'):format(mapping.sid))
    keys = api.nvim_replace_termcodes(rhs, true, true, true)
  end
  api.nvim_feedkeys(count .. keys, mapping.noremap == 1 and 'in' or 'im', false)
end

--- What the key stands for now, for an expression mapping.
---@param action 'accept'|'reject'
---@param mode string
---@param key string
---@return string keys
local function expression(action, mode, key)
  local completing = mode == 'i' and vim.fn.pumvisible() == 1
  if not completing and require('cursorcore').offered() then
    return ("<Cmd>lua require('cursorcore').%s()<CR>"):format(action)
  end
  if other_mapping(mode, key) then
    return ("<Cmd>lua require('cursorcore.keys').pass_on(%q, %q)<CR>"):format(mode, (key:gsub('<', '<lt>')))
  end
  return key
end

--- Maps the keys in a buffer.
---@param buf integer
---@param keys cursorcore.Keys
function M.map(buf, keys)
  M.unmap(buf)
  shadowed[buf] = {}
  for action, description in pairs(ACTIONS) do
    local key = keys[action]
    for _, mode in ipairs(key and MODES or {}) do
      ---@cast key string
      shadowed[buf][mode .. key] = find(api.nvim_buf_get_keymap(buf, mode), key) or false
      vim.keymap.set(mode, key, function()
        return expression(action, mode, key)
      end, { buffer = buf, expr = true, replace_keycodes = true, desc = description })
    end
  end
end

--- Takes the keys back and restores the mappings that they stood in front of.
---@param buf integer
function M.unmap(buf)
  local saved = shadowed[buf]
  shadowed[buf] = nil
  if not saved or not api.nvim_buf_is_valid(buf) then
    return
  end
  for name, mapping in pairs(saved) do
    local mode, key = name:sub(1, 1), name:sub(2)
    pcall(vim.keymap.del, mode, key, { buffer = buf })
    if mapping then
      api.nvim_buf_call(buf, function()
        vim.fn.mapset(mode, false, vim.tbl_extend('force', mapping, { mode = mode }))
      end)
    end
  end
end

return M
