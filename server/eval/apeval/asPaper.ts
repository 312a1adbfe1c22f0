import type { TargetArea } from '../../../shared/conversation/conversation.ts';
import { findLines } from '../../../shared/conversation/findLines.ts';
import type { RenderedPrompt } from '../../../shared/conversation/format.ts';
import { formats, type PromptFormatName } from '../../../shared/conversation/formats.ts';
import { control, cursorCoreTokens, type Prompt, text } from '../../../shared/conversation/prompt.ts';
import { pythonStrip } from '../../../shared/conversation/python.ts';
import type { ApevalTask } from './dataset.ts';

export interface PaperOptions {
  readonly format: PromptFormatName;
  /** Whether cursor and selection are marked in the code (the authors' `--use_target_area`). */
  readonly targetArea: boolean;
  /** Only so many of the last snapshots are shown (the sliding window of Appendix I); all without it. */
  readonly window?: number;
}

/** Formats whose history says only what changed. */
const showsChanges: ReadonlySet<PromptFormatName> = new Set(['locationAndChange', 'searchAndReplace']);

/** What the authors' `eval/eval_apeval.py` sends for a task. */
export function renderAsPaper(
  { conversation }: Pick<ApevalTask, 'conversation'>,
  { format, targetArea, window }: PaperOptions,
): RenderedPrompt {
  const history = window === undefined ? conversation.history : conversation.history.slice(-window);
  const asked = { ...conversation, history };
  const options = { targetArea, template: 'assistant-conversation' } as const;
  const { target, current } = conversation;
  if (!targetArea || !target || !showsChanges.has(format)) return formats[format].render(asked, options);
  // Theirs marks the target area first, so that the last change of the history has the marks too, unlike in training.
  const { target: _, ...unmarked } = asked;
  const { prompt, messages, ...rest } = formats[format].render(
    { ...unmarked, current: marked(current, target) },
    options,
  );
  const spelled = messages?.map((message) => ({ ...message, content: withControls(message.content) }));
  return { ...rest, prompt: withControls(prompt ?? []), ...(spelled && { messages: spelled }) };
}

function marked(code: string, target: TargetArea): string {
  if (target.kind === 'cursor')
    return code.slice(0, target.offset) + cursorCoreTokens.target + code.slice(target.offset);
  const selected = code.slice(target.start, target.end);
  return (
    code.slice(0, target.start) +
    cursorCoreTokens.targetStart +
    selected +
    cursorCoreTokens.targetEnd +
    code.slice(target.end)
  );
}

const spelledMarks = /(<\|target(?:_start|_end)?\|>)/;

/** The marks that stand in the text as the control tokens that they are for the authors' server. */
function withControls(prompt: Prompt): Prompt {
  return prompt.flatMap((part) =>
    part.kind === 'control'
      ? [part]
      : part.text
          .split(spelledMarks)
          .flatMap((piece, i) => (piece === '' ? [] : [i % 2 === 0 ? text(piece) : control(piece)])),
  );
}

const { nextStart, nextEnd, searchAndReplace } = cursorCoreTokens;
const fenced = /```[^\n]*?\n([\s\S]*?)\n```/;
const located = /(\d+),(\d+)\n```[^\n]*?\n([\s\S]*?)\n```/g;

/**
 * The code that the authors' `postprocess_output_*` (`eval/utils.py`) takes from an answer; the current code where they find
 * none. They believe more than our own parsers do, which refuse what was not shown, overlaps or breaks off.
 *
 * One thing differs: for search and replace theirs takes the place that is most like the search text, however unlike;
 * here it has to stand there, white space around lines aside, in one place.
 */
export function extractAsPaper(format: PromptFormatName, current: string, answer: string): string {
  const whole = answer.split(nextStart).at(-1)?.split(nextEnd)[0] ?? '';
  if (format === 'locationAndChange') return withLocated(current, pythonStrip(whole));
  if (format === 'searchAndReplace') return withReplaced(current, pythonStrip(whole));
  return fenced.exec(whole)?.[1] ?? current;
}

function withLocated(current: string, answer: string): string {
  let lines = current.split('\n');
  for (const [, start, end, code = ''] of [...answer.matchAll(located)].reverse()) {
    lines = [...lines.slice(0, Number(start)), ...code.split('\n'), ...lines.slice(Number(end))];
  }
  return lines.join('\n');
}

function withReplaced(current: string, answer: string): string {
  const original = current.split('\n');
  let lines = original;
  for (const [, block = ''] of [...answer.matchAll(new RegExp(fenced, 'g'))].reverse()) {
    const [search, replacement, ...more] = block.split(`\n${searchAndReplace}\n`);
    if (search === undefined || replacement === undefined || more.length > 0) return current;
    const found = findLines(original, search.split('\n'), { first: 0, last: original.length });
    if (typeof found === 'string') return current;
    lines = [...lines.slice(0, found.first), ...replacement.split('\n').map(found.indent), ...lines.slice(found.last)];
  }
  return lines.join('\n');
}
