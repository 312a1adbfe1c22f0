/** `1 edit`, `2 edits`: a count with a noun whose plural adds an s. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
