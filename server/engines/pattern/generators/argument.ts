import { diffTokens } from '../alignment.ts';
import type { Candidate } from '../candidate.ts';
import { evidence } from '../evidence.ts';
import { isSpace, tokenize } from '../lexer.ts';
import { isName, linesWith } from '../names.ts';
import type { Scene } from '../scene.ts';
import { inChange } from './replace.ts';

const maxCalls = 24;

interface Parameter {
  readonly callee: string;
  /** Which argument it is, counted from 0, and how many there were before. */
  readonly position: number;
  readonly count: number;
  /** What was put in; empty when an argument was taken out. */
  readonly texts: readonly string[];
}

/** A parameter added to or taken from a function or a call: the other calls with as many arguments follow. */
export function* argumentGenerator(scene: Scene): Generator<Candidate> {
  for (const [index, change] of scene.changes.entries()) {
    if (change.oldLines.length !== 1 || change.newLines.length !== 1) continue;
    const parameter = changedParameter(change.oldLines[0] ?? '', change.newLines[0] ?? '');
    if (!parameter) continue;
    const lines = [...new Set(linesWith(scene, parameter.callee))].filter((line) => !inChange(scene, line));
    const skipped = lines.filter((line) => line < scene.latest.start && line > change.end).length;
    const below = lines.filter((line) => line >= scene.cursorLine);
    for (const line of below.concat(lines.filter((other) => other < scene.cursorLine)).slice(0, maxCalls)) {
      for (const [variant, text] of parameter.texts.entries()) {
        const changed = changeCalls(scene.lines[line] ?? '', parameter, text);
        if (changed === undefined || changed === scene.lines[line]) continue;
        yield {
          start: line,
          end: line + 1,
          lines: [changed],
          evidence: evidence('argument', scene, index, {
            allSites: lines.length,
            skipped,
            left: parameter.count,
            right: parameter.position,
            newTokens: tokenize(text).length,
            extra: variant,
          }),
          reason: `${text === '' ? 'remove' : 'add'} the argument of \`${parameter.callee}\``,
        };
      }
    }
  }
}

interface Call {
  readonly callee: string;
  /** Token ranges of the arguments, without the white space and commas around them. */
  readonly args: readonly { from: number; to: number }[];
  readonly open: number;
  readonly close: number;
}

/** The calls, or definitions, `name(...)` that are closed on the line they begin on. */
function callsOn(tokens: readonly string[]): Call[] {
  const calls: Call[] = [];
  const stack: { open: number; commas: number[] }[] = [];
  tokens.forEach((token, i) => {
    if (token === '(' || token === '[' || token === '{') stack.push({ open: i, commas: [] });
    else if (token === ',') stack.at(-1)?.commas.push(i);
    else if (token === ')' || token === ']' || token === '}') {
      const top = stack.pop();
      const callee = top && tokens[top.open - 1];
      if (!top || token !== ')' || !isName(callee)) return;
      const edges = [top.open, ...top.commas, i];
      const args = edges.slice(1).map((to, n) => trim(tokens, (edges[n] ?? 0) + 1, to));
      const empty = args.length === 1 && args[0] !== undefined && args[0].from >= args[0].to;
      calls.push({ callee, args: empty ? [] : args, open: top.open, close: i });
    }
  });
  return calls;
}

function trim(tokens: readonly string[], start: number, end: number): { from: number; to: number } {
  let [from, to] = [start, end];
  while (from < to && isSpace(tokens[from])) from++;
  while (to > from && isSpace(tokens[to - 1])) to--;
  return { from, to };
}

function changedParameter(before: string, after: string): Parameter | undefined {
  const a = tokenize(before);
  const b = tokenize(after);
  const oldCalls = callsOn(a);
  for (const now of callsOn(b)) {
    const old = oldCalls.find((call) => call.callee === now.callee);
    if (!old || Math.abs(old.args.length - now.args.length) !== 1) continue;
    const grown = now.args.length > old.args.length;
    const [longer, shorter] = grown ? [now, old] : [old, now];
    const text = (tokens: readonly string[], call: Call, i: number) =>
      tokens.slice(call.args[i]?.from, call.args[i]?.to).join('');
    const [long, short] = grown ? [b, a] : [a, b];
    let position = 0;
    while (position < shorter.args.length && text(long, longer, position) === text(short, shorter, position))
      position++;
    if (diffTokens(a.slice(0, old.open), b.slice(0, now.open)).length > 1) continue;
    const texts = grown ? spellings(text(b, now, position)) : [''];
    return { callee: now.callee, position, count: old.args.length, texts };
  }
  return undefined;
}

/** What a call would pass for a parameter written so: the name it declares, or the text itself where it declares none. */
function spellings(parameter: string): string[] {
  const tokens = tokenize(parameter);
  const colon = tokens.indexOf(':');
  const names = tokens.filter(isName);
  if (colon > 0) return tokens.slice(0, colon).filter(isName).slice(-1);
  const declares =
    names.length > 1 && tokens.every((token) => isSpace(token) || isName(token) || /^[*&.[\]]+$/.test(token));
  return declares ? [...new Set([names.at(-1) ?? '', names[0] ?? ''])] : [parameter];
}

function changeCalls(line: string, { callee, position, count }: Parameter, text: string): string | undefined {
  const tokens = [...tokenize(line)];
  const call = callsOn(tokens).find((other) => other.callee === callee && other.args.length === count);
  if (!call) return undefined;
  if (text !== '') {
    const at = call.args[position];
    if (at) tokens.splice(at.from, 0, text, ',', ' ');
    else tokens.splice(call.args.at(-1)?.to ?? call.open + 1, 0, ...(count > 0 ? [',', ' ', text] : [text]));
  } else {
    const arg = call.args[position];
    if (!arg) return undefined;
    const next = call.args[position + 1];
    const previous = call.args[position - 1];
    if (next) tokens.splice(arg.from, next.from - arg.from);
    else if (previous) tokens.splice(previous.to, arg.to - previous.to);
    else tokens.splice(arg.from, arg.to - arg.from);
  }
  return tokens.join('');
}
