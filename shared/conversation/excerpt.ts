import { hunksOfLines } from '../edits/diff.ts';
import type { Conversation } from './conversation.ts';
import type { Excerpt, PromptFormatName } from './format.ts';
import { searchChanges } from './formats/searchAndReplace.ts';
import { earlierSnippets, historySteps } from './historyExcerpt.ts';
import { Snippet } from './snippet.ts';

/** How many tokens lines take, their line end included. Lines are as `Snippet` cuts them, counted from 0. */
export interface LineCosts {
  current(line: number): number;
  /** `snapshot` is an index of `Conversation.history`. */
  history(snapshot: number, line: number): number;
}

export interface TokenBudget {
  /** For history and current code together, fences and roles included; instruction and answer come on top. */
  readonly total: number;
  /** For the current code alone; by default as much as leaves room for a snapshot of the same lines. */
  readonly current?: number;
}

export interface FitOptions {
  readonly format: PromptFormatName;
  readonly budget: TokenBudget;
  readonly costs: LineCosts;
}

export interface Fitted {
  /** The conversation with the part of the history that fits, the newest of it. */
  readonly conversation: Conversation;
  /** The lines to show, for `render` and `parse`; absent when all of them fit. */
  readonly excerpt?: Excerpt;
  /** What history and current code are expected to take. */
  readonly tokens: number;
}

/** Role, control tokens, fences and `...` of a message, or header, fences and separator of a changed block. */
const overhead = 14;
/** Excerpts begin at a multiple of this, so that moving about does not change every prompt from its first line on. */
const grid = 8;

/**
 * Cuts a conversation to a token budget: the lines around the target area, or around the last change where there is
 * none, and as many of the newest snapshots, cut to the same region, as fit with them. Undefined when not even the
 * target's first line fits. The excerpt's start does not depend on what is typed in it, so that a cached prefix stays good.
 */
export function fitToBudget(conversation: Conversation, { format, budget, costs }: FitOptions): Fitted | undefined {
  const snippet = new Snippet(conversation.current);
  const costOf = (line: number) => costs.current(line) + (format === 'locationAndChange' ? numberCost(line) : 0);
  const limit = Math.min(budget.current ?? currentShare(conversation, format, budget.total), budget.total) - overhead;
  const focus = focusOf(conversation, snippet);
  const excerpt = chooseLines(snippet.lineCount, focus, { limit, costOf });
  if (!excerpt) return undefined;

  const cut = excerpt.first > 0 || excerpt.last < snippet.lineCount ? excerpt : undefined;
  let tokens = overhead + sum(excerpt.first, excerpt.last, costOf);
  let oldest = conversation.history.length;
  for (const step of historyCosts(conversation, cut, { format, costs }).toReversed()) {
    if (tokens + step.tokens > budget.total) break;
    tokens += step.tokens;
    oldest = step.index;
  }
  const history = conversation.history.slice(oldest);
  return { conversation: { ...conversation, history }, ...(cut ? { excerpt: cut } : {}), tokens };
}

/** Digits are mostly tokens of their own, and a blank follows them. */
function numberCost(line: number): number {
  return String(line + 1).length + 1;
}

function currentShare({ history }: Conversation, format: PromptFormatName, total: number): number {
  if (history.length === 0) return total;
  return format === 'locationAndChange' || format === 'searchAndReplace' ? total * 0.75 : total / 2;
}

/** The lines that the excerpt is about: the target area, else the last change, else the top. */
function focusOf(conversation: Conversation, snippet: Snippet): Excerpt {
  const { target, history } = conversation;
  if (target?.kind === 'cursor') {
    const { line } = snippet.placeOf(target.offset);
    return { first: line, last: line + 1 };
  }
  if (target) {
    const start = snippet.placeOf(Math.min(target.start, target.end)).line;
    return { first: start, last: snippet.placeOf(Math.max(target.start, target.end)).line + 1 };
  }
  const newest = history.at(-1);
  const change = newest === undefined ? undefined : hunksOfLines(new Snippet(newest).lines, snippet.lines).at(-1);
  const line = Math.min(change?.newStart ?? 0, snippet.lineCount - 1);
  return { first: line, last: Math.max(line + 1, change?.newEnd ?? 0) };
}

interface LineBudget {
  readonly limit: number;
  readonly costOf: (line: number) => number;
}

/** Half of what the focus leaves goes to the lines above, the rest to those below, and what these leave above again. */
function chooseLines(lineCount: number, focus: Excerpt, { limit, costOf }: LineBudget): Excerpt | undefined {
  let spent = costOf(focus.first);
  if (spent > limit) return undefined;
  // A selection too long to be shown is shown from its start on.
  let last = focus.first + 1;
  const growDown = (end: number) => {
    while (last < end && spent + costOf(last) <= limit) spent += costOf(last++);
  };
  growDown(focus.last);

  let first = focus.first;
  const growUp = (allowance: number) => {
    let [from, cost] = [first, 0];
    while (from > 0 && cost + costOf(from - 1) <= allowance) cost += costOf(--from);
    // Only to the grid: the few lines between it and what would fit are left out.
    for (; from % grid !== 0 && from < first; from++) cost -= costOf(from);
    first = from;
    spent += cost;
  };
  growUp((limit - spent) / 2);
  growDown(lineCount);
  if (last === lineCount) growUp(limit - spent);
  return { first, last };
}

interface StepCost {
  /** Which snapshot of the history. */
  readonly index: number;
  readonly tokens: number;
}

/** What each snapshot that would be rendered takes, oldest first. */
function historyCosts(
  conversation: Conversation,
  excerpt: Excerpt | undefined,
  { format, costs }: { readonly format: PromptFormatName; readonly costs: LineCosts },
): StepCost[] {
  if (format === 'locationAndChange' || format === 'searchAndReplace') {
    const options = format === 'searchAndReplace' ? searchChanges : {};
    return historySteps(conversation, excerpt, options).map(({ index, laterIndex, hunks }) => {
      const later = (line: number) =>
        laterIndex === undefined ? costs.current(line) : costs.history(laterIndex, line);
      const blocks = hunks.map(
        ({ start, end, newStart, newEnd }) =>
          overhead + sum(start, end, later) + sum(newStart, newEnd, (line) => costs.history(index, line)),
      );
      return { index, tokens: overhead + blocks.reduce((all, block) => all + block, 0) };
    });
  }
  return earlierSnippets(conversation, excerpt).map(({ index, snippet, excerpt: region }) => {
    const { first, last } = snippet.shown(region);
    return { index, tokens: overhead + sum(first, last, (line) => costs.history(index, line)) };
  });
}

function sum(first: number, last: number, costOf: (line: number) => number): number {
  let total = 0;
  for (let line = first; line < last; line++) total += costOf(line);
  return total;
}

/**
 * Costs without a tokenizer: about three characters to a token, which code rarely exceeds. Safe enough to decide what to
 * send; exact counts come from the model host.
 */
export function estimatedCosts({ history, current }: Pick<Conversation, 'history' | 'current'>): LineCosts {
  const estimate = (lines: readonly string[]) => {
    const costs = lines.map(
      (line) => 1 + Math.ceil(line.trimStart().length / 3 + (line.length - line.trimStart().length) / 8),
    );
    return (line: number) => costs[line] ?? 0;
  };
  const ofCurrent = estimate(new Snippet(current).lines);
  const ofHistory = history.map((text) => estimate(new Snippet(text).lines));
  return { current: ofCurrent, history: (snapshot, line) => ofHistory[snapshot]?.(line) ?? 0 };
}
