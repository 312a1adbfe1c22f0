/** How a name of several parts is written. */
const forms: readonly ((parts: readonly string[]) => string)[] = [
  (parts) => parts.map((part, i) => (i === 0 ? part : capitalized(part))).join(''),
  (parts) => parts.map(capitalized).join(''),
  (parts) => parts.join('_'),
  (parts) => parts.map((part) => part.toUpperCase()).join('_'),
  (parts) => parts.join('-'),
  (parts) => parts.join(' '),
  (parts) => capitalized(parts.join(' ')),
  (parts) => parts.join(''),
  (parts) => parts.map((part) => part.toUpperCase()).join(''),
  (parts) => parts.map((part, i) => (i === 0 ? capitalized(part) : part)).join('_'),
];

const partPattern = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^A-Za-z\d_$-]+/g;

/** The parts of a name in lower case: `getHTTPUrl2` is get, http, url, 2. */
export function nameParts(name: string): string[] {
  return (name.match(partPattern) ?? []).map((part) => part.toLowerCase());
}

export function capitalized(part: string): string {
  return part.charAt(0).toUpperCase() + part.slice(1);
}

const maxKnown = 2000;
const known = new Map<string, readonly string[]>();

/** A name in all forms, in their order; cached, as names recur. */
function allForms(name: string): readonly string[] {
  const found = known.get(name);
  if (found) return found;
  const parts = nameParts(name);
  const made = parts.length === 0 ? [] : forms.map((form) => form(parts));
  if (known.size >= maxKnown) known.clear();
  known.set(name, made);
  return made;
}

/** Every form of the old name, with the new name in the same form. First come the names as they are. */
export function nameForms(oldName: string, newName: string): Map<string, string> {
  const result = new Map([[oldName, newName]]);
  const [old, now] = [allForms(oldName), allForms(newName)];
  for (const [i, from] of old.entries()) {
    if (from.length > 1 && !result.has(from)) result.set(from, now[i] ?? '');
  }
  return result;
}

/** The differing parts of two names, without the shared parts at their ends. */
export function differingParts(oldName: string, newName: string): { oldParts: string[]; newParts: string[] } {
  const oldParts = nameParts(oldName);
  const newParts = nameParts(newName);
  let prefix = 0;
  while (prefix < Math.min(oldParts.length, newParts.length) && oldParts[prefix] === newParts[prefix]) prefix++;
  let suffix = 0;
  while (
    suffix < Math.min(oldParts.length, newParts.length) - prefix &&
    oldParts[oldParts.length - 1 - suffix] === newParts[newParts.length - 1 - suffix]
  ) {
    suffix++;
  }
  return {
    oldParts: oldParts.slice(prefix, oldParts.length - suffix),
    newParts: newParts.slice(prefix, newParts.length - suffix),
  };
}

/** Whether the text from `start` to `end` of `line` is a name or a whole part of one. */
export function isNamePart(line: string, start: number, end: number): boolean {
  return startsPart(line, start) && endsPart(line, end);
}

function startsPart(line: string, at: number): boolean {
  if (at === 0) return true;
  const before = line.charAt(at - 1);
  const here = line.charAt(at);
  if (!/[A-Za-z]/.test(before)) return true;
  return /[a-z]/.test(before) && /[A-Z]/.test(here);
}

function endsPart(line: string, at: number): boolean {
  if (at >= line.length) return true;
  const before = line.charAt(at - 1);
  const next = line.charAt(at);
  if (!/[A-Za-z]/.test(next)) return true;
  if (next === 's' && !/[A-Za-z]/.test(line.charAt(at + 1)) && /[a-z]/.test(before)) return true;
  return /[A-Z]/.test(next) && /[a-z\d]/.test(before);
}

/** Replaces every whole word that has a replacement in `names`. */
export function substitute(text: string, names: ReadonlyMap<string, string>): string {
  if (names.size === 0) return text;
  return text.replace(/[\w$\u00aa-\uffff]+/g, (word) => names.get(word) ?? word);
}
