import { printable, withoutPasswords } from '../../shared/printable.ts';

/** Says why a command failed, in one line on standard error that does nothing to a terminal. Returns the exit code. */
export function failure(command: string, message: string, code = 1): number {
  process.stderr.write(
    `cursorcore-lsp${command === '' ? '' : ` ${command}`}: ${printable(withoutPasswords(message))}\n`,
  );
  return code;
}
