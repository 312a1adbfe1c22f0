--- A model's answer, shown in the buffer change by change, before any of it is applied.
local apply = require('cursorcore.apply')
local config = require('cursorcore.config')
local hunks = require('cursorcore.hunks')
local preview = require('cursorcore.preview')
local sight = require('cursorcore.sight')

local api = vim.api
local M = {}

local namespace = api.nvim_create_namespace('cursorcore.review')
local anchors = api.nvim_create_namespace('cursorcore.review.anchors')
local label = require('cursorcore.label').new()

---@class cursorcore.Review
---@field hunks cursorcore.Hunk[] In the order of the text
---@field focus integer The one that the label is about
---@field tick integer The text that the shapes are for
---@field visited table<integer, true>

---@type table<integer, cursorcore.Review>
local reviews = {}

---@param buf integer
---@param hunk cursorcore.Hunk
---@return lsp.Range
local function range_of(buf, hunk)
  local at = api.nvim_buf_get_extmark_by_id(buf, anchors, hunk.mark, {})
  hunk.row = at[1] or 0
  if hunk.after then
    hunk.row = hunk.row + 1
  end
  return { start = { line = hunk.row, character = 0 }, ['end'] = { line = hunk.row + #hunk.old, character = 0 } }
end

---@param buf integer
---@param hunk cursorcore.Hunk
---@return { range: lsp.Range, text: string }
local function edit_of(buf, hunk)
  local text = #hunk.new > 0 and table.concat(hunk.new, '\n') .. '\n' or ''
  return { range = range_of(buf, hunk), text = text }
end

--- Takes up what has become of the text: a hunk whose lines are no longer what the model saw is dropped.
---@param buf integer
local function follow(buf)
  local review = reviews[buf]
  local tick = api.nvim_buf_get_changedtick(buf)
  if not review or review.tick == tick then
    return
  end
  review.tick = tick
  review.hunks = vim.tbl_filter(function(hunk)
    local range = range_of(buf, hunk)
    local now = api.nvim_buf_get_lines(buf, range.start.line, range['end'].line, false)
    hunk.shape = vim.deep_equal(now, hunk.old) and preview.shape(buf, edit_of(buf, hunk), 'utf-8') or nil
    return hunk.shape ~= nil
  end, review.hunks)
  review.focus = math.max(1, math.min(review.focus, #review.hunks))
end

---@param buf integer
---@return cursorcore.Review?, cursorcore.Hunk?
local function focused(buf)
  follow(buf)
  local review = reviews[buf]
  return review, review and review.hunks[review.focus]
end

local function key(name)
  return config.options.keys[name] or ':CursorCore ' .. name
end

---@param buf integer
---@param review cursorcore.Review
---@param hunk cursorcore.Hunk
local function say_where(buf, review, hunk)
  local window = vim.fn.bufwinid(buf)
  if window == -1 then
    return label:hide()
  end
  local parts = { ('change %d of %d, line %d'):format(review.focus, #review.hunks, hunk.row + 1) }
  if hunk.far then
    parts[1] = parts[1] .. (', far off: %d lines go'):format(#hunk.old - #hunk.new)
  end
  for _, pair in ipairs({ { 'accept', 'take' }, { 'reject', 'leave' }, { 'next', 'next' } }) do
    parts[#parts + 1] = key(pair[1]) .. ' ' .. pair[2]
  end
  parts[#parts + 1] = ('%s/%s all'):format(key('accept_all'), key('reject_all'))
  local top = api.nvim_win_call(window, function()
    return hunk.row + 1 < vim.fn.line('w0')
  end)
  label:say(' ' .. table.concat(parts, '  ') .. ' ', top and 'above' or 'below', window)
end

--- Shows what is left of a review; ends it when nothing is.
---@param buf integer
function M.render(buf)
  local review, hunk = focused(buf)
  if not review then
    return
  end
  if not hunk then
    return M.finish(buf)
  end
  api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  for _, each in ipairs(review.hunks) do
    preview.draw(buf, namespace, each.shape)
  end
  say_where(buf, review, hunk)
  require('cursorcore.state').update()
end

--- Ends a review; what was not taken is left.
---@param buf integer
---@return boolean ended false when there was none
function M.finish(buf)
  if not reviews[buf] then
    return false
  end
  reviews[buf] = nil
  label:hide()
  pcall(api.nvim_del_augroup_by_name, 'cursorcore.review.' .. buf)
  if api.nvim_buf_is_valid(buf) then
    api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
    api.nvim_buf_clear_namespace(buf, anchors, 0, -1)
    require('cursorcore.keys').unmap_review(buf)
  end
  require('cursorcore.state').update()
  if buf == api.nvim_get_current_buf() then
    require('cursorcore.next_edit').request()
  end
  return true
end

--- Shows edits of a model in their buffer.
---@param client vim.lsp.Client
---@param buf integer
---@param edits lsp.TextEdit[]
---@param target lsp.Range? What was asked about
---@return boolean shown false when they change nothing
function M.start(client, buf, edits, target)
  M.finish(buf)
  local review = { hunks = hunks.of(client, buf, edits, target, anchors), focus = 1, tick = -1, visited = {} }
  if #review.hunks == 0 then
    return false
  end
  require('cursorcore.next_edit').clear()
  reviews[buf] = review
  require('cursorcore.keys').map_review(buf, config.options.keys)
  local group = api.nvim_create_augroup('cursorcore.review.' .. buf, { clear = true })
  api.nvim_create_autocmd({ 'TextChanged', 'TextChangedI', 'BufEnter', 'WinScrolled', 'WinResized' }, {
    group = group,
    callback = function()
      if api.nvim_get_current_buf() == buf then
        M.render(buf)
      end
    end,
  })
  api.nvim_create_autocmd({ 'BufUnload' }, {
    group = group,
    buffer = buf,
    callback = function()
      M.finish(buf)
    end,
  })
  api.nvim_create_autocmd('BufLeave', {
    group = group,
    buffer = buf,
    callback = function()
      label:hide()
    end,
  })
  -- The first that is near, since that is what was asked for.
  for index = #review.hunks, 1, -1 do
    review.focus = review.hunks[index].far and review.focus or index
  end
  M.render(buf)
  if buf ~= api.nvim_get_current_buf() then
    local name = vim.fs.basename(api.nvim_buf_get_name(buf))
    vim.notify(('cursorcore: the answer is shown in %s'):format(name))
  end
  return true
end

--- How many changes wait for an answer.
---@param buf integer
---@return integer
function M.count(buf)
  follow(buf)
  return reviews[buf] and #reviews[buf].hunks or 0
end

--- Moves the label, and the cursor, to another hunk.
---@param buf integer
---@param by integer
function M.go(buf, by)
  local review = reviews[buf]
  if not review or M.count(buf) == 0 then
    return
  end
  review.focus = (review.focus - 1 + by) % #review.hunks + 1
  review.visited = {}
  local place = sight.places(review.hunks[review.focus].shape)[1]
  vim.cmd("normal! m'")
  sight.go(place)
  review.visited[1] = true
  M.render(buf)
end

---@param hunk cursorcore.Hunk
---@return boolean
local function cursor_at(hunk)
  local row = api.nvim_win_get_cursor(0)[1] - 1
  return row >= hunk.shape.first_row and row <= hunk.shape.last_row
end

--- Takes a hunk out of the review, and puts it into the buffer if it is wanted.
---@param buf integer
---@param index integer
---@param take boolean
local function settle(buf, index, take)
  local review = reviews[buf]
  local hunk = table.remove(review.hunks, index)
  review.visited = {}
  if take then
    apply.edit({ offset_encoding = 'utf-8' } --[[@as vim.lsp.Client]], buf, edit_of(buf, hunk))
  end
  api.nvim_buf_del_extmark(buf, anchors, hunk.mark)
end

--- Takes the change that the label is about where the cursor is at it and all of it is to be seen; else goes there.
---@return boolean taken false when there is no review
function M.accept()
  local buf = api.nvim_get_current_buf()
  local review, hunk = focused(buf)
  if not review or not hunk then
    return false
  end
  local place, number = sight.unseen(hunk.shape, review.visited)
  if not cursor_at(hunk) or place then
    if not cursor_at(hunk) then
      vim.cmd("normal! m'")
      place, number = sight.places(hunk.shape)[1], 1
    end
    sight.go(place)
    review.visited[number] = true
    M.render(buf)
    return true
  end
  settle(buf, review.focus, true)
  M.render(buf)
  return true
end

--- Leaves the change that the label is about as it was.
---@return boolean refused false when there is no review
function M.reject()
  local buf = api.nvim_get_current_buf()
  local review, hunk = focused(buf)
  if not review or not hunk then
    return false
  end
  settle(buf, review.focus, false)
  M.render(buf)
  return true
end

--- Takes all changes as one undo step, but for those that take lines out far off: these have to be looked at.
---@return boolean taken false when there is no review
function M.accept_all()
  local buf = api.nvim_get_current_buf()
  local review = focused(buf)
  if not review then
    return false
  end
  local edits, left = {}, {}
  for _, hunk in ipairs(review.hunks) do
    if hunk.far then
      left[#left + 1] = hunk
    else
      local edit = edit_of(buf, hunk)
      edits[#edits + 1] = { range = edit.range, newText = edit.text }
    end
  end
  apply.break_undo(buf)
  vim.lsp.util.apply_text_edits(edits, buf, 'utf-8')
  apply.break_undo(buf)
  review.hunks, review.focus = left, 1
  if #left > 0 then
    vim.notify(
      ('cursorcore: %d left that take lines out far from what you asked about'):format(#left),
      vim.log.levels.WARN
    )
  end
  M.render(buf)
  return true
end

return M
