--- Whether a snippet is being filled in, by Neovim's own or one of the widespread plugins: then <Tab> is its key.
local M = {}

---@param direction 1|-1
---@return boolean
function M.active(direction)
  if vim.snippet.active({ direction = direction }) then
    return true
  end
  -- Looked up and not loaded: a plugin that nothing has loaded expands nothing.
  local luasnip = package.loaded['luasnip']
  if type(luasnip) == 'table' and luasnip.locally_jumpable and luasnip.locally_jumpable(direction) then
    return true
  end
  local mini = package.loaded['mini.snippets']
  return type(mini) == 'table' and mini.session ~= nil and mini.session.get() ~= nil
end

return M
