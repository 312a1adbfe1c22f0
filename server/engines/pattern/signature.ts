import { type Call, callsIn } from './calls.ts';
import type { Change } from './changes.ts';
import { isName } from './codeNames.ts';
import { indentOf, isSpace, tokenize } from './lexer.ts';
import type { Scene } from './scene.ts';

/** How the arguments of a call, or the parameters of a definition, were changed. */
export interface SignatureChange {
  readonly callee: string;
  readonly isDefinition: boolean;
  /** How many there were; without the receiver (`self`) that a call does not pass. */
  readonly count: number;
  readonly receiver: boolean;
  readonly kind: 'added' | 'removed' | 'moved';
  /** Which one was added or removed, as counted with `count`. */
  readonly position: number;
  readonly text: string;
  /** For `moved`: which old one stands in each place. */
  readonly order: readonly number[];
}

const around = 14;
const maxLines = 30;
const maxClass = 200;

/** The effect of a change on a call or a definition that contains it, or that it contains. */
export function signatureChanges(scene: Scene, change: Change): SignatureChange[] {
  if (change.elsewhere || change.oldLines.length + change.newLines.length > maxLines) return [];
  const above = scene.lines.slice(Math.max(0, change.start - around), change.start);
  const below = scene.lines.slice(change.end, change.end + around);
  const before = callsAt([...above, ...change.oldLines, ...below], above.length, change.oldLines.length);
  const now = callsAt([...above, ...change.newLines, ...below], above.length, change.newLines.length);
  const found: SignatureChange[] = [];
  for (const call of now) {
    const nth = now.filter(({ callee }) => callee === call.callee).indexOf(call);
    const old = before.filter(({ callee }) => callee === call.callee)[nth];
    const changed = old && compare(old, call);
    if (changed) found.push(changed);
  }
  return found;
}

/** The calls that reach into some lines. */
function callsAt(lines: readonly string[], start: number, height: number): Call[] {
  return callsIn(lines, 0, lines.length, undefined, { beginsBefore: start + Math.max(1, height), endsFrom: start });
}

function compare(old: Call, now: Call): SignatureChange | undefined {
  const isDefinition = now.isDefinition;
  const receiver = isDefinition && isReceiver(now.args[0]?.text) && isReceiver(old.args[0]?.text);
  const a = texts(old, receiver);
  const b = texts(now, receiver);
  const common = { callee: now.callee, isDefinition, receiver, count: a.length };
  if (a.length === b.length) {
    const order = b.map((text) => a.indexOf(text));
    const isMoved = order.some((from, to) => from !== to) && new Set(order).size === a.length && !order.includes(-1);
    return isMoved ? { ...common, kind: 'moved', position: 0, text: '', order } : undefined;
  }
  if (Math.abs(a.length - b.length) !== 1) return undefined;
  const [longer, shorter] = a.length < b.length ? [b, a] : [a, b];
  let position = 0;
  while (position < shorter.length && longer[position] === shorter[position]) position++;
  if (!shorter.slice(position).every((text, i) => text === longer[position + 1 + i])) return undefined;
  const kind = a.length < b.length ? 'added' : 'removed';
  return { ...common, kind, position, text: longer[position] ?? '', order: [] };
}

/** The name used in calls if it differs from the definition's: the class' name for its constructor. */
export function calledName(scene: Scene, { callee, isDefinition }: SignatureChange, line: number): string {
  if (!isDefinition || !/^(constructor|__init__|__construct|init)$/.test(callee)) return callee;
  let depth = indentOf(scene.lines[line] ?? '').length;
  for (let at = line - 1, n = 0; at >= 0 && n < maxClass; at--, n++) {
    const row = scene.lines[at] ?? '';
    if (row.trim() === '' || indentOf(row).length >= depth) continue;
    const name = /\b(?:class|struct|actor|extension|object)\s+(\w+)/.exec(row)?.[1];
    if (name !== undefined) return name;
    depth = indentOf(row).length;
  }
  return callee;
}

/** `value` as the call passes its arguments: `name: value` or `name=value` where its last one has a name. */
export function labelled(call: Call, name: string | undefined, value: string): string {
  const mark = /^\w+(: |=(?!=|>))/.exec(call.args.at(-1)?.text ?? '')?.[1];
  return mark === undefined || name === undefined ? value : `${name}${mark}${value}`;
}

function texts(call: Call, receiver: boolean): string[] {
  return call.args.slice(receiver ? 1 : 0).map(({ text }) => text);
}

export function isReceiver(text: string | undefined): boolean {
  return text !== undefined && /^(&?\s*(mut\s+)?self|cls|this)\b/.test(text);
}

/** Whether a call may omit a parameter. */
export function isOptional(parameter: string): boolean {
  return /[^=!<>]=(?!=|>)/.test(parameter) || /^\w+\?\s*(:|$)/.test(parameter) || /^(\*|\.\.\.)|\.\.\./.test(parameter);
}

/** The name that a parameter declares: before a colon, or the last word of `int x`, or the first of Go's `x int`. */
export function nameOfParameter(parameter: string, callee: Call | undefined): string | undefined {
  const tokens = tokenize(parameter.replace(/=.*$/, '')).filter((token) => !isSpace(token));
  const colon = tokens.indexOf(':');
  const names = (colon > 0 ? tokens.slice(0, colon) : tokens).filter(isName);
  if (colon > 0 || names.length < 2) return names.at(-1);
  return callee === undefined ? names.at(-1) : names[0];
}

/** Values that a call could pass for a parameter if there is nothing else, by its type. */
export function valuesFor(parameter: string, text: string): string[] {
  const python = /^\s*(def|from|import|class) /m.test(text) && /:\s*$/m.test(text);
  if (/\b(bool|boolean|Bool|Boolean)\b/.test(parameter)) return [python ? 'False' : 'false'];
  if (/\b(Optional|Option)\b|\|\s*None\b/.test(parameter)) return ['None'];
  if (/\|\s*null\b/.test(parameter)) return ['null'];
  if (/\b(str|string|String|std::string|&str|string_view)\b/.test(parameter))
    return [python || !text.includes("'") ? '""' : "''"];
  if (
    /\b(int|uint|long|short|number|Int|Integer|Long|[iu](8|16|32|64)|usize|isize|size_t|float|double|Double|f32|f64)\b/.test(
      parameter,
    )
  ) {
    return ['0'];
  }
  if (/\*/.test(parameter) || /\b(error|interface)\b/.test(parameter)) {
    return [
      /\bnullptr\b/.test(text) ? 'nullptr' : /\bNULL\b/.test(text) ? 'NULL' : /^package /m.test(text) ? 'nil' : '',
    ].filter((value) => value !== '');
  }
  return [];
}
