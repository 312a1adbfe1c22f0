import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Prints the absolute folder of the plugin for `editor`. Returns the exit code: 2 where there is none. */
export function clientPath(editor: string): number {
  const clients = clientsFolder();
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

/** `clients/` of the package that this module is part of, built (`dist/`) or not. */
function clientsFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder))
    folder = path.dirname(folder);
  return path.join(folder, 'clients');
}
