import { applyEdits } from '../../shared/edits/apply.ts';
import { hideSecrets } from '../data/privacy.ts';
import { type Preference, type Process, schemaVersion } from '../data/records.ts';
import { DocumentHistory } from '../history/documentHistory.ts';
import { OfferStory } from './offerStory.ts';
import type { RecordedSession } from './recordedEvents.ts';

/** Texts of one process, and offers that are followed at the same time, at most. */
const maxSnippets = 32;
const maxStories = 64;
/** Texts of H at most, as `data process` has them. */
const maxHistory = 16;
/** Longer texts are no training data: as `data collect git`. */
const maxSize = 24_000;

export interface SessionRecords {
  readonly processes: readonly Process[];
  /** Also of offers that were passed over. */
  readonly preferences: readonly Preference[];
}

/**
 * What a recording says: how its text came to be, by the same rules as histories in prompts, and which offers were preferred
 * to what. Texts longer than 24,000 UTF-16 code units give none.
 * @param name names the records
 */
export function sessionRecords({ start, events }: RecordedSession, name: string): SessionRecords {
  const history = new DocumentHistory(start.text, {
    maxSteps: Number.MAX_SAFE_INTEGER,
    maxSize: Number.MAX_SAFE_INTEGER,
  });
  const stories: OfferStory[] = [];
  const live = new Map<string, OfferStory>();
  let { text } = start;
  let cursor: number | undefined;
  for (const event of events) {
    if (event.kind === 'change') {
      const [from, to, newText] = event.edit;
      // What a damaged line would do to the text is not known.
      if (from > to || to > text.length) break;
      const change = { start: from, end: to, newText };
      const steps = history.steps.length;
      text = applyEdits(text, [change]);
      cursor = from + newText.length;
      history.record([change], event.at, text);
      const isNewStep = history.steps.length !== steps;
      for (const story of live.values()) story.changed(change, text, isNewStep, event.at);
    } else if (event.kind === 'offer') {
      const edits = event.edits.map(([from, to, newText]) => ({ start: from, end: to, newText }));
      const fits = edits.every(
        ({ start: from, end: to }, i) => (edits[i - 1]?.end ?? 0) <= from && from <= to && to <= text.length,
      );
      if (!fits || live.has(event.id)) continue;
      const story = new OfferStory({
        id: event.id,
        atMs: event.at,
        current: text,
        history: history.snapshots(maxHistory),
        cursor,
        edits,
        shown: event.via === 'ghostText',
      });
      if (text.length <= maxSize) stories.push(story);
      live.set(event.id, story);
      const [oldest] = live.keys();
      if (live.size > maxStories && oldest !== undefined) live.delete(oldest);
    } else if (event.kind !== 'session') live.get(event.id)?.[event.kind](event.at);
  }
  const about = {
    version: schemaVersion,
    source: 'sessions',
    language: start.language,
    path: start.path,
    licence: 'unknown',
  } as const;
  const snippets = [...history.snapshots(Number.MAX_SAFE_INTEGER), text].filter(({ length }) => length <= maxSize);
  return {
    processes: processesOf(snippets, (number) => ({ kind: 'process', id: `sessions:${name}:${number}`, ...about })),
    preferences: stories.map((story) => preferenceOf(story, { id: `sessions:${name}:offer:${story.id}`, ...about })),
  };
}

function processesOf(
  texts: readonly string[],
  about: (number: number) => Omit<Process, 'snippets' | 'masked' | 'message'>,
): Process[] {
  const processes: Process[] = [];
  for (let from = 0; from + 1 < texts.length; from += maxSnippets - 1) {
    const hidden = hideSecrets(texts.slice(from, from + maxSnippets));
    const snippets = hidden.texts
      .map((text) => text.replaceAll('\r\n', '\n'))
      .filter((text, i, all) => text !== all[i - 1]);
    if (snippets.length > 1) processes.push({ ...about(processes.length), snippets, masked: hidden.count });
  }
  return processes;
}

function preferenceOf(
  story: OfferStory,
  about: Omit<
    Preference,
    'kind' | 'history' | 'current' | 'target' | 'chosen' | 'rejected' | 'outcome' | 'shownMs' | 'masked'
  >,
): Preference {
  const { outcome, chosen, rejected, shownMs } = story.result();
  const { cursor } = story.moment;
  const hidden = hideSecrets([...story.moment.history, story.moment.current, chosen, rejected]);
  const texts = hidden.texts.map((text) => text.replaceAll('\r\n', '\n'));
  const [current = '', last = '', other = ''] = texts.slice(-3);
  return {
    kind: 'preference',
    ...about,
    history: texts.slice(0, -3),
    current,
    target:
      cursor === undefined ? null : { kind: 'cursor', offset: unixLength(hidden.texts.at(-3), cursor), placed: 'near' },
    chosen: last,
    rejected: other,
    outcome,
    shownMs,
    masked: hidden.count,
  };
}

/** The length of the first `end` code units of a text once its line ends are `\n`. */
function unixLength(text = '', end: number): number {
  return text.slice(0, end).replaceAll('\r\n', '\n').length;
}
