/** An address as the environment gives it, for a message: without its name and password, even where it is malformed. */
export function shownAddress(value: string): string {
  return JSON.stringify(value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@'));
}

/**
 * The address of a proxy, with `http://` in front where there is no scheme, as curl has it; undefined for what is none.
 */
export function proxyAddress(value: string): string | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) ? address : undefined;
}
