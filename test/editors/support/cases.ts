import { type Neovim, Neovim as Session } from './neovim.ts';

/** A function whose first use is renamed by `cwgrandTotal`; the other uses are what is predicted. */
export const shop = `function total(items) {
  let sum = 0;
  for (const item of items) {
    sum += item.price;
  }
  return sum;
}

function report(items) {
  const amount = total(items);
  console.log('amount', amount, total(items.slice(1)));
}

module.exports = { total, report };
`;

export const renamed = shop.replaceAll('total(', 'grandTotal(').replace('{ total,', '{ grandTotal,');

/** Methods that get the same two lines, one after the other. */
export const store = `package store

import "sync"

type Store struct {
\tmu     sync.Mutex
\tcounts map[string]int
}

func (s *Store) Add(name string, n int) {
\ts.counts[name] += n
}

func (s *Store) Get(name string) int {
\treturn s.counts[name]
}

func (s *Store) Reset(name string) {
\tdelete(s.counts, name)
}

func (s *Store) Len() int {
\treturn len(s.counts)
}
`;

const locked = '\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()';

/** `store` with the lines in the methods named. */
export const withLock = (...methods: string[]): string =>
  store.replace(/^func .*\) (\w+)\(.*\{$/gm, (line, name) => (methods.includes(name) ? line + locked : line));

export const linesOf = (text: string): string[] => text.replace(/\r?\n$/, '').split(/\r?\n/);

/** Renames the function in line 1 the way a person does. */
export const rename = (neovim: Neovim): Promise<void> => neovim.type('gg0wcwgrandTotal<Esc>');

const marks = `
local name, first = ...
local namespace = vim.api.nvim_get_namespaces()[name]
local all = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {}
return vim.tbl_map(function(mark)
  local details = mark[4]
  return {
    row = mark[2],
    text = vim.iter(details.virt_text or {}):map(function(chunk) return chunk[1] end):join(''),
    lines = vim.iter(details.virt_lines or {}):map(function(line)
      return vim.iter(line):map(function(chunk) return chunk[1] end):join('')
    end):totable(),
  }
end, all)
`;

interface Mark {
  readonly row: number;
  readonly text: string;
  readonly lines: readonly string[];
}

export const nextEditMarks = (neovim: Neovim): Promise<Mark[]> => neovim.lua<Mark[]>(marks, 'cursorcore.next_edit');
export const ghostMarks = (neovim: Neovim): Promise<Mark[]> => neovim.lua<Mark[]>(marks, 'nvim.lsp.inline_completion');

export const offered = (neovim: Neovim): Promise<boolean> =>
  neovim.lua<boolean>("return require('cursorcore').offered()");

/** Waits until something is offered. */
export const untilOffered = (neovim: Neovim): Promise<void> =>
  neovim.until('something is offered', () => offered(neovim));

/**
 * Waits until the server has answered for the text as it is: a further request for the next edit is sent and answered,
 * so that "nothing is shown" is an answer and not a matter of time.
 */
export const settled = (neovim: Neovim): Promise<void> =>
  neovim.lua(`
    local client, buf = require('cursorcore').client(), vim.api.nvim_get_current_buf()
    local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
    params.textDocument.version = vim.lsp.util.buf_versions[buf]
    -- Not for buffer 0: Neovim sends no pending change ahead of such a request.
    client:request_sync('textDocument/copilotInlineEdit', params, 20000, buf)
    require('cursorcore.next_edit').request()
    vim.wait(20000, function()
      return vim.iter(pairs(client.requests)):all(function(_, request) return request.type ~= 'pending' end)
    end, 5)
  `);

/** Takes what is offered with the key until nothing is offered any more. */
export async function tabThrough(neovim: Neovim, most = 30, key = '<Tab>'): Promise<void> {
  for (let presses = 0; presses < most; presses++) {
    await settled(neovim);
    if (!(await offered(neovim))) return;
    await neovim.type(key);
  }
  throw new Error(`still offering after ${most} keys. Screen:\n${neovim.screen.text()}`);
}

/** Editors that a test file started, to be stopped after each test. */
export class Sessions {
  readonly #open: Neovim[] = [];

  async start(...options: Parameters<typeof Session.start>): Promise<Neovim> {
    const neovim = await Session.start(...options);
    this.#open.push(neovim);
    return neovim;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((neovim) => neovim.stop()));
  }
}
