import { lineAtOffset } from '../../../shared/positions/lineIndex.ts';
import type { Scene } from './scene.ts';

/** With more texts than this it is quicker to look each line up. */
const maxSearched = 16;

/** The lines equal to one of some texts, surrounding white space ignored: by text, each in order. */
export function linesThatAre(scene: Scene, texts: Iterable<string>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const text of texts) found.set(text, []);
  if (found.size > maxSearched) {
    for (let line = 0; line < scene.lines.length; line++) found.get(scene.known.trimmedAt(line))?.push(line);
    return found;
  }
  for (const [text, lines] of found) {
    for (let at = scene.text.indexOf(text); at >= 0; at = scene.text.indexOf(text, at + text.length)) {
      const line = lineAtOffset(scene.lineStarts, at);
      if (scene.known.trimmedAt(line) === text) lines.push(line);
    }
  }
  return found;
}
