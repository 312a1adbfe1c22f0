import type { LineRange } from '../../shared/edits/lines.ts';
import { counted } from '../../shared/plural.ts';
import { printableText } from '../../shared/printable.ts';
import type {
  CandidateExplanation,
  ExplainedCandidate,
  ExplainedChange,
  Explanation,
  GenerationExplanation,
} from '../engines/explanation.ts';
import { type Colors, outputColors } from './showDiff.ts';

const indent = '    ';
const width = 100;
/** More lines of a block say no more. */
const maxLines = 6;

/** How an engine came to its prediction, for a terminal; lines are counted from 1. With a final newline. */
export function showExplanation(explanation: Explanation, colors: Colors = outputColors): string {
  return explanation.kind === 'candidates' ? showCandidates(explanation, colors) : showGeneration(explanation, colors);
}

function showGeneration(explanation: GenerationExplanation, colors: Colors): string {
  const { format, silence, excerpt, editable, prompt = '', answer = '', ended, problem, read = [] } = explanation;
  if (silence !== undefined) return `The model is not asked. ${silence}\n`;
  const lines = (range: LineRange | undefined, all: string) =>
    range ? `lines ${range.first + 1} to ${range.last}` : all;
  const view = `It was shown ${lines(excerpt, 'the whole file')}${editable ? `, and may change ${lines(editable, '')}` : ''}.`;
  const { promptTokens = 0, reusedTokens = 0, refusals = [], edits } = explanation;
  const parts = [
    `The model was asked in the format ${format}. ${view} At most ${counted(promptTokens, 'token')} of prompt, ${reusedTokens} of them known from before.`,
    `${colors.bold('prompt')}\n${printableText(prompt)}`,
    `${colors.bold(`answer, ended by ${ended}`)}\n${printableText(answer)}`,
    `${counted(read.length, 'edit')} read from that, ${edits.length} shown.`,
    ...(problem === undefined ? [] : [`Not read: ${problem}.`]),
    ...refusals.map((why) => `Not shown: ${why}.`),
  ];
  return `${parts.join('\n\n')}\n`;
}

function showCandidates(explanation: CandidateExplanation, colors: Colors): string {
  const { minConfidence, silence, changes, candidates } = explanation;
  if (silence !== undefined) return `The pattern engine proposes nothing. ${silence}\n`;
  const shown = candidates.filter(({ refused }) => refused === undefined).length;
  const head =
    `The pattern engine goes by ${counted(changes.length, 'change')} and thought of ${counted(candidates.length, 'candidate')}: ` +
    `${shown} shown, at a threshold of ${minConfidence}.`;
  const common = commonFeatures(candidates);
  const parts = [
    head,
    ...changes.map((change, i) => showChange(change, i, colors)),
    ...(common.size > 0
      ? [[colors.bold('the same for all candidates'), ...shownFeatures(common, colors)].join('\n')]
      : []),
    ...candidates.map((candidate) => showCandidate(candidate, common, colors)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function showChange(
  { start, end, oldLines, newLines, age, elsewhere }: ExplainedChange,
  i: number,
  colors: Colors,
): string {
  const where = elsewhere ? 'in another document' : place(start, end);
  const when = age === 0 ? 'the newest edit' : `${counted(age, 'edit')} before`;
  return [colors.bold(`change ${i + 1}, ${where}, ${when}`), ...block(oldLines, newLines, colors)].join('\n');
}

function showCandidate(candidate: ExplainedCandidate, common: ReadonlyMap<string, number>, colors: Colors): string {
  const { start, end, oldLines, newLines, reason, kinds, example, confidence, byRule, features, refused } = candidate;
  const mark = refused === undefined ? colors.green('✓') : colors.red('✗');
  const certainty = confidence === undefined ? '' : `${confidence.toFixed(3)}${byRule ? ' by a rule' : ''}, `;
  const own = new Map(Object.entries(features ?? {}).filter(([name]) => !common.has(name)));
  const outcome = refused === undefined ? 'shown' : `not shown: it ${refused}`;
  return [
    `${mark} ${colors.bold(`${certainty}${place(start, end)}, ${printableText(reason)}`)} (${kinds.join(', ')}; after change ${example + 1})`,
    `${indent}${outcome}`,
    ...block(oldLines, newLines, colors),
    ...shownFeatures(own, colors),
  ].join('\n');
}

function place(start: number, end: number): string {
  if (start === end) return `before line ${start + 1}`;
  return end - start === 1 ? `line ${end}` : `lines ${start + 1} to ${end}`;
}

function block(oldLines: readonly string[], newLines: readonly string[], { red, green }: Colors): string[] {
  return [...some(oldLines, '-').map(red), ...some(newLines, '+').map(green)].map((line) => indent + line);
}

function some(lines: readonly string[], sign: string): string[] {
  const first = lines.slice(0, maxLines).map((line) => printableText(sign + line));
  return lines.length > maxLines ? [...first, `${sign}… ${counted(lines.length - maxLines, 'more line')}`] : first;
}

/** What describes the text and what is being typed, rather than one candidate: where there are several to compare. */
function commonFeatures(candidates: readonly ExplainedCandidate[]): ReadonlyMap<string, number> {
  const [first, ...others] = candidates.flatMap(({ features }) => (features ? [features] : []));
  if (!first || others.length === 0) return new Map();
  return new Map(Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)));
}

/** Those that are not 0, in lines. */
function shownFeatures(features: ReadonlyMap<string, number>, colors: Colors): string[] {
  const lines: string[] = [];
  for (const [name, value] of features) {
    if (value === 0) continue;
    const word = `${name}=${Number(value.toFixed(3))}`;
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(indent + word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => colors.dim(line));
}
