import { type Call, callsIn } from '../calls.ts';
import type { Candidate } from '../candidate.ts';
import { linesWith } from '../codeNames.ts';
import { evidence } from '../evidence.ts';
import { indentOf, isIdentifier, tokenize } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import {
  calledName,
  isOptional,
  isReceiver,
  labelled,
  nameOfParameter,
  type SignatureChange,
  signatureChanges,
  valuesFor,
} from '../signature.ts';

const maxLines = 24;
const maxHeight = 16;
const maxScope = 80;

/**
 * An argument was added, removed or moved in a call or a definition: change the other calls with as many arguments,
 * and the other definitions of the name, such as overrides.
 */
export function* argumentGenerator(scene: Scene): Generator<Candidate> {
  const seen = new Set<string>();
  const found = scene.changes.map((change) => signatureChanges(scene, change));
  for (const [index, signatures] of found.entries()) {
    scene.signal?.throwIfAborted();
    for (const signature of signatures) {
      const key = JSON.stringify(signature);
      if (seen.has(key)) continue;
      seen.add(key);
      const { callee, kind, position } = signature;
      const isSame = (one: SignatureChange) => one.callee === callee && one.kind === kind && one.position === position;
      yield* followed(scene, index, signature, found.filter((others) => others.some(isSame)).length);
    }
  }
}

/** The argument that a call gets: `extra` says how it was found. */
interface Value {
  readonly text: string;
  /** 0 as in the changed call or none at all, 1 a name in view, 2 a field in view, 3 the name alone, 4 by the type. */
  readonly extra: number;
}

function* followed(scene: Scene, index: number, signature: SignatureChange, support: number): Generator<Candidate> {
  const { kind, position, count } = signature;
  const change = scene.changes[index];
  if (!change) return;
  const callee = calledName(scene, signature, change.start);
  const lines = [...new Set(linesWith(scene, callee))].filter((line) => line < change.start || line >= change.end);
  const below = lines.filter((line) => line >= scene.cursorLine);
  const above = lines.filter((line) => line < scene.cursorLine).reverse();
  for (const line of below.concat(above).slice(0, maxLines)) {
    const to = Math.min(scene.lines.length, line + maxHeight);
    const calls = callsIn(scene.lines, line, to, callee, { beginsBefore: line + 1 }).filter((call) =>
      fits(call, signature),
    );
    const [first] = calls;
    if (!first) continue;
    for (const { text, extra } of valuesAt(scene, signature, first, line)) {
      const made = rewrite(scene, calls, signature, text);
      if (!made) continue;
      yield {
        ...made,
        evidence: evidence('argument', scene, index, {
          support,
          allSites: lines.length,
          skipped: lines.filter((other) => other < scene.latest.start && other > change.end).length,
          left: count,
          right: position,
          sites: calls.length,
          newTokens: tokenize(text).length,
          likeness: (signature.isDefinition ? 0.5 : 0) + (first.isDefinition ? 0.25 : 0),
          extra,
        }),
        reason: `${kind === 'added' ? 'add' : kind === 'removed' ? 'remove' : 'move'} the argument of \`${callee}\``,
      };
    }
  }
}

function fits(call: Call, { count, receiver, isDefinition, kind, text }: SignatureChange): boolean {
  if (call.isDefinition) {
    // A call's argument does not show how the parameter is declared.
    if (!isDefinition) return false;
    return call.args.length - (receiver && isReceiver(call.args[0]?.text) ? 1 : 0) === count;
  }
  if (kind === 'added' && isDefinition && isOptional(text)) return false;
  return call.args.length === count;
}

function valuesAt(scene: Scene, signature: SignatureChange, call: Call, line: number): Value[] {
  const { kind, isDefinition, text } = signature;
  if (kind !== 'added') return [{ text: '', extra: 0 }];
  if (!isDefinition || call.isDefinition) return [{ text, extra: 0 }];
  const isGo = /^package /m.test(scene.text);
  const name = nameOfParameter(text, isGo ? call : undefined);
  const values: Value[] = [];
  if (name !== undefined) {
    const owner = ['this', 'self'].find((one) =>
      linesWith(scene, one).some((at) => scene.lines[at]?.includes(`${one}.${name}`)),
    );
    if (isInView(scene, name, line)) values.push({ text: name, extra: 1 });
    else {
      if (owner) values.push({ text: `${owner}.${name}`, extra: 2 });
      values.push({ text: name, extra: 3 });
    }
  }
  const typed = valuesFor(text, scene.text.slice(0, 20_000)).map((value) => ({ text: value, extra: 4 }));
  const spelled = values.length + typed.length === 0 ? [{ text, extra: 3 }] : [];
  const named = (value: Value) => ({ ...value, text: labelled(call, name, value.text) });
  return [...values, ...typed].map(named).concat(spelled);
}

/** Whether a name stands above a line in the same block, or in the heads of those around it. */
function isInView(scene: Scene, name: string, line: number): boolean {
  const known = new Set(linesWith(scene, name));
  let depth = indentOf(scene.lines[line] ?? '').length;
  for (let at = line - 1, n = 0; at >= 0 && n < maxScope; at--, n++) {
    const row = scene.lines[at] ?? '';
    if (row.trim() === '') continue;
    const indent = indentOf(row).length;
    if (indent > depth) continue;
    if (known.has(at) && (indent < depth || /[=:]/.test(row)) && isIdentifier(name)) return true;
    if (indent === 0 && depth > 0) return false;
    depth = indent;
  }
  return false;
}

/** The lines with the argument put in, taken out or moved in all calls that begin on the first of them. */
function rewrite(
  { lines }: Scene,
  calls: readonly Call[],
  signature: SignatureChange,
  value: string,
): Pick<Candidate, 'start' | 'end' | 'lines'> | undefined {
  const spans = calls.map((call) => edit(lines, call, signature, value)).filter((one) => one !== undefined);
  if (spans.length === 0) return undefined;
  spans.sort((a, b) => b.from.line - a.from.line || b.from.column - a.from.column);
  const start = Math.min(...spans.map(({ from }) => from.line));
  const end = Math.max(...spans.map(({ to }) => to.line)) + 1;
  const rows = lines.slice(start, end);
  let last: { line: number; column: number } | undefined;
  for (const { from, to, text } of spans) {
    // If two nested calls are both cut, the inner one is handled with the outer.
    if (last && (to.line > last.line || (to.line === last.line && to.column > last.column))) continue;
    last = from;
    const [first, final] = [from.line - start, to.line - start];
    const joined = (rows[first] ?? '').slice(0, from.column) + text + (rows[final] ?? '').slice(to.column);
    rows.splice(first, final - first + 1, ...joined.split('\n'));
  }
  // A line that contained only the removed text is removed too.
  const made = rows.filter(
    (row, i) => row.trim() !== '' || rows.length === 1 || (lines[start + i] ?? '').trim() === '',
  );
  return narrow(lines, start, end, made);
}

function narrow(lines: readonly string[], start: number, end: number, made: readonly string[]) {
  let [from, to, last] = [start, end, made.length];
  let first = 0;
  while (from < to && first < last && lines[from] === made[first]) {
    from++;
    first++;
  }
  while (to > from && last > first && lines[to - 1] === made[last - 1]) {
    to--;
    last--;
  }
  return from === to && first === last ? undefined : { start: from, end: to, lines: made.slice(first, last) };
}

/** What is put where in one call. */
function edit(
  lines: readonly string[],
  call: Call,
  { kind, position, order, receiver }: SignatureChange,
  value: string,
) {
  const { args, open, close } = call;
  const at = position + (call.isDefinition && receiver && isReceiver(args[0]?.text) ? 1 : 0);
  if (kind === 'moved') {
    const shift = args.length - order.length;
    const [first, last] = [args[shift], args.at(-1)];
    if (!first || !last || first.from.line !== last.to.line) return undefined;
    const row = lines[first.from.line] ?? '';
    let text = '';
    for (const [to, from] of order.entries()) {
      const here = args[shift + to];
      const next = args[shift + to + 1];
      if (!here) return undefined;
      text += (args[shift + from]?.text ?? '') + (next ? row.slice(here.to.column, next.from.column) : '');
    }
    return { from: first.from, to: last.to, text };
  }
  const [arg, before, after] = [args[at], args[at - 1], args[at + 1]];
  if (kind === 'removed') {
    if (!arg) return undefined;
    if (after) return { from: arg.from, to: after.from, text: '' };
    if (!before) return { from: open, to: close, text: '' };
    return { from: before.to, to: arg.to, text: '' };
  }
  if (arg) {
    const isOwn = arg.from.line !== open.line && indentOf(lines[arg.from.line] ?? '').length === arg.from.column;
    const space = isOwn ? `\n${indentOf(lines[arg.from.line] ?? '')}` : ' ';
    return { from: arg.from, to: arg.from, text: `${value},${space}` };
  }
  if (!before) return { from: open, to: open, text: value };
  const isOwn =
    before.from.line !== open.line &&
    indentOf(lines[before.from.line] ?? '').length === before.from.column &&
    close.line > before.to.line;
  const space = isOwn ? `\n${indentOf(lines[before.from.line] ?? '')}` : ' ';
  return { from: before.to, to: before.to, text: `,${space}${value}` };
}
