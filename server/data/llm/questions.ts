import { structuredPatch } from 'diff';
import type { Judgement, Moment } from '../judgement.ts';
import { withSegments } from '../segments.ts';
import type { AssistantQuestion } from './assistant.ts';

/** What was done so far and what is there, in words for an LLM. */
function situation({ history, current }: Moment): string {
  const states = [...history, current];
  const steps = states.slice(1).map((after, i) => `Edit ${i + 1}:\n${fenced(changes(states[i] ?? '', after), 'diff')}`);
  const code = current.split('\n').map((line, i) => `${i + 1}  ${line}`);
  return [...steps, `The code now, with line numbers:\n${fenced(code.join('\n'))}`].join('\n\n');
}

function changes(before: string, after: string): string {
  const { hunks } = structuredPatch('a', 'a', before, after, '', '', { context: 2 });
  return hunks.map(({ oldStart, lines }) => [`@@ line ${oldStart} @@`, ...lines].join('\n')).join('\n');
}

/** A fence longer than any in the code. */
export function fenced(code: string, language = ''): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}

/** Which segments the programmer would be glad to be offered now. */
export function judgementQuestion(moment: Moment): AssistantQuestion<Judgement[]> {
  const { change, current } = moment;
  const proposals = change.segments.map(
    (_, i) => `Proposal ${i + 1}:\n${fenced(changes(current, withSegments(change, new Set([i]))), 'diff')}`,
  );
  return {
    about: 'judging',
    maxTokens: 16 + 24 * change.segments.length,
    messages: [
      {
        role: 'system',
        text:
          'You watch someone edit a file. A tool would like to propose edits to them unasked. For each proposal decide whether it carries on what their edits so far show that they are doing, ' +
          'so that they would have made it themselves. Say no when the purpose cannot be seen from the edits and the code, when it is a matter of taste, or when it could surprise them. ' +
          'Answer with one line for each proposal and nothing else: its number, a colon, and yes or no.',
      },
      { role: 'user', text: `${situation(moment)}\n\n${proposals.join('\n\n')}` },
    ],
    read(answer) {
      const verdicts = new Map<number, boolean>();
      for (const [, number, verdict] of answer.matchAll(/^\W*(?:proposal\s+)?(\d+)\W*[:.)-]\W*(yes|no)\b/gim)) {
        verdicts.set(Number(number), verdict?.toLowerCase() === 'yes');
      }
      const judged = change.segments.map((_, i) => verdicts.get(i + 1));
      if (judged.includes(undefined)) return undefined;
      return judged.map((kept) => ({ kept: kept === true, why: 'the LLM says so' }));
    },
  };
}

/** What the programmer would have said to get all of M. `said` is what they said of the whole process. */
export function instructionQuestion(
  moment: Moment,
  final: string,
  said: string | undefined,
): AssistantQuestion<string> {
  const about = said === undefined ? '' : `\n\nWhat they wrote about the whole of their work:\n${fenced(said)}`;
  return {
    about: 'instruction',
    maxTokens: 120,
    messages: [
      {
        role: 'system',
        text:
          'Someone edits a file and asks an assistant for the rest of the work. From what they did, the code as it is, and what the assistant then changed, write the request, as that person would type it: ' +
          'one or two sentences, in the imperative, with what the assistant cannot know by itself, without code blocks and without mention of line numbers, diffs or this task. Answer with the request alone.',
      },
      {
        role: 'user',
        text: `${situation(moment)}${about}\n\nWhat the assistant changed:\n${fenced(changes(moment.current, final), 'diff')}`,
      },
    ],
    read: (answer) => sentence(answer, 600),
  };
}

/** What the assistant says behind its change. */
export function chatQuestion(moment: Moment, next: string, instruction: string | null): AssistantQuestion<string> {
  const asked = instruction === null ? '' : `\n\nThey asked:\n${fenced(instruction)}`;
  const made = moment.current === next ? 'nothing' : fenced(changes(moment.current, next), 'diff');
  return {
    about: 'chat',
    maxTokens: 160,
    messages: [
      {
        role: 'system',
        text:
          'You are an assistant who has just changed the file that someone edits. Tell them in one to three plain sentences what you changed and why it fits what they are doing. ' +
          'No code blocks, no greeting, no questions.',
      },
      { role: 'user', text: `${situation(moment)}${asked}\n\nWhat you changed:\n${made}` },
    ],
    read: (answer) => sentence(answer, 1200),
  };
}

/** An answer in words; undefined for one that holds code, is too long or too short, or refuses. */
function sentence(answer: string, maxLength: number): string | undefined {
  const plain = answer
    .trim()
    .replace(/^(["“'])([\s\S]*)["”']$/, '$2')
    .trim();
  if (plain.length < 8 || plain.length > maxLength || /```|<\|/.test(plain)) return undefined;
  if (/\b(?:i(?:'m| am) (?:sorry|unable)|i can(?:'|no)t|as an ai\b)/i.test(plain)) return undefined;
  return plain;
}
