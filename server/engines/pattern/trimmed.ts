import type { Scene } from './scene.ts';

/** A line without the white space around it, kept: lines near the cursor are looked at for every change. */
export function trimmedAt(scene: Scene, line: number): string {
  scene.trimmed ??= new Array<undefined>(scene.lines.length).fill(undefined);
  const known = scene.trimmed[line];
  if (known !== undefined) return known;
  const text = (scene.lines[line] ?? '').trim();
  if (line >= 0 && line < scene.lines.length) scene.trimmed[line] = text;
  return text;
}

/** The lines that are one of some texts without the white space around them, by text, each in order. */
export function linesThatAre({ lines }: Scene, texts: Iterable<string>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const lengths = new Set<number>();
  // Most lines are told by their ends and their length: nothing has to be cut out of them.
  const [first, last] = [new Uint8Array(ascii), new Uint8Array(ascii)];
  for (const text of texts) {
    found.set(text, []);
    lengths.add(text.length);
    first[text.charCodeAt(0)] = 1;
    last[text.charCodeAt(text.length - 1)] = 1;
  }
  for (let line = 0; line < lines.length; line++) {
    const text = lines[line] ?? '';
    let [start, end] = [0, text.length];
    while (isBlank(text.charCodeAt(start))) start++;
    while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
    const [a, b] = [text.charCodeAt(start), text.charCodeAt(end - 1)];
    const isPlain = a > 0x20 && a < ascii && b > 0x20 && b < ascii;
    if (isPlain && (first[a] === 0 || last[b] === 0 || !lengths.has(end - start))) continue;
    found.get(text.trim())?.push(line);
  }
  return found;
}

const ascii = 128;

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
