import { join } from 'node:path';
import { repository } from './neovim.ts';

/**
 * The command of the built program in a Node that is too old for it, without arguments: the one that
 * `CURSORCORE_OLD_NODE` names, else this one made to say that it is version 18.
 */
export function oldNode(): string[] {
  const real = process.env.CURSORCORE_OLD_NODE;
  const script = "Object.defineProperty(process.versions,'node',{value:'18.20.8'})";
  const node = real ? [real] : [process.execPath, '--import', `data:text/javascript,${script}`];
  return [...node, join(repository, 'dist/main.js')];
}
