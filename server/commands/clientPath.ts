import { readdirSync } from 'node:fs';
import path from 'node:path';
import { packageFolder } from '../packageFolder.ts';

/** Prints the absolute folder of the plugin for `editor`. Returns the exit code: 2 where there is none. */
export function clientPath(editor: string): number {
  const clients = path.join(packageFolder(), 'clients');
  const editors = readdirSync(clients, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  if (!editors.includes(editor)) {
    process.stderr.write(
      `cursorcore-lsp client-path: no plugin for '${editor}'; there is one for: ${editors.join(', ')}\n`,
    );
    return 2;
  }
  process.stdout.write(`${path.join(clients, editor)}\n`);
  return 0;
}
