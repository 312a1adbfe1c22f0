import { DataError } from './dataError.ts';
import { parsedLine, readLines } from './jsonLines.ts';
import { type AnyRecord, type RecordKind, readRecord, recordKinds } from './records.ts';

/** Figures of a list of numbers; lengths are UTF-16 code units. */
export interface Spread {
  readonly mean: number;
  readonly median: number;
  readonly max: number;
}

export interface SourceStats {
  readonly source: string;
  readonly records: number;
  readonly languages: number;
  /** Earlier texts; what the model is given; what it is to write. */
  readonly history: Spread;
  readonly input: Spread;
  readonly output: Spread;
}

export interface DataStats {
  readonly kind: RecordKind;
  readonly records: number;
  /** As the paper's Table 2: for each source, and all together. */
  readonly sources: readonly SourceStats[];
  /** As its Table 3: how many of each type, and of each format. */
  readonly types: Readonly<Record<string, number>>;
  readonly licences: Readonly<Record<string, number>>;
  readonly judges: Readonly<Record<string, number>>;
  readonly silence: number;
  /** As its Figures 5 to 8: records by language, by earlier texts, and by lengths of input and output. */
  readonly figures: readonly Figure[];
}

export interface Figure {
  readonly title: string;
  readonly bars: readonly (readonly [label: string, count: number])[];
}

interface Measured {
  readonly source: string;
  readonly language: string;
  readonly history: number;
  readonly input: number;
  readonly output: number;
}

/** What a file of records holds; one kind only. Keeps four numbers a record. Throws a DataError for a file that cannot be read. */
export async function statsOf(file: string): Promise<DataStats> {
  let kind: RecordKind | undefined;
  const all: Measured[] = [];
  const [types, licences, judges] = [new Counts(), new Counts(), new Counts()];
  let silence = 0;
  for await (const { line, number } of readLines(file)) {
    const value = parsedLine(line, `${file}:${number}`);
    kind ??= kindOf(value, `${file}:${number}`);
    const record: AnyRecord | string = readRecord(kind, value);
    if (typeof record === 'string') throw new DataError(`${file}:${number}: ${record}`);
    all.push(measure(record));
    licences.add(record.licence);
    if (record.kind === 'preference') types.add(record.outcome);
    else if (record.kind !== 'process') types.add(record.type);
    if (record.kind === 'sample') judges.add(`judge: ${record.by.judge}`);
    if (record.kind === 'sample' ? record.current === record.next : record.kind === 'pair' && record.silence) silence++;
  }
  if (kind === undefined) throw new DataError(`${file} holds no records`);
  const names = [...new Set(all.map(({ source }) => source))].sort();
  const sources = names.map((source) =>
    sourceStats(
      source,
      all.filter((one) => one.source === source),
    ),
  );
  return {
    kind,
    records: all.length,
    sources: sources.length > 1 ? [...sources, sourceStats('all', all)] : sources,
    types: types.sorted(),
    licences: licences.sorted(),
    judges: judges.sorted(),
    silence,
    figures: figuresOf(all),
  };
}

function kindOf(value: unknown, where: string): RecordKind {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const known = recordKinds.find((one) => one === kind);
  if (known) return known;
  throw new DataError(`${where}: it is no record: docs/data.md has the schema`);
}

function measure(record: AnyRecord): Measured {
  const { source, language } = record;
  const length = (texts: readonly (string | null | undefined)[]) =>
    texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  if (record.kind === 'process') {
    const { snippets, message } = record;
    return { source, language, history: snippets.length - 1, input: length([...snippets, message]), output: 0 };
  }
  if (record.kind === 'sample') {
    const { history, current, instruction, next, chat } = record;
    const input = length([...history, current, instruction]);
    return { source, language, history: history.length, input, output: length([next, chat]) };
  }
  if (record.kind === 'preference') {
    const { history, current, chosen, rejected } = record;
    const input = length([...history, current]);
    return { source, language, history: history.length, input, output: length([chosen, rejected]) };
  }
  const parts = record.prompt ?? record.messages?.flatMap(({ content }) => content) ?? [];
  const words = (list: typeof parts) => length(list.map((part) => ('text' in part ? part.text : part.control)));
  const history = parts.filter((part) => 'text' in part && part.text.startsWith('history\n')).length;
  return { source, language, history, input: words(parts), output: words(record.answer) };
}

function sourceStats(source: string, list: readonly Measured[]): SourceStats {
  return {
    source,
    records: list.length,
    languages: new Set(list.map(({ language }) => language)).size,
    history: spread(list.map(({ history }) => history)),
    input: spread(list.map(({ input }) => input)),
    output: spread(list.map(({ output }) => output)),
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    mean: Math.round((10 * sum) / Math.max(1, sorted.length)) / 10,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    max: sorted.at(-1) ?? 0,
  };
}

class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** The most frequent first. */
  sorted(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
  }
}

const mostBars = 20;

function figuresOf(all: readonly Measured[]): Figure[] {
  const languages = new Counts();
  for (const { language } of all) languages.add(language || '(unknown)');
  const ranked = Object.entries(languages.sorted());
  const others = ranked.slice(mostBars).reduce((sum, [, count]) => sum + count, 0);
  return [
    { title: 'Languages', bars: [...ranked.slice(0, mostBars), ...(others > 0 ? [['others', others] as const] : [])] },
    {
      title: 'Earlier texts',
      bars: histogram(
        all.map(({ history }) => history),
        (value) => value,
      ),
    },
    {
      title: 'Length of the input, in characters',
      bars: histogram(
        all.map(({ input }) => input),
        power,
      ),
    },
    {
      title: 'Length of the output, in characters',
      bars: histogram(
        all.map(({ output }) => output),
        power,
      ),
    },
  ];
}

/** The power of two that a length reaches. */
function power(value: number): number {
  return value < 1 ? 0 : 2 ** Math.floor(Math.log2(value));
}

function histogram(values: readonly number[], binOf: (value: number) => number): (readonly [string, number])[] {
  const bins = new Map<number, number>();
  for (const value of values) bins.set(binOf(value), (bins.get(binOf(value)) ?? 0) + 1);
  const exact = binOf !== power;
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([bin, count]) => [exact ? `${bin}` : bin === 0 ? '0' : `${bin} to ${2 * bin - 1}`, count] as const);
}
