/**
 * What the program does in a Node that is too old for it: it says so, and what to do. Where an editor has started it as a
 * language server, it says that as one, with LSP's `window/showMessage`, and then stays and does nothing: an editor shows
 * such a message as it shows any other, but hides what a server prints, and starts one that ends again and again.
 *
 * Written for such a Node: from the standard library only what Node 14 has.
 */
export function oldNode(): void {
  const { node } = process.versions;
  // Short: Neovim asks for a key where a message fills more than a line.
  const message = `cursorcore-lsp needs Node 20 or later; this is ${node}.`;
  process.stderr.write(`${message} It is ${process.execPath}; put a newer one first on the PATH.\n`);
  const args = process.argv.slice(2);
  const named = args.some((arg) => /^--(socket|pipe|completions)/.test(arg));
  const isDefault = !process.stdin.isTTY && !named && (args[0] === undefined || args[0] === 'serve');
  if (!args.includes('--stdio') && !isDefault) process.exit(1);
  let unread = Buffer.alloc(0);
  process.stdin.on('data', (data: Buffer) => {
    unread = Buffer.concat([unread, data]);
    for (let body = nextBody(); body !== undefined; body = nextBody()) answer(body);
  });
  process.stdin.on('end', () => process.exit(1));

  /** The body of the first message that is there whole, which is taken off what is unread. */
  function nextBody(): string | undefined {
    const head = /Content-Length: *(\d+)[\s\S]*?\r\n\r\n/i.exec(unread.toString('latin1', 0, 4096));
    if (!head) return undefined;
    const start = head.index + head[0].length;
    const end = start + Number(head[1]);
    if (unread.length < end) return undefined;
    const body = unread.toString('utf8', start, end);
    unread = unread.slice(end);
    return body;
  }

  function answer(body: string): void {
    const { id, method } = JSON.parse(body) as { readonly id?: number | string; readonly method?: string };
    if (method === 'exit') process.exit(1);
    if (method === undefined || id === undefined) return;
    send({ id, result: method === 'initialize' ? { capabilities: {}, serverInfo: { name: 'cursorcore-lsp' } } : null });
    if (method === 'initialize') send({ method: 'window/showMessage', params: { type: 1, message } });
  }

  function send(content: object): void {
    const json = JSON.stringify({ jsonrpc: '2.0', ...content });
    process.stdout.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
  }
}
