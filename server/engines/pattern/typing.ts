import { balance, quotesOpen } from './brackets.ts';
import { linesWith } from './codeNames.ts';
import { isWord } from './lexer.ts';
import type { Scene } from './scene.ts';
import { similarity } from './tokenAlignment.ts';
import { isAtCursor, typedLine, wordBefore } from './typedLine.ts';
import { isUnfinished } from './unfinished.ts';
import { wholeness } from './wholeWord.ts';

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

/** 1 if the line ends as `other` does, -1 if it does not, 0 if there is nothing to compare with. */
function endsLike(line: string, other: string | undefined): number {
  const [last, wanted] = [line.trimEnd().at(-1), other?.trimEnd().at(-1)];
  if (last === undefined || wanted === undefined) return 0;
  return last === wanted || (isWord(last) && isWord(wanted)) ? 1 : -1;
}

/** How far the typing of the newest change has progressed, for all candidates alike: one number for each name. */
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
    const typed = typedLine(scene);
    return typed && typed.old !== '' ? similarity(typed.old, typed.line) : -1;
  },
  typingEndsLikeOld(scene) {
    const typed = typedLine(scene);
    return typed ? endsLike(typed.line, typed.old) : 0;
  },
  typingEndsLikeNext(scene) {
    const typed = typedLine(scene);
    return typed ? endsLike(typed.line, scene.lines[scene.cursorLine + 1] || scene.lines[scene.cursorLine - 1]) : 0;
  },
  typingWord: (scene) => (isAtCursor(scene) ? wholeness(wordBefore(scene)) : -2),
  typingWordLength: (scene) => (isAtCursor(scene) ? wordBefore(scene).length : -1),
  typingWordKnown(scene) {
    const word = isAtCursor(scene) ? wordBefore(scene) : '';
    return word.length < 2 ? -1 : Math.min(4, linesWith(scene, word).length);
  },
};
