if vim.g.loaded_cursorcore then
  return
end
vim.g.loaded_cursorcore = true

if vim.fn.has('nvim-0.12') == 0 then
  vim.notify('cursorcore: Neovim 0.12 or newer is needed, for inline completion', vim.log.levels.ERROR)
  return
end

require('cursorcore').start()
