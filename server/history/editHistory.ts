import type { RelatedChange } from '../../shared/conversation/conversation.ts';
import type { Delta } from '../../shared/edits/delta.ts';
import { DocumentHistory, type HistoryOptions } from './documentHistory.ts';
import { type Excerpt, type ExcerptLimits, excerptsOf } from './excerpts.ts';
import type { RecordedEdit } from './incoming.ts';
import type { Slice } from './maskedText.ts';
import type { SecretSpan } from './secretSpans.ts';

/** How many of a document's newest steps can be related to another document. */
const maxStepsPerDocument = 4;
/** How many closed documents' changes are kept, and how long, in milliseconds. */
const maxClosed = 16;
const closedForMs = 30 * 60_000;

const excerptLimits: ExcerptLimits = { contextLines: 3, maxPlaces: 2, maxLength: 4000 };

export interface DocumentOpening {
  readonly uri: string;
  /** Workspace-relative path with forward slashes, or the file's name outside a workspace. */
  readonly path: string;
  readonly languageId: string;
  readonly text: string;
  /** The URI of the document just closed that this one is under a new name; its history continues. */
  readonly formerly?: string | undefined;
}

interface Entry {
  readonly path: string;
  readonly languageId: string;
  readonly history: DocumentHistory;
  /** Excerpts of the newest steps, until the document changes again. */
  excerpts?: readonly Excerpt[];
}

interface Closed {
  readonly path: string;
  readonly languageId: string;
  readonly excerpts: readonly Excerpt[];
}

export interface EditHistoryOptions {
  readonly history?: Partial<HistoryOptions>;
  /** Whether a document is now excluded from engines. Called each time; decides by the name alone. */
  readonly isExcluded?: (uri: string) => boolean;
}

/**
 * The edit histories of all open documents, and the last changes of those just closed. The caller keeps excluded
 * documents out; secrets in the others are masked in every result; times are milliseconds of one clock of the caller's.
 */
export class EditHistory {
  readonly #options: EditHistoryOptions;
  readonly #open = new Map<string, Entry>();
  /** In the order in which they were closed. */
  readonly #closed = new Map<string, Closed>();
  /** The histories of documents just closed, which may be reopened under another name. */
  readonly #departed = new Map<string, DocumentHistory>();

  constructor(options: EditHistoryOptions = {}) {
    this.#options = options;
  }

  /**
   * Starts a document's history, replacing an existing one, unless the document was renamed with its text unchanged.
   */
  open({ uri, path, languageId, text, formerly }: DocumentOpening): void {
    const known = formerly === undefined ? undefined : this.#departed.get(formerly);
    if (formerly !== undefined) this.forget(formerly);
    const history = known?.text === text ? known : new DocumentHistory(text, this.#options.history);
    this.#open.set(uri, { path, languageId, history });
  }

  /**
   * Records one change notification of an open document; of any other, does nothing. See `DocumentHistory.record`.
   * Throws a RangeError for an edit that is reversed or out of bounds.
   */
  change(uri: string, edits: readonly RecordedEdit[], nowMs: number, after?: string, slice?: Slice): void {
    const entry = this.#open.get(uri);
    if (!entry) return;
    entry.history.record(edits, nowMs, after, slice);
    delete entry.excerpts;
  }

  /**
   * Ends a document's history. Its last changes stay related to other documents for a while; the history itself is kept
   * until `depart`, in case the document is reopened under another name.
   */
  close(uri: string): void {
    const entry = this.#open.get(uri);
    if (!entry) return;
    this.#open.delete(uri);
    this.#closed.delete(uri);
    this.#departed.set(uri, entry.history);
    // An untitled buffer may just have been saved under an excluded name.
    if (/^untitled:/i.test(uri)) return;
    const { path, languageId } = entry;
    const excerpts = this.#excerpts(entry);
    if (excerpts.length > 0) this.#closed.set(uri, { path, languageId, excerpts });
    const [oldest] = this.#closed.keys();
    if (this.#closed.size > maxClosed && oldest !== undefined) this.#closed.delete(oldest);
  }

  /** A closed document will not be reopened under another name. */
  depart(uri: string): void {
    this.#departed.delete(uri);
  }

  /** Ends a document's history and forgets its content. */
  forget(uri: string): void {
    this.#open.delete(uri);
    this.#closed.delete(uri);
    this.#departed.delete(uri);
  }

  /** The current text of an open document as engines may see it, and where its secrets are masked. */
  current(uri: string): { readonly text: string; readonly secrets: readonly SecretSpan[] } | undefined {
    return this.#open.get(uri)?.history;
  }

  /** The last `limit` snapshots of an open document, oldest first, without its current text. */
  snapshots(uri: string, limit: number): string[] {
    return this.#open.get(uri)?.history.snapshots(limit) ?? [];
  }

  /** The last `limit` single edits of an open document, oldest first; none right after one was undone. */
  edits(uri: string, limit: number): readonly Delta[] {
    return this.#open.get(uri)?.history.edits(limit) ?? [];
  }

  /** The last `limit` changes of documents other than `exceptUri`, newest last, as excerpts around what changed. */
  related(exceptUri: string, limit: number, nowMs: number): RelatedChange[] {
    if (limit === 0) return [];
    for (const [uri, { excerpts }] of this.#closed) {
      if (nowMs - (excerpts.at(-1)?.atMs ?? 0) > closedForMs) this.#closed.delete(uri);
    }
    const changes: { change: RelatedChange; atMs: number }[] = [];
    for (const { path, languageId, excerpts } of this.#newest(exceptUri, limit)) {
      for (const { before, after, atMs } of excerpts)
        changes.push({ change: { path, languageId, before, after }, atMs });
    }
    changes.sort((a, b) => a.atMs - b.atMs);
    return changes.slice(-limit).map(({ change }) => change);
  }

  /** The documents of the last `count` changes, so that only these of thousands of open ones are judged and read. */
  #newest(exceptUri: string, count: number): Closed[] {
    const candidates: { uri: string; lastMs: number; document: () => Closed }[] = [];
    for (const [uri, document] of this.#closed) {
      const last = document.excerpts.at(-1);
      if (last && !this.#open.has(uri)) candidates.push({ uri, lastMs: last.atMs, document: () => document });
    }
    for (const [uri, entry] of this.#open) {
      const last = entry.history.steps.at(-1);
      if (!last) continue;
      const document = () => ({ ...entry, excerpts: this.#excerpts(entry) });
      candidates.push({ uri, lastMs: last.atMs, document });
    }
    candidates.sort((a, b) => b.lastMs - a.lastMs);

    const newest: Closed[] = [];
    let found: number[] = [];
    for (const { uri, lastMs, document } of candidates) {
      if (found.length >= count && lastMs < (found[count - 1] ?? 0)) break;
      if (uri === exceptUri || this.#options.isExcluded?.(uri)) continue;
      const { path, languageId, excerpts } = document();
      newest.push({ path, languageId, excerpts });
      found = [...found, ...excerpts.map(({ atMs }) => atMs)].sort((a, b) => b - a).slice(0, count);
    }
    return newest;
  }

  #excerpts(entry: Entry): readonly Excerpt[] {
    const { history } = entry;
    entry.excerpts ??= excerptsOf(history.text, history.steps.slice(-maxStepsPerDocument), excerptLimits);
    return entry.excerpts;
  }
}
