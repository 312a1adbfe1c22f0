import type { Candidate } from '../candidate.ts';
import { linesWith } from '../codeNames.ts';
import { evidence } from '../evidence.ts';
import { indentOf, tokenize } from '../lexer.ts';
import { formsOf, reword, rewordParts } from '../memberForms.ts';
import { addedMembers, itemsAround, type ListItem, listStart, type Member } from '../members.ts';
import { pairsOf } from '../pairs.ts';
import type { Scene } from '../scene.ts';
import { similarity } from '../tokenAlignment.ts';
import { solidTokens } from '../transfer.ts';

const maxPlaces = 16;
const maxUnit = 12;
const maxMembers = 4;
const maxLevels = 4;
const leastLikeness = 0.5;

/**
 * A member was put into a list of names (an enumeration, a class' fields, parameters). Wherever its neighbours stand in
 * parallel units, such as the arms of a switch, entries of a table or items of a list, it gets a unit of its own.
 */
export function* parallelGenerator(scene: Scene): Generator<Candidate> {
  for (const [index, change] of scene.changes.entries()) {
    scene.signal?.throwIfAborted();
    const seen = new Set<string>();
    for (const member of addedMembers(scene, change)) {
      const key = `${member.known}\0${member.added}`;
      if (seen.has(key) || seen.size >= maxMembers) continue;
      seen.add(key);
      yield* besideKnown(scene, index, member);
    }
  }
}

function* besideKnown(scene: Scene, index: number, member: Member): Generator<Candidate> {
  const forms = formsOf(member.known, member.added);
  const lines = new Set<number>();
  for (const form of forms.keys()) for (const line of linesWith(scene, form)) lines.add(line);
  const places = [...lines].filter((line) => line < member.start || line >= member.end).sort((a, b) => a - b);
  const below = places.filter((line) => line >= scene.cursorLine);
  const above = places.filter((line) => line < scene.cursorLine).reverse();
  for (const line of below.concat(above).slice(0, maxPlaces)) {
    const made = unitBeside(scene, member, line) ?? itemBeside(scene, member, forms, line);
    if (!made) continue;
    const { start, end, text, support, likeness, near, extra } = made;
    yield {
      start,
      end,
      lines: text,
      evidence: evidence('parallel', scene, index, {
        support,
        likeness,
        left: near,
        right: member.after ? 1 : 0,
        allSites: places.length,
        skipped: places.filter((other) => other < scene.latest.start).length,
        sites: text.length,
        newTokens: solidTokens(text),
        extra,
      }),
      reason: `add \`${member.added}\` beside \`${member.known}\``,
    };
  }
}

interface Made {
  readonly start: number;
  readonly end: number;
  readonly text: readonly string[];
  /** How many other members have such a unit. */
  readonly support: number;
  /** How well the known member's unit follows from the next one's, by inserting its name: 1 if nothing else differs. */
  readonly likeness: number;
  readonly near: number;
  /** 0 lines of their own, 1 the same where the last one lacked a comma; an item: 2 for a list in lines, 3 for one on a line. */
  readonly extra: number;
}

/** A line with the known name, and what is indented below it, copied for the new one. */
function unitBeside(scene: Scene, member: Member, line: number): Made | undefined {
  const { lines } = scene;
  const end = unitEnd(lines, line);
  if (end === undefined) return undefined;
  const unit = lines.slice(line, end);
  const found = parallelUnits(scene, member, line, end);
  const [nearest] = found;
  if (!nearest || isThere(scene, member, line, end)) return undefined;
  const { known, added, words } = member;
  const other = lines.slice(nearest.start, nearest.end);
  const copy = nearest.inParts
    ? rewordParts(unit, known, added)
    : reword(unit, known, added, isTyped(unit, member) ? words : undefined);
  let text = countOn(other, unit, copy);
  const gap = nearest.gap;
  const made = {
    support: found.length,
    likeness: nearest.likeness,
    near: similarity(other[0] ?? '', unit[0] ?? ''),
    extra: 0,
  };
  if (!member.after) return { ...made, start: line, end: line, text: [...text, ...gap] };
  // The last one has no comma, or no bar, where the others have one.
  const [last, otherLast] = [unit.at(-1) ?? '', other.at(-1) ?? ''];
  const mark = otherLast.trimEnd().at(-1) ?? '';
  if (/[,;|]/.test(mark) && !last.trimEnd().endsWith(mark) && nearest.end <= line) {
    text = [`${last.trimEnd()}${mark}`, ...gap, ...text];
    return { ...made, start: end - 1, end, text, extra: 1 };
  }
  return { ...made, start: end, end, text: [...gap, ...text] };
}

/** Whether a unit of the new member is already near. */
function isThere({ lines }: Scene, { known, added, start, end }: Member, from: number, to: number): boolean {
  const head = reword([lines[from] ?? ''], known, added).join('');
  const far = 2 * (to - from) + 2;
  for (let at = Math.max(0, from - far); at < to + far; at++) {
    const row = lines[at];
    if (row === undefined || (at >= start && at < end) || indentOf(row) !== indentOf(head)) continue;
    if (
      row.trim() === head.trim() ||
      (has([row], new Set(formsOf(added, added).keys())) && similarity(row, head) > 0.6)
    ) {
      return true;
    }
  }
  return false;
}

interface Unit {
  readonly start: number;
  readonly end: number;
  readonly likeness: number;
  /** Whether longer names made of the member's name differ, too. */
  readonly inParts: boolean;
  /** Blank lines between this unit and the known member's. */
  readonly gap: readonly string[];
}

/** Units of other members above and below, those with nothing in between first; none if there are none of those. */
function parallelUnits(scene: Scene, member: Member, start: number, end: number): Unit[] {
  const { lines } = scene;
  const unit = lines.slice(start, end);
  const depth = indentOf(unit[0] ?? '');
  const found: Unit[] = [];
  let adjacent = false;
  for (const other of member.others) {
    const forms = formsOf(other, member.known);
    const far = member.others.indexOf(other) * maxUnit + 2;
    for (const line of new Set([...forms.keys()].flatMap((form) => linesWith(scene, form)))) {
      if (line >= member.start && line < member.end) continue;
      const text = lines[line] ?? '';
      // Most lines are too far away: no unit is longer than `maxUnit`, with the line that closes it.
      if (line + maxUnit + 2 + far < start || line - end > far) continue;
      const to = unitEnd(lines, line);
      if (to === undefined || indentOf(text) !== depth || (line >= start && line < end)) continue;
      const between = line < start ? lines.slice(to, start) : lines.slice(end, line);
      if (between.length > far || between.some((row) => row.trim() !== '' && indentOf(row).length < depth.length))
        continue;
      const rows = lines.slice(line, to);
      const goal = unit.join(' ');
      const whole = similarity(reword(rows, other, member.known).join(' '), goal);
      const parts = whole < 1 ? similarity(rewordParts(rows, other, member.known).join(' '), goal) : 0;
      const likeness = Math.max(whole, parts);
      if (likeness < leastLikeness) continue;
      const beside = between.every((row) => row.trim() === '');
      const one = { start: line, end: to, likeness, inParts: parts > whole, gap: beside ? between : [] };
      if (beside) found.unshift(one);
      else found.push(one);
      adjacent ||= beside;
      break;
    }
  }
  return adjacent ? found : [];
}

const opens = /[{([]\s*$|\b(do|then|begin)\s*$|^\s*(def|function|if|while|for|unless)\b/;

/** Where the unit that begins on `line` ends: behind the lines indented deeper and the one that closes it. */
function unitEnd(lines: readonly string[], line: number): number | undefined {
  const depth = indentOf(lines[line] ?? '').length;
  let end = line + 1;
  for (let at = line + 1; at < lines.length; at++) {
    if (at - line > maxUnit) return undefined;
    const text = lines[at] ?? '';
    if (text.trim() === '') continue;
    const indent = indentOf(text).length;
    if (indent < depth) break;
    if (indent === depth) {
      if (opens.test(lines[line] ?? '') && /^\s*([}\])]+[,;]?\s*$|end\b|fi\b)/.test(text)) end = at + 1;
      break;
    }
    end = at + 1;
  }
  return end;
}

function has(lines: readonly string[], names: ReadonlySet<string>): boolean {
  return lines.some((line) => tokenize(line).some((token) => names.has(token)));
}

/** Whether the unit also contains the known member's type: then the new one's type belongs there. */
function isTyped(unit: readonly string[], { words }: Member): boolean {
  return words.size > 0 && unit.length === 1 && has(unit, new Set(words.keys()));
}

/** Numbers that increased from one unit to the next are increased once more. */
function countOn(other: readonly string[], unit: readonly string[], made: readonly string[]): string[] {
  return made.map((row, i) => {
    const [a, b] = [tokenize(other[i] ?? ''), tokenize(unit[i] ?? '')];
    if (a.length !== b.length) return row;
    return tokenize(row)
      .map((token, k) => {
        const [from, to] = [a[k], b[k]];
        if (from === to || token !== to || !/^\d{1,6}$/.test(from ?? '') || !/^\d{1,6}$/.test(to ?? '')) return token;
        const step = Number(to) - Number(from);
        return Math.abs(step) === 1 ? String(Number(to) + step) : token;
      })
      .join('');
  });
}

/** An item of a list on one line, copied for the new member. */
function itemBeside(scene: Scene, member: Member, forms: ReadonlyMap<string, string>, line: number): Made | undefined {
  const row = scene.lines[line] ?? '';
  const tokens = tokenize(row);
  if (tokens.some((token) => forms.has(token) && tokens.includes(forms.get(token) ?? ''))) return undefined;
  const { partner } = pairsOf(tokens);
  const isOther = (parts: readonly string[]) =>
    member.others.find((name) => parts.some((token) => formsOf(name, name).has(token)));
  for (let name = 0; name < tokens.length; name++) {
    if (!forms.has(tokens[name] ?? '')) continue;
    // A listed item may include the brackets or quotes around the name: `f("a", "b")`, `{this.a}, {this.b}`.
    for (let at = name, level = 0; at >= 0 && level < maxLevels; at = listStart(tokens, partner, at) - 1, level++) {
      const items = itemsAround(tokens, partner, at);
      const mine = items.findIndex(({ from, to }) => from <= at && at < to);
      const found = items[mine];
      for (const step of [-1, 1]) {
        const beside = items[mine + step];
        const other = beside && isOther(beside.tokens);
        if (!found || !beside || other === undefined) continue;
        const wanted = tokenize(reword([beside.tokens.join('')], other, member.known).join(''));
        const item = cutTo(found, wanted, step, forms);
        const likeness = similarity(item.of.join(''), item.tokens.join(''));
        if (likeness < leastLikeness) continue;
        const [first, second] = step < 0 ? [beside, item] : [item, beside];
        const separator = tokens.slice(first.to, second.from).join('');
        const copy = reword([item.tokens.join('')], member.known, member.added, member.words).join('');
        const place = member.after ? item.to : item.from;
        const put = member.after ? separator + copy : copy + separator;
        const rest = withPlaceholder(tokens.slice(place).join(''), items.length);
        const text = tokens.slice(0, place).join('') + put + rest;
        const support = items.filter((one) => isOther(one.tokens) !== undefined).length;
        const extra = member.end - member.start > 1 ? 2 : 3;
        return { start: line, end: line + 1, text: [text], support, likeness, near: items.length, extra };
      }
    }
  }
  return undefined;
}

/**
 * If a list is not in brackets, its outer items include words before and after it: of `SELECT a, b FROM t` the last
 * is `b`. The part that matches the adjacent item, reworded, is the item; else the whole is, and may be similar to it.
 */
function cutTo(
  { from, to, tokens }: ListItem,
  wanted: readonly string[],
  step: number,
  forms: ReadonlyMap<string, string>,
): ListItem & { of: readonly string[] } {
  for (let n = Math.min(tokens.length, wanted.length); n > 0; n--) {
    const [mine, theirs] = step < 0 ? [tokens.slice(0, n), wanted.slice(-n)] : [tokens.slice(-n), wanted.slice(0, n)];
    if (!mine.every((token, i) => token === theirs[i]) || !mine.some((token) => forms.has(token))) continue;
    return step < 0 ? { from, to: from + n, tokens: mine, of: theirs } : { from: to - n, to, tokens: mine, of: theirs };
  }
  return { from, to, tokens, of: wanted };
}

/** `VALUES (?, ?)` has a placeholder for each item of the list that grew; so has `(%s, %s)`, and `($1, $2)`. */
function withPlaceholder(rest: string, count: number): string {
  return rest.replace(/\(((?:\?|%s|\$\d+)(?:, ?(?:\?|%s|\$\d+))*)\)/, (all: string, list: string) => {
    const marks = list.split(/, ?/);
    const last = marks.at(-1) ?? '';
    if (marks.length !== count) return all;
    const next = last.startsWith('$') ? `$${Number(last.slice(1)) + 1}` : last;
    return `(${list}${list.match(/, ?/)?.[0] ?? ', '}${next})`;
  });
}
