--- The keys. Where one has nothing to do it does what it would do without us: a mapping of the user's, or of
--- Neovim's own such as the snippet jump on <Tab>, else the plain key.
local api = vim.api
local M = {}

---@class cursorcore.Action
---@field modes string[]
---@field help string

---@type table<string, cursorcore.Action>
local ACTIONS = {
  accept = { modes = { 'n', 'i' }, help = 'Take what is predicted' },
  reject = { modes = { 'n', 'i' }, help = 'Refuse what is predicted' },
  accept_word = { modes = { 'i' }, help = 'Take the first word of the ghost text' },
  accept_line = { modes = { 'i' }, help = 'Take the first line of the ghost text' },
  accept_all = { modes = { 'n', 'i' }, help = 'Take all that is predicted' },
  reject_all = { modes = { 'n', 'i' }, help = 'Refuse all that is predicted' },
  suggest = { modes = { 'n', 'i' }, help = 'Predict now' },
}
--- Mapped only while a review is open.
local REVIEW_ACTIONS = {
  next = { modes = { 'n' }, help = 'Next change of the answer' },
  previous = { modes = { 'n' }, help = 'Previous change of the answer' },
}

--- The mappings of the buffer that ours stand in front of, by buffer, mode and key; false where there was none.
---@type table<integer, table<string, table|false>>
local shadowed = {}

---@param mappings table[]
---@param key string
---@return table?
local function find(mappings, key)
  local raw = api.nvim_replace_termcodes(key, true, true, true)
  -- As bytes CTRL-I and <Tab> are one; as keys they are two.
  local is_control = key:lower() == '<c-i>'
  for _, mapping in ipairs(mappings) do
    local same = mapping.lhsraw == raw or mapping.lhsrawalt == raw
    if (same or is_control) and (mapping.lhs:lower() == '<c-i>') == is_control then
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
  -- A mapping whose keys begin with its own is not applied to these again, see |recursive_mapping|.
  local own = vim.startswith(keys, api.nvim_replace_termcodes(key, true, true, true))
  api.nvim_feedkeys(count .. keys, (mapping.noremap == 1 or own) and 'in' or 'im', false)
end

---@param key string
---@return boolean
local function is_tab(key)
  local name = key:lower()
  return name == '<tab>' or name == '<c-i>' or name == '<s-tab>'
end

--- Whether <Tab> is wanted for something else in insert mode: in a snippet it goes to the next place, and behind white
--- space alone it indents. What is at the cursor is taken nevertheless.
---@param action string
---@return boolean
local function needed_elsewhere(action)
  local forward = action == 'accept'
  if require('cursorcore.snippets').active(forward and 1 or -1) then
    return true
  end
  local before = api.nvim_get_current_line():sub(1, api.nvim_win_get_cursor(0)[2])
  return forward and before:find('%S') == nil and not require('cursorcore.offer').is_here()
end

--- Whether an action has something to do now.
---@param action string
---@param mode string
---@param key string
---@return boolean
local function applies(action, mode, key)
  local core = require('cursorcore')
  local ghost = require('cursorcore.ghost').visible()
  if action == 'suggest' then
    return true
  elseif action == 'accept_word' or action == 'accept_line' then
    return ghost
  elseif action == 'reject' and require('cursorcore.working').on(api.nvim_get_current_buf()) then
    return true
  end
  if mode == 'i' and vim.fn.pumvisible() == 1 then
    -- A menu that came by itself and in which nothing is selected does not need the key.
    return ghost and vim.fn.complete_info({ 'selected' }).selected == -1
  end
  if mode == 'i' and not ghost and is_tab(key) and needed_elsewhere(action) then
    return false
  end
  return core.offered()
end

--- What the key stands for now, for an expression mapping.
---@param action string
---@param mode string
---@param key string
---@return string keys
local function expression(action, mode, key)
  if REVIEW_ACTIONS[action] or applies(action, mode, key) then
    return ("<Cmd>lua require('cursorcore').%s()<CR>"):format(action)
  end
  if other_mapping(mode, key) then
    return ("<Cmd>lua require('cursorcore.keys').pass_on(%q, %q)<CR>"):format(mode, (key:gsub('<', '<lt>')))
  end
  return key
end

---@param buf integer
---@param mode string
---@param key string
---@param help string
---@param right fun(): string
local function borrow(buf, mode, key, help, right)
  shadowed[buf] = shadowed[buf] or {}
  if shadowed[buf][mode .. key] == nil then
    shadowed[buf][mode .. key] = find(api.nvim_buf_get_keymap(buf, mode), key) or false
  end
  vim.keymap.set(mode, key, right, { buffer = buf, expr = true, replace_keycodes = true, desc = help })
end

--- Takes a mapping back and restores the one that it stood in front of.
---@param buf integer
---@param mode string
---@param key string
local function give_back(buf, mode, key)
  local mapping = shadowed[buf] and shadowed[buf][mode .. key]
  if mapping == nil then
    return
  end
  shadowed[buf][mode .. key] = nil
  pcall(vim.keymap.del, mode, key, { buffer = buf })
  if mapping then
    api.nvim_buf_call(buf, function()
      vim.fn.mapset(mode, false, vim.tbl_extend('force', mapping, { mode = mode }))
    end)
  end
end

---@param buf integer
---@param keys cursorcore.Keys
---@param actions table<string, cursorcore.Action>
local function map(buf, keys, actions)
  for name, action in pairs(actions) do
    local key = keys[name]
    for _, mode in ipairs(key and action.modes or {}) do
      ---@cast key string
      borrow(buf, mode, key, action.help, function()
        return expression(name, mode, key)
      end)
    end
  end
end

--- Maps the keys in a buffer.
---@param buf integer
---@param keys cursorcore.Keys
function M.map(buf, keys)
  M.unmap(buf)
  map(buf, keys, ACTIONS)
  -- Where a terminal tells the two keys apart, CTRL-I stays Neovim's. Unmapped it would stand for <Tab>.
  if keys.accept and keys.accept:lower() == '<tab>' then
    borrow(buf, 'n', '<C-i>', 'Go forward in the jump list', function()
      local mapping = other_mapping('n', '<C-i>') and '<C-i>' or other_mapping('n', '<Tab>') and '<Tab>'
      if mapping then
        return ("<Cmd>lua require('cursorcore.keys').pass_on('n', %q)<CR>"):format((mapping:gsub('<', '<lt>')))
      end
      return '<C-i>'
    end)
  end
end

--- Maps the keys that are there while a review is open.
---@param buf integer
---@param keys cursorcore.Keys
function M.map_review(buf, keys)
  map(buf, keys, REVIEW_ACTIONS)
end

---@param buf integer
function M.unmap_review(buf)
  local keys = require('cursorcore.config').options.keys
  for name, action in pairs(REVIEW_ACTIONS) do
    for _, mode in ipairs(keys[name] and action.modes or {}) do
      give_back(buf, mode, keys[name] --[[@as string]])
    end
  end
end

--- Takes the keys back.
---@param buf integer
function M.unmap(buf)
  if api.nvim_buf_is_valid(buf) then
    for name in pairs(vim.deepcopy(shadowed[buf] or {})) do
      give_back(buf, name:sub(1, 1), name:sub(2))
    end
  end
  shadowed[buf] = nil
end

return M
