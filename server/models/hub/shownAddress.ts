/** An address as a user or the environment gives it, for a message: without its name and password, even where it is malformed. */
export function shownAddress(value: string): string {
  return JSON.stringify(value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@'));
}
