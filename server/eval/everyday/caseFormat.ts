import { CaseFileError } from '../cases.ts';
import { type EverydayCase, type EverydayChange, expectedHunks } from './everydayCase.ts';
import { before, type Edit, MarkError, type Node, parseMarks, positions, render } from './markedText.ts';

const HEADER = /^=== (.*)$/;
const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const WANTS = ['silence', 'either'] as const;
const MODES = ['multi', 'full'] as const;

/**
 * The cases of a text in the format that test/everyday/README.md describes; `kind` is theirs, `file` goes into messages.
 * Throws a CaseFileError that names the line.
 */
export function parseCases(text: string, kind: string, file: string): EverydayCase[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const starts = lines.flatMap((line, i) => (HEADER.test(line) ? [i] : []));
  const first = starts[0] ?? lines.length;
  const stray = lines.slice(0, first).findIndex((line) => line.trim() !== '' && !line.startsWith(': '));
  if (stray >= 0) throw new CaseFileError(`${file}:${stray + 1}: a case begins with "=== id language path"`);
  return starts.map((start, i) => parseCase(lines.slice(start, starts[i + 1] ?? lines.length), kind, file, start + 1));
}

function parseCase(lines: readonly string[], kind: string, file: string, headerLine: number): EverydayCase {
  const fail = (message: string, line = headerLine): never => {
    throw new CaseFileError(`${file}:${line}: ${message}`);
  };
  const [id = '', lang = '', path = '', ...words] = (HEADER.exec(lines[0] ?? '')?.[1] ?? '').split(' ');
  if (!ID.test(id)) fail(`"${id}" is no id: lower-case words joined by -`);
  if (!/^[a-z]+$/.test(lang)) fail(`"${lang}" is no language id`);
  if (!/^[^\s/]\S*$/.test(path)) fail(`"${path}" is no relative path`);
  const want = WANTS.find((word) => words.includes(word)) ?? 'edits';
  const mode = MODES.find((word) => words.includes(word)) ?? 'edits';
  const known: readonly string[] = [want, mode];
  const unknown = words.find((word, i) => !known.includes(word) || words.indexOf(word) < i);
  if (unknown !== undefined) fail(`"${unknown}" is none of silence, either, multi, full, or too much`);

  const notes = lines.slice(1).findIndex((line) => !line.startsWith(': '));
  const bodyAt = notes < 0 ? lines.length : notes + 1;
  // The blank lines before the next case are not the text's.
  const marked = `${lines.slice(bodyAt).join('\n').trimEnd()}\n`;
  if (marked === '\n') fail('the case has no text');
  const lineAt = (offset: number) => headerLine + bodyAt + marked.slice(0, offset).split('\n').length - 1;
  const astral = /[\u{10000}-\u{10ffff}]/u.exec(marked);
  if (astral) fail(`${astral[0]} lies beyond U+FFFF, where offsets differ between encodings`, lineAt(astral.index));
  try {
    return compile({ id, kind, lang, path, want, mode }, parseMarks(marked));
  } catch (error) {
    if (error instanceof MarkError) return fail(error.message, lineAt(error.offset));
    throw error;
  }
}

type Header = Pick<EverydayCase, 'id' | 'kind' | 'lang' | 'path' | 'want' | 'mode'>;

function compile(header: Header, nodes: readonly Node[]): EverydayCase {
  const schedule = scheduleOf(nodes);
  const done = new Map<Edit, number>();
  const progress = (edit: Edit) => done.get(edit) ?? 0;
  const steps = schedule.map((edits) =>
    edits.map((edit): EverydayChange => {
      const start = [...positions(nodes, progress)].find(([node]) => node === edit)?.[1];
      if (start === undefined) throw new MarkError('the edit around this one comes later', edit.offset);
      const end = start + render([edit], progress).length;
      done.set(edit, progress(edit) + 1);
      return { start, end, text: render([edit], progress), mode: edit.mode };
    }),
  );
  const after = render(nodes, progress);
  const sites = [...positions(nodes, progress)].flatMap(([node, start]) =>
    node.type === 'site'
      ? [{ start, end: start + node.old.length, alts: [...node.alts], optional: node.optional }]
      : [],
  );
  if (header.want === 'silence' && sites.length > 0) throw new MarkError('wants silence, but has sites', 0);
  if (header.want !== 'silence' && sites.length === 0) throw new MarkError('has no sites and does not want silence', 0);
  if (header.want === 'edits' && sites.every(({ optional }) => optional)) {
    throw new MarkError('every site is optional: say "either"', 0);
  }
  const last = steps.at(-1)?.at(-1);
  return {
    ...header,
    before: render(nodes, before),
    steps,
    after,
    cursor: last ? last.start + last.text.length : 0,
    sites,
    expect: header.want === 'silence' ? 'silence' : expectedHunks(after, sites),
    lines: after.split('\n').length,
  };
}

/** For each step the places that change in it; a place that changes several times is in as many steps. */
function scheduleOf(nodes: readonly Node[]): Edit[][] {
  const edits = editsOf(nodes);
  const [first] = edits;
  if (!first) throw new MarkError('has no edit «old→new»', 0);
  const numbered = first.number !== undefined;
  const odd = edits.find(({ number }) => (number !== undefined) !== numbered);
  if (odd) throw new MarkError('number all edits or none', odd.offset);
  const steps: Edit[][] = [];
  for (const edit of edits) {
    const from = edit.number ?? steps.length + 1;
    if (from < 1) throw new MarkError('steps are numbered from 1', edit.offset);
    edit.earlier.forEach((_, i) => {
      steps[from - 1 + i] = [...(steps[from - 1 + i] ?? []), edit];
    });
  }
  for (let i = 0; i < steps.length; i++) {
    if (!steps[i]) throw new MarkError(`no edit has number ${i + 1}`, first.offset);
  }
  return steps;
}

function editsOf(nodes: readonly Node[]): Edit[] {
  return nodes.flatMap((node) =>
    typeof node !== 'string' && node.type === 'edit' ? [node, ...editsOf(node.last)] : [],
  );
}
