import type { AssistantQuestion } from '../llm/assistant.ts';
import { fenced } from '../llm/questions.ts';
import { alike } from '../sourceText.ts';

export const levels = ['novice', 'intermediate', 'expert'] as const;
export type Level = (typeof levels)[number];

/** How each of them works, in words for an LLM. */
const manners: Readonly<Record<Level, string>> = {
  novice:
    'a beginner. They write top to bottom, try things out, leave something half done, make mistakes that beginners make, such as a wrong bound, a forgotten case or a misspelled name, ' +
    'notice them later and mend them, and only at the end give things better names',
  intermediate:
    'a programmer of some years. They first make the simple case work, then add the cases that they find missing, take out what is repeated, and mend a mistake or two on the way',
  expert:
    'an expert. They begin with the shape of the whole, names, types and the order of the parts, then fill in one part after the other, handle errors as they go, and finish with small improvements; ' +
    'hardly anything that they wrote is taken back',
};

/** How a text came to be: the texts before it, oldest first, and what was to be made, in words. */
export interface Development {
  readonly earlier: readonly string[];
  readonly message?: string;
}

const maxVersions = 12;
/** A version may be longer than the last text, but not by more than this. */
const maxGrowth = 2;
/** At least one version has this part of its lines in common with the last text: else it is another program. */
const minAlike = 0.4;

/** How a programmer of that level would have come to the text. */
export function developmentQuestion(text: string, language: string, level: Level): AssistantQuestion<Development> {
  return {
    about: level,
    // Versions grow, so that six of them are about three to four times the last one.
    maxTokens: Math.min(16_000, 400 + 2 * text.length),
    messages: [
      {
        role: 'system',
        text:
          'You are shown a finished file and retell how it was written, as a series of states of the whole file, each saved after one piece of work. ' +
          'Begin with one line that says what is to be made, as a request to somebody who knows nothing of it. Then give three to six states in the order in which they were saved, each as a fenced code block ' +
          'that holds the whole file as it was then: nothing left out, no ellipsis, no comments about the retelling. The last state is the finished file, letter by letter. ' +
          'From one state to the next a few lines change, as in real work. Write nothing between the blocks.',
      },
      {
        role: 'user',
        text: `The file was written by ${manners[level]}.\n\nThe finished file${language === '' ? '' : ` (${language})`}:\n${fenced(text)}`,
      },
    ],
    read: (answer) => readDevelopment(answer, text),
  };
}

function readDevelopment(answer: string, text: string): Development | undefined {
  const blocks = [...answer.matchAll(/^(`{3,}|~{3,})[^\n`]*\n([\s\S]*?)^\1[ \t]*$/gm)].map(([, , code = '']) => code);
  // A fence puts a line break behind a text that may have none.
  const states = blocks.map((code) => (text.endsWith('\n') ? code : code.replace(/\n$/, '')));
  const earlier: string[] = [];
  for (const state of states) if (state !== text && state !== (earlier.at(-1) ?? '')) earlier.push(state);
  if (earlier.length === 0 || earlier.length > maxVersions) return undefined;
  if (earlier.some((state) => state.length > maxGrowth * text.length + 200)) return undefined;
  if (!earlier.some((state) => alike(state, text) >= minAlike)) return undefined;
  const [said = ''] = answer.split(/^(?:`{3,}|~{3,})/m, 1);
  const message = said.trim();
  const isRequest = /^[^\n]{8,300}$/.test(message) && !/<\|/.test(message);
  return { earlier, ...(isRequest ? { message } : {}) };
}
