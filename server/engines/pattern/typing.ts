import { similarity } from './alignment.ts';
import { balance, quotesOpen } from './brackets.ts';
import { isWord } from './lexer.ts';
import { linesWith } from './names.ts';
import type { Scene } from './scene.ts';
import { isUnfinished } from './unfinished.ts';
import { wholeness } from './wholeWord.ts';

/** Whether the newest change is where the cursor is: what follows tells how far its typing has come. */
function isAtCursor({ latest, cursorLine }: Scene): boolean {
  return cursorLine >= latest.start && cursorLine < latest.end;
}

/** The line that is being typed and what stood there before: empty for a new line. */
function typedLine(scene: Scene): { now: string; old: string; column: number } | undefined {
  const { latest, lines, lineStarts, cursorLine, cursorOffset } = scene;
  if (!isAtCursor(scene)) return undefined;
  const isPaired = latest.oldLines.length === latest.newLines.length;
  const old = isPaired ? (latest.oldLines[cursorLine - latest.start] ?? '') : '';
  return { now: lines[cursorLine] ?? '', old, column: cursorOffset - (lineStarts[cursorLine] ?? 0) };
}

/** What kind of character it is: 0 none, 1 white space, 2 of a word, 3 an opening bracket, 4 a closing one, 5 a quote, 6 ends a part, 7 any other. */
function characterClass(char: string | undefined): number {
  if (char === undefined || char === '') return 0;
  if (/\s/.test(char)) return 1;
  if (isWord(char)) return 2;
  if ('([{<'.includes(char)) return 3;
  if (')]}>'.includes(char)) return 4;
  if ('"\'`'.includes(char)) return 5;
  return ',;:'.includes(char) ? 6 : 7;
}

function wordBefore({ text, cursorOffset }: Scene): string {
  let start = cursorOffset;
  while (start > 0 && isWord(text[start - 1])) start--;
  return text.slice(start, cursorOffset);
}

/** 1 where the line ends as `other` does, -1 where it does not, 0 where there is nothing to compare with. */
function endsLike(line: string, other: string | undefined): number {
  const [last, wanted] = [line.trimEnd().at(-1), other?.trimEnd().at(-1)];
  if (last === undefined || wanted === undefined) return 0;
  return last === wanted || (isWord(last) && isWord(wanted)) ? 1 : -1;
}

/** How far the typing of the newest change has come, for all candidates alike: a number for each name. */
export const typingFeatures: Readonly<Record<string, (scene: Scene) => number>> = {
  typingUnfinished: (scene) => (isUnfinished(scene) ? 1 : 0),
  typingBefore: ({ text, cursorOffset }) => characterClass(text[cursorOffset - 1]),
  typingBehind: ({ text, cursorOffset }) => characterClass(text[cursorOffset]),
  typingOpen({ latest }) {
    return balance(latest.newLines.join()) - balance(latest.oldLines.join());
  },
  typingQuotes: ({ latest }) => quotesOpen(latest.newLines.join()),
  typingGrown({ latest }) {
    const grown = latest.newLines.join('\n').length - latest.oldLines.join('\n').length;
    return Math.sign(grown) * Math.log2(1 + Math.abs(grown));
  },
  typingKept(scene) {
    const line = typedLine(scene);
    return line && line.old !== '' ? similarity(line.old, line.now) : -1;
  },
  typingEndsLikeOld(scene) {
    const line = typedLine(scene);
    return line ? endsLike(line.now, line.old) : 0;
  },
  typingEndsLikeNext(scene) {
    const line = typedLine(scene);
    return line ? endsLike(line.now, scene.lines[scene.cursorLine + 1] || scene.lines[scene.cursorLine - 1]) : 0;
  },
  typingWord: (scene) => (isAtCursor(scene) ? wholeness(wordBefore(scene)) : -2),
  typingWordLength: (scene) => (isAtCursor(scene) ? wordBefore(scene).length : -1),
  typingWordKnown(scene) {
    const word = isAtCursor(scene) ? wordBefore(scene) : '';
    return word.length < 2 ? -1 : Math.min(4, linesWith(scene, word).length);
  },
};
