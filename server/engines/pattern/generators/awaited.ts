import { callsIn } from '../calls.ts';
import type { Candidate } from '../candidate.ts';
import { isName, linesWith } from '../codeNames.ts';
import { evidence } from '../evidence.ts';
import { indentOf, tokenize } from '../lexer.ts';
import type { Scene } from '../scene.ts';

const maxLines = 24;
const maxScope = 120;

/** A function became `async`: its callers await it, `await f()`, in Rust `f().await`. */
export function* awaitedGenerator(scene: Scene): Generator<Candidate> {
  for (const [index, change] of scene.changes.entries()) {
    if (change.elsewhere || change.oldLines.length !== change.newLines.length) continue;
    for (const [i, now] of change.newLines.entries()) {
      const was = tokenize(change.oldLines[i] ?? '').includes('async');
      if (was || !tokenize(now).includes('async')) continue;
      const name = definedIn(now);
      if (name === undefined) continue;
      const isRust = /\bfn\s/.test(now);
      const lines = [...new Set(linesWith(scene, name))].filter((line) => line < change.start || line >= change.end);
      const below = lines.filter((line) => line >= scene.cursorLine);
      for (const line of below.concat(lines.filter((other) => other < scene.cursorLine).reverse()).slice(0, maxLines)) {
        const made = awaited(scene.lines[line] ?? '', name, isRust);
        if (made === undefined) continue;
        const details = { allSites: lines.length, newTokens: 1, left: isInAsync(scene, line) ? 1 : 0 };
        yield {
          start: line,
          end: line + 1,
          lines: [made],
          evidence: evidence('awaited', scene, index, details),
          reason: `await \`${name}\``,
        };
      }
    }
  }
}

/** The function that a line defines: `async function f(`, `async def f(`, `async Task f(`, `const f = async (`. */
function definedIn(line: string): string | undefined {
  const bound = /([\w$]+)\s*[:=][^=]*\basync\b/.exec(line)?.[1];
  const [call] = callsIn([line.replace(/\basync\s+/, '')], 0, 1).filter(({ isDefinition }) => isDefinition);
  const name = bound ?? call?.callee ?? /\basync\s+(?:fn|def|function\*?|func)\s+([\w$]+)/.exec(line)?.[1];
  return isName(name) ? name : undefined;
}

/** The line with its calls of `name` awaited, undefined if there are none or they are awaited already. */
function awaited(line: string, name: string, isRust: boolean): string | undefined {
  let text = line;
  const calls = callsIn([line], 0, 1, name).filter(({ isDefinition }) => !isDefinition);
  for (const { start, close } of calls.sort((a, b) => b.start.column - a.start.column)) {
    const end = close.column + 1;
    if (isRust) {
      if (!text.startsWith('.await', end)) text = `${text.slice(0, end)}.await${text.slice(end)}`;
      continue;
    }
    // The owner of the function is included: `await this.api.f()`.
    const owner = /[\w$.?\]]*$/.exec(text.slice(0, start.column))?.[0] ?? '';
    const from = owner.endsWith('.') ? start.column - owner.length : start.column;
    if (
      /\b(await|new)\s+$/.test(text.slice(0, from)) ||
      owner.includes(']') ||
      /^\.(then|catch)\b/.test(text.slice(end))
    )
      continue;
    const call = `await ${text.slice(from, end)}`;
    const isOperand = /^\s*(\.|\?\.|\[)/.test(text.slice(end));
    text = text.slice(0, from) + (isOperand ? `(${call})` : call) + text.slice(end);
  }
  return text === line ? undefined : text;
}

/** Whether a less indented line above allows `await` here. */
function isInAsync({ lines }: Scene, line: number): boolean {
  let depth = indentOf(lines[line] ?? '').length;
  for (let at = line - 1, n = 0; at >= 0 && n < maxScope && depth > 0; at--, n++) {
    const row = lines[at] ?? '';
    if (row.trim() === '' || indentOf(row).length >= depth) continue;
    if (tokenize(row).includes('async')) return true;
    depth = indentOf(row).length;
  }
  return false;
}
