/** A file in which renaming the declared function asks for three more renames, on lines that hold wide characters. */
export const source = `import { readFile } from 'fs';

export function loadUser(id) {
  const raw = readFile(id);
  return raw;
}

export function first() {
  // 😀 emoji
  return loadUser(1) + 2;
}

export function second() {
  const user = loadUser(3);
  return user;
}

export function third() {
  return ['é😀', loadUser(5), loadUser(6)];
}
`;

export const renamed = source.replaceAll('loadUser', 'fetchUser');

/** Settings under which the pattern engine is sure enough about one example. */
export const eager = { pattern: { minConfidence: 0.3 }, debounceMs: 0 };
