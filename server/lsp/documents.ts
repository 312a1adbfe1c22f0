import { MessageType, TextDocumentSyncKind } from 'vscode-languageserver';
import { OpenDocument } from './openDocument.ts';
import type { DidChangeParams } from './schemas.ts';
import type { LanguageServer } from './server.ts';
import { applyContentChanges, type DocumentChange, isWhole, OutOfSync } from './textSync.ts';

/** How many documents that were never opened, or are out of step, are remembered so as to be warned of once. */
const maxLost = 1000;
/** So long, in milliseconds, a document that was closed may be opened under another name and keep its history; so many at once. */
const renamedWithinMs = 5000;
const maxLeaving = 8;

export interface DocumentEvents {
  /** Why a document is to be kept out of history and predictions, or undefined. Asked on open and after each change. */
  readonly exclude: (uri: string, text: string, inserted?: number) => string | undefined;
  /** `formerly` is the URI of the document just closed that this one is under a new name. */
  readonly opened: (document: OpenDocument, formerly: string | undefined) => void;
  readonly changed: (document: OpenDocument, changes: readonly DocumentChange[]) => void;
  readonly closed: (uri: string) => void;
  /** A document that was closed did not come back under another name: nothing of it need be kept for that any longer. */
  readonly departed: (uri: string) => void;
  /** The document is to be left alone from now on: nothing of it may be kept. */
  readonly forgotten: (uri: string) => void;
}

/**
 * The open documents. Of one that is excluded, or whose text we no longer know for certain, no text is kept, and it is
 * left alone until it is opened again, or, in the second case, its whole text comes; all others go on.
 */
export class Documents {
  readonly #events: DocumentEvents;
  readonly #followed = new Map<string, OpenDocument>();
  readonly #excluded = new Map<string, string>();
  readonly #lost = new Map<string, { readonly reason: string; readonly languageId: string }>();
  /** Those just closed, and what ends their waiting for another name. */
  readonly #leaving = new Map<string, { readonly document: OpenDocument; readonly timer: NodeJS.Timeout }>();

  constructor(events: DocumentEvents) {
    this.#events = events;
  }

  get size(): number {
    return this.#followed.size + this.#excluded.size;
  }

  /** Documents that are left alone, by URI, and why. */
  get excluded(): ReadonlyMap<string, string> {
    const lost = [...this.#lost].map(([uri, { reason }]) => [uri, reason] as const);
    return new Map([...this.#excluded, ...lost]);
  }

  /** A document that is followed; undefined for one that is excluded, lost, or not open. */
  get(uri: string): OpenDocument | undefined {
    return this.#followed.get(uri);
  }

  open(uri: string, languageId: string, version: number, text: string): void {
    this.close(uri);
    this.#leave(uri);
    const formerly = this.#renamedFrom(text);
    const reason = this.#events.exclude(uri, text);
    if (reason !== undefined) {
      // Its text is to be left alone under any name.
      if (formerly !== undefined) this.#events.forgotten(formerly);
      this.#excluded.set(uri, reason);
      return;
    }
    const document = new OpenDocument(uri, languageId, version, text);
    this.#followed.set(uri, document);
    this.#events.opened(document, formerly);
  }

  /** Hands the changes that `apply` makes of a followed document on. Lets through what `apply` throws. */
  change(uri: string, apply: (document: OpenDocument) => DocumentChange[]): void {
    const document = this.#followed.get(uri);
    if (!document) return;
    const changes = apply(document);
    this.#events.changed(document, changes);
    const inserted = changes.reduce((sum, { edit }) => sum + edit.newText.length, 0);
    const reason = this.#events.exclude(uri, document.getText(), inserted);
    if (reason !== undefined) this.#exclude(uri, reason);
  }

  /** Returns false for a document that was not open. */
  close(uri: string): boolean {
    const document = this.#followed.get(uri);
    const followed = this.#followed.delete(uri);
    if (document) this.#mayReturn(document);
    return [followed, this.#excluded.delete(uri), this.#lost.delete(uri)].includes(true);
  }

  /** Leaves a document alone from now on. Returns false when it was left alone already. */
  lose(uri: string, reason: string): boolean {
    if (this.#lost.has(uri) || this.#excluded.has(uri)) return false;
    const languageId = this.#followed.get(uri)?.languageId ?? '';
    this.#forget(uri);
    this.#lost.set(uri, { reason, languageId });
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > maxLost && oldest !== undefined) this.#lost.delete(oldest);
    return true;
  }

  /**
   * Follows a document that was lost, or never opened, now that its whole text is known; its history begins anew. Returns
   * undefined for one that is followed already, or excluded.
   */
  recover(uri: string, version: number, text: string): OpenDocument | undefined {
    if (this.#followed.has(uri) || this.#excluded.has(uri)) return undefined;
    this.open(uri, this.#lost.get(uri)?.languageId ?? '', version, text);
    return this.#followed.get(uri);
  }

  /** Asks again which documents are excluded. One that was stays so until it is opened again: its text is not known. */
  reconsider(): void {
    for (const document of [...this.#followed.values()]) {
      const reason = this.#events.exclude(document.uri, document.getText());
      if (reason !== undefined) this.#exclude(document.uri, reason);
    }
  }

  /** Renaming is closing a document and opening the same text under another name (LSP 3.18, "Renaming a document"). */
  #renamedFrom(text: string): string | undefined {
    // Many files are empty.
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

  #exclude(uri: string, reason: string): void {
    this.#forget(uri);
    this.#excluded.set(uri, reason);
  }

  #forget(uri: string): void {
    if (this.#followed.delete(uri)) this.#events.forgotten(uri);
  }
}

/** Document synchronisation (LSP 3.18, "Text Document Synchronization"). */
export function registerDocuments(server: LanguageServer, documents: Documents): void {
  const { connection, log } = server;
  const lose = (uri: string, why: string) => {
    if (!documents.lose(uri, why)) return;
    log.warn(`${uri}: ${why}`);
    server.showMessage(
      MessageType.Warning,
      `${nameOf(uri)} is out of step with the editor (${why}); it gets no predictions until it is opened again.`,
    );
  };
  server.capabilities.textDocumentSync = { openClose: true, change: TextDocumentSyncKind.Incremental };
  server.onRefused((params, problem) => {
    const uri = namedUri(params);
    if (uri !== undefined) lose(uri, problem);
  });
  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    if (documents.get(uri)) log.warn(`${uri}: opened again without having been closed`);
    documents.open(uri, languageId, version, text);
    const reason = documents.excluded.get(uri);
    log.debug(`${uri}: opened, ${text.length} code units${reason ? `, kept out: ${reason}` : ''}`);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }: DidChangeParams) => {
    let changes = contentChanges;
    if (!documents.get(uri)) {
      const from = changes.findLastIndex(isWhole);
      const whole = changes[from];
      if (!whole) {
        lose(uri, 'it was changed before it was opened');
        return;
      }
      // Before the changes that came with the text, as one notification has one version.
      const document = documents.recover(uri, (version ?? 0) - 1, whole.text);
      if (!document) return;
      log.info(`${uri}: in step again`);
      changes = changes.slice(from + 1);
    }
    try {
      const { encoding } = server.client;
      documents.change(uri, (document) =>
        applyContentChanges(document, version ?? document.version + 1, changes, encoding),
      );
    } catch (error) {
      if (!(error instanceof OutOfSync)) throw error;
      lose(uri, error.message);
    }
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    if (!documents.close(uri)) log.warn(`${uri}: closed without having been opened`);
  });
  // Clients send it whatever we ask for; history and predictions go by changes alone.
  connection.onDidSaveTextDocument(() => {});
}

function namedUri(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('textDocument' in params)) return undefined;
  const { textDocument } = params;
  if (typeof textDocument !== 'object' || textDocument === null || !('uri' in textDocument)) return undefined;
  return typeof textDocument.uri === 'string' ? textDocument.uri : undefined;
}

/** The name of a document's file, for people. */
export function nameOf(uri: string): string {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
