import { MessageType, TextDocumentSyncKind } from 'vscode-languageserver';
import { isTelling } from '../history/contentRules.ts';
import type { KeptOut } from '../history/exclusion.ts';
import { OpenDocument } from './openDocument.ts';
import type { LanguageServer } from './server.ts';
import { applyContentChanges, type DocumentChange, isWhole, OutOfSync } from './textSync.ts';
import type { DidChangeParams } from './transport/schemas.ts';

/** How many documents that were never opened, or are out of sync, are remembered in order to warn only once. */
const maxLost = 1000;
/**
 * How long, in milliseconds, a closed document may be opened under another name and keep its history; and how many may
 * wait.
 */
const renamedWithinMs = 5000;
const maxLeaving = 8;
/**
 * How long, in milliseconds, nothing is said of a document that is changed before it is opened: Helix sends what is typed
 * while the server starts ahead of the text that it is typed in.
 */
const openedWithinMs = 1000;
/** The text of an excluded document is held up to this length, in UTF-16 code units, to see when the reason ends. */
const maxHeld = 8 * 1024 * 1024;
/** How much of a text's beginning is checked after each change there. */
const headLength = 2048;

interface Excluded {
  readonly reason: string;
  readonly languageId: string;
  /** If the reason may end: the document, which is read only to decide whether it stays excluded. */
  readonly document: OpenDocument | undefined;
}

export interface DocumentEvents {
  /** Why a document is excluded from history and predictions, or undefined. Called on open and after each change. */
  readonly exclude: (uri: string, text: string, inserted?: number) => KeptOut | undefined;
  /**
   * The document is followed from now on: it was opened, or is no longer excluded. `formerly` is the URI of the
   * document just closed that this one is under a new name.
   */
  readonly opened: (document: OpenDocument, formerly: string | undefined) => void;
  readonly changed: (document: OpenDocument, changes: readonly DocumentChange[]) => void;
  readonly closed: (uri: string) => void;
  /** A closed document was not reopened under another name: nothing of it need be kept for that any longer. */
  readonly departed: (uri: string) => void;
  /** The document is ignored from now on: nothing of it may be kept. */
  readonly forgotten: (uri: string) => void;
}

/**
 * The open documents. An excluded one is ignored until the reason ends; the text of a secret is not held, so a secret
 * stays excluded until it is opened again. A document whose text is no longer certain is ignored until its whole text
 * arrives.
 */
export class Documents {
  readonly #events: DocumentEvents;
  readonly #followed = new Map<string, OpenDocument>();
  readonly #excluded = new Map<string, Excluded>();
  readonly #lost = new Map<string, { readonly reason: string; readonly languageId: string }>();
  /** Those just closed, and what ends their wait for another name. */
  readonly #leaving = new Map<string, { readonly document: OpenDocument; readonly timer: NodeJS.Timeout }>();

  constructor(events: DocumentEvents) {
    this.#events = events;
  }

  get size(): number {
    return this.#followed.size + this.#excluded.size;
  }

  /** Documents that are ignored, by URI, and why. */
  get excluded(): ReadonlyMap<string, string> {
    return new Map([...this.#excluded, ...this.#lost].map(([uri, { reason }]) => [uri, reason]));
  }

  /** A document that is followed; undefined for one that is excluded, lost, or not open. */
  get(uri: string): OpenDocument | undefined {
    return this.#followed.get(uri);
  }

  /** Whether it is followed or excluded. */
  isOpen(uri: string): boolean {
    return this.#followed.has(uri) || this.#excluded.has(uri);
  }

  open(uri: string, languageId: string, version: number, text: string): void {
    this.close(uri);
    this.#leave(uri);
    this.#judge(new OpenDocument(uri, languageId, version, text), undefined, this.#renamedFrom(text));
  }

  /**
   * Passes on the changes that `apply` makes of a followed document, and checks whether an excluded one still is.
   * Errors of `apply` pass through.
   */
  change(uri: string, apply: (document: OpenDocument) => DocumentChange[]): void {
    const followed = this.#followed.get(uri);
    const document = followed ?? this.#excluded.get(uri)?.document;
    if (!document) return;
    const changes = apply(document);
    if (!followed) {
      this.#judge(document, Number.POSITIVE_INFINITY);
      return;
    }
    this.#events.changed(document, changes);
    const telling = changes.some(({ edit: { start, newText } }) =>
      isTelling(newText, start < headLength ? document.buffer.slice(0, headLength) : ''),
    );
    const inserted = changes.reduce((sum, { edit }) => sum + edit.newText.length, 0);
    this.#judge(document, telling ? Number.POSITIVE_INFINITY : inserted);
  }

  /** Returns false for a document that was not open. */
  close(uri: string): boolean {
    const document = this.#followed.get(uri);
    const followed = this.#followed.delete(uri);
    if (document) this.#mayReturn(document);
    return [followed, this.#excluded.delete(uri), this.#lost.delete(uri)].includes(true);
  }

  /** Ignores a document until its text is known again. Returns false when it was ignored already. */
  lose(uri: string, reason: string): boolean {
    const excluded = this.#excluded.get(uri);
    if (excluded?.document) {
      this.#excluded.set(uri, { ...excluded, reason: lasting(excluded.reason), document: undefined });
    }
    if (this.#lost.has(uri) || excluded) return false;
    const languageId = this.#followed.get(uri)?.languageId ?? '';
    this.#forget(uri);
    this.#lost.set(uri, { reason, languageId });
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > maxLost && oldest !== undefined) this.#lost.delete(oldest);
    return true;
  }

  /**
   * Follows a document that was never opened, or whose text was not known, now that the whole text is; its history
   * starts anew. Returns undefined for one whose text is known already, and for one that is excluded.
   */
  recover(uri: string, version: number, text: string): OpenDocument | undefined {
    const excluded = this.#excluded.get(uri);
    if (this.#followed.has(uri) || excluded?.document) return undefined;
    const { languageId } = excluded ?? this.#lost.get(uri) ?? { languageId: '' };
    this.open(uri, languageId, version, text);
    return this.#followed.get(uri);
  }

  /** Decides again which documents are excluded. */
  reconsider(): void {
    const held = [...this.#excluded.values()].flatMap(({ document }) => document ?? []);
    for (const document of [...this.#followed.values(), ...held]) this.#judge(document, Number.POSITIVE_INFINITY);
  }

  /**
   * Follows a document, or excludes it. `inserted` is how much was inserted since it was last judged, undefined for all
   * of it; `formerly` is its earlier name, if it has just been renamed.
   */
  #judge(document: OpenDocument, inserted?: number, formerly?: string): void {
    const { uri, languageId } = document;
    const text = document.getText();
    const keptOut = this.#events.exclude(uri, text, inserted);
    if (!keptOut) {
      this.#excluded.delete(uri);
      if (this.#followed.has(uri)) return;
      this.#followed.set(uri, document);
      this.#events.opened(document, formerly);
      return;
    }
    // Its text is ignored under any name.
    if (formerly !== undefined) this.#events.forgotten(formerly);
    this.#forget(uri);
    const { reason, isSecret } = keptOut;
    const isHeld = !isSecret && text.length <= maxHeld;
    this.#excluded.set(uri, {
      reason: isHeld || isSecret ? reason : lasting(reason),
      languageId,
      document: isHeld ? document : undefined,
    });
  }

  /** Renaming is closing a document and opening the same text under another name (LSP 3.18, "Renaming a document"). */
  #renamedFrom(text: string): string | undefined {
    // Many files are empty, so an empty text identifies none.
    if (text.trim() === '') return undefined;
    const found = [...this.#leaving].reverse().find(([, { document }]) => document.getText() === text);
    if (!found) return undefined;
    const [uri, { timer }] = found;
    clearTimeout(timer);
    this.#leaving.delete(uri);
    return uri;
  }

  #mayReturn(document: OpenDocument): void {
    const { uri } = document;
    this.#events.closed(uri);
    const timer = setTimeout(() => this.#leave(uri), renamedWithinMs);
    timer.unref();
    this.#leaving.set(uri, { document, timer });
    const [oldest] = this.#leaving.keys();
    if (this.#leaving.size > maxLeaving && oldest !== undefined) this.#leave(oldest);
  }

  #leave(uri: string): void {
    clearTimeout(this.#leaving.get(uri)?.timer);
    if (this.#leaving.delete(uri)) this.#events.departed(uri);
  }

  #forget(uri: string): void {
    if (this.#followed.delete(uri)) this.#events.forgotten(uri);
  }
}

function lasting(reason: string): string {
  return `${reason}; until it is opened again`;
}

/** Document synchronisation (LSP 3.18, "Text Document Synchronization"). */
export function registerDocuments(server: LanguageServer, documents: Documents): void {
  const { connection, log } = server;
  const say = (uri: string, why: string) =>
    server.showMessage(
      MessageType.Warning,
      `${nameOf(uri)} is out of step with the editor (${why}); it gets no predictions until it is opened again.`,
    );
  /** Returns whether it was not lost already. */
  const lose = (uri: string, why: string): boolean => {
    const isNew = documents.lose(uri, why);
    if (isNew) log.warn(`${uri}: ${why}`);
    return isNew;
  };
  const loseAndSay = (uri: string, why: string) => {
    if (lose(uri, why)) say(uri, why);
  };
  server.capabilities.textDocumentSync = { openClose: true, change: TextDocumentSyncKind.Incremental };
  server.onRefused((params, problem) => {
    const uri = namedUri(params);
    if (uri !== undefined) loseAndSay(uri, problem);
  });
  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    if (documents.get(uri)) log.warn(`${uri}: opened again without having been closed`);
    documents.open(uri, languageId, version, text);
    const reason = documents.excluded.get(uri);
    log.debug(`${uri}: opened, ${text.length} code units${reason ? `, kept out: ${reason}` : ''}`);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }: DidChangeParams) => {
    let changes = contentChanges;
    const from = changes.findLastIndex(isWhole);
    const whole = changes[from];
    // Before the changes that came with the text, because one notification has one version.
    if (whole && documents.recover(uri, (version ?? 0) - 1, whole.text)) {
      log.info(`${uri}: in step again`);
      changes = changes.slice(from + 1);
    } else if (!documents.isOpen(uri)) {
      const why = 'it was changed before it was opened';
      if (lose(uri, why)) {
        setTimeout(() => {
          if (documents.excluded.get(uri) === why) say(uri, why);
        }, openedWithinMs).unref();
      }
      return;
    }
    try {
      const { encoding } = server.client;
      documents.change(uri, (document) =>
        applyContentChanges(document, version ?? document.version + 1, changes, encoding),
      );
    } catch (error) {
      if (!(error instanceof OutOfSync)) throw error;
      loseAndSay(uri, error.message);
    }
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    if (!documents.close(uri)) log.warn(`${uri}: closed without having been opened`);
  });
  // Clients send it whatever we request; history and predictions use changes only.
  connection.onDidSaveTextDocument(() => {});
}

function namedUri(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('textDocument' in params)) return undefined;
  const { textDocument } = params;
  if (typeof textDocument !== 'object' || textDocument === null || !('uri' in textDocument)) return undefined;
  return typeof textDocument.uri === 'string' ? textDocument.uri : undefined;
}

/** The file name of a document, for display. */
export function nameOf(uri: string): string {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
