import { writeFileSync } from 'node:fs';
import { systemErrorWords } from '../../shared/errors.ts';
import { printable, printableText } from '../../shared/printable.ts';
import { DataError } from '../data/dataError.ts';
import { parsedLine, readLines } from '../data/jsonLines.ts';
import { svgPlot, textPlot } from '../data/plot.ts';
import {
  type AnyRecord,
  type Pair,
  type PairPart,
  type Preference,
  type Process,
  readRecord,
  recordKinds,
  type Sample,
} from '../data/records.ts';
import { type DataStats, type Spread, statsOf } from '../data/stats.ts';
import { dataCommand, wholeNumberOption } from './dataOutput.ts';
import { jsonText } from './jsonText.ts';
import { outputColors, showDiff } from './showDiff.ts';

/** `data stats`. Returns the exit code. */
export function statsCommand(file: string, options: { svg?: string; json?: boolean }): Promise<number> {
  return dataCommand('stats', async () => {
    const stats = await statsOf(file);
    if (options.svg !== undefined) save(options.svg, svgPlot(stats.figures));
    process.stdout.write(options.json ? jsonText(stats) : printableText(tablesOf(stats)));
    return 0;
  });
}

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new DataError(`${file} cannot be written: ${systemErrorWords(error)}`);
  }
}

function tablesOf(stats: DataStats): string {
  const spread = ({ mean, median, max }: Spread) => `${mean} / ${median} / ${max}`;
  const heads = ['source', 'records', 'languages', 'earlier texts', 'input', 'output'];
  const rows = stats.sources.map(({ source, records, languages, history, input, output }) => [
    ...[source, String(records), String(languages), spread(history), spread(input), spread(output)],
  ]);
  const named = (title: string, counts: Readonly<Record<string, number>>) =>
    Object.keys(counts).length === 0
      ? ''
      : `\n${columns([[title, 'records'], ...Object.entries(counts).map(([name, count]) => [name, String(count)])])}`;
  return [
    `${stats.records} records of the kind ${stats.kind}; mean / median / greatest, lengths in characters\n\n`,
    columns([heads, ...rows]),
    named('type', stats.types),
    named('licence', stats.licences),
    named('judge', stats.judges),
    stats.kind === 'process' ? '' : `\n${stats.silence} of them want nothing changed\n`,
    ...stats.figures.map((figure) => `\n${textPlot(figure)}`),
  ].join('');
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** `data inspect`. Returns the exit code. */
export function inspectCommand(file: string, options: { at: string; count: string; id?: string }): Promise<number> {
  return dataCommand('inspect', async () => {
    const from = wholeNumberOption('--at', options.at, 1);
    const most = wholeNumberOption('--count', options.count, 1);
    let seen = 0;
    let shown = 0;
    for await (const { line, number } of readLines(file)) {
      const record = anyRecord(line, `${file}:${number}`);
      if (options.id !== undefined && !record.id.startsWith(options.id)) continue;
      if (++seen < from) continue;
      process.stdout.write(`${readable(record)}\n`);
      if (++shown === most) break;
    }
    if (shown === 0) throw new DataError(`${file} has no such record: ${seen} would do`);
    return 0;
  });
}

function anyRecord(line: string, where: string): AnyRecord {
  const value = parsedLine(line, where);
  const tried = recordKinds.map((kind) => readRecord(kind, value));
  const found = tried.find((record) => typeof record !== 'string');
  if (found !== undefined && typeof found !== 'string') return found;
  throw new DataError(`${where}: it is no record: docs/data.md has the schema`);
}

const colors = outputColors;
const title = (text: string) => `${colors.bold(printable(text))}\n`;
const diff = (before: string, after: string) => showDiff('', before, after, { bare: true, isTerminal: true });

function readable(record: AnyRecord): string {
  const about = `${record.source}, ${record.language || 'language unknown'}, licence ${record.licence}\n`;
  const head = title(record.id) + printable(about.trim());
  if (record.kind === 'process') return `${head}\n${readableProcess(record)}`;
  if (record.kind === 'sample') return `${head}\n${readableSample(record)}`;
  if (record.kind === 'preference') return `${head}\n${readablePreference(record)}`;
  return `${head}\n${readablePair(record)}`;
}

function readableProcess({ snippets, message, masked }: Process): string {
  const steps = snippets.slice(1).map((after, i) => title(`Step ${i + 1}`) + diff(snippets[i] ?? '', after));
  const said = message === undefined ? '' : `${title('Message')}${printableText(message)}\n`;
  return `${said}${masked > 0 ? `${masked} secrets are hidden\n` : ''}${steps.join('')}`;
}

function readableSample(sample: Sample): string {
  const { history, current, next, target, instruction, chat, segments, by, type, time, times } = sample;
  const states = [...history, current];
  const steps = states.slice(1).map((after, i) => title(`History ${i + 1}`) + diff(states[i] ?? '', after));
  const judged = (segments ?? []).map(
    ({ start, end, kept, why }) => `  ${where(start, end)}: ${kept ? 'kept' : 'left out'}, ${why}\n`,
  );
  return [
    printable(
      `type ${type}, moment ${time} of ${times}; judge: ${by.judge}, instruction: ${by.instruction}, chat: ${by.chat}`,
    ),
    '\n',
    ...steps,
    title('Current'),
    printableText(marked(current, target)),
    '\n',
    ...(instruction === null ? [] : [title('Instruction'), `${printableText(instruction)}\n`]),
    title('Next'),
    current === next ? 'nothing changes\n' : diff(current, next),
    ...(judged.length > 0 ? [title('Judged'), ...judged.map(printableText)] : []),
    ...(chat === null ? [] : [title('Chat'), `${printableText(chat)}\n`]),
  ].join('');
}

function readablePreference({ history, current, chosen, rejected, outcome, shownMs }: Preference): string {
  const states = [...history, current];
  const steps = states.slice(1).map((after, i) => title(`History ${i + 1}`) + diff(states[i] ?? '', after));
  const change = (after: string) => (after === current ? 'nothing changes\n' : diff(current, after));
  return [
    printable(`offer ${outcome}${shownMs === null ? '' : `, seen for ${shownMs} ms`}`),
    '\n',
    ...steps,
    title('Current'),
    printableText(current),
    '\n',
    title('Chosen'),
    change(chosen),
    title('Rejected'),
    change(rejected),
  ].join('');
}

function where(start: number, end: number): string {
  return start === end ? `before line ${start + 1}` : `lines ${start + 1} to ${end}`;
}

function marked(text: string, target: Sample['target']): string {
  if (target === null) return text;
  const [start, end] = target.kind === 'cursor' ? [target.offset, target.offset] : [target.start, target.end];
  return `${text.slice(0, start)}⟦${text.slice(start, end)}⟧${text.slice(end)}`;
}

function readablePair({ prompt, messages, answer, format, type }: Pair): string {
  const words = (parts: readonly PairPart[]) =>
    parts.map((part) => ('text' in part ? printableText(part.text) : colors.cyan(part.control))).join('');
  const asked = prompt
    ? words(prompt)
    : (messages ?? []).map(({ role, content }) => `${role}:\n${words(content)}`).join('\n');
  return `format ${format}, type ${type}\n${title('Prompt')}${asked}\n${title('Answer')}${words(answer)}\n`;
}
