import { MessageType, TextDocumentSyncKind } from 'vscode-languageserver';
import { isTelling } from '../history/contentRules.ts';
import type { KeptOut } from '../history/exclusion.ts';
import { invalidParams } from './errors.ts';
import { OpenDocument } from './openDocument.ts';
import type { DidChangeParams } from './schemas.ts';
import type { LanguageServer } from './server.ts';
import { applyContentChanges, type DocumentChange, OutOfSync } from './textSync.ts';

/** How many documents that were never opened, or are out of step, are remembered so as to be warned of once. */
const maxLost = 1000;

/** The text of an excluded document is held up to this length, in UTF-16 code units, to see when its cause ends. */
const maxHeld = 8 * 1024 * 1024;
/** How much of a text's beginning is looked at after each change there. */
const headLength = 2048;

interface Excluded {
  readonly reason: string;
  /** Where the cause may end: the document, which nothing but its exclusion reads. */
  readonly document: OpenDocument | undefined;
}

export interface DocumentEvents {
  /** Why a document is to be kept out of history and predictions, or undefined. Asked on open and after each change. */
  readonly exclude: (uri: string, text: string, inserted?: number) => KeptOut | undefined;
  /** The document is followed from now on: it was opened, or what it was excluded for is gone. */
  readonly opened: (document: OpenDocument) => void;
  readonly changed: (document: OpenDocument, changes: readonly DocumentChange[]) => void;
  readonly closed: (uri: string) => void;
  /** The document is to be left alone from now on: nothing of it may be kept. */
  readonly forgotten: (uri: string) => void;
}

/**
 * The open documents. One that is excluded is left alone until its cause ends; of a secret no text is held, so that it stays
 * excluded until it is opened again. So does one whose text we no longer know for certain.
 */
export class Documents {
  readonly #events: DocumentEvents;
  readonly #followed = new Map<string, OpenDocument>();
  readonly #excluded = new Map<string, Excluded>();
  readonly #lost = new Map<string, string>();

  constructor(events: DocumentEvents) {
    this.#events = events;
  }

  get size(): number {
    return this.#followed.size + this.#excluded.size;
  }

  /** Documents that are left alone, by URI, and why. */
  get excluded(): ReadonlyMap<string, string> {
    const excluded = [...this.#excluded].map(([uri, { reason }]) => [uri, reason] as const);
    return new Map([...excluded, ...this.#lost]);
  }

  /** A document that is followed; undefined for one that is excluded or lost. */
  get(uri: string): OpenDocument | undefined {
    return this.#followed.get(uri);
  }

  /** Whether it is followed or excluded. */
  isOpen(uri: string): boolean {
    return this.#followed.has(uri) || this.#excluded.has(uri);
  }

  /** Like `get`. Throws an InvalidParams error for a document that was not opened. */
  require(uri: string): OpenDocument | undefined {
    const document = this.#followed.get(uri);
    if (document || this.#excluded.has(uri) || this.#lost.has(uri)) return document;
    throw invalidParams(`${uri} is not open`);
  }

  open(uri: string, languageId: string, version: number, text: string): void {
    this.close(uri);
    this.#judge(new OpenDocument(uri, languageId, version, text));
  }

  /**
   * Hands the changes that `apply` makes of a followed document on, and sees whether an excluded one still is. Lets through
   * what `apply` throws.
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
    const followed = this.#followed.delete(uri);
    if (followed) this.#events.closed(uri);
    return [followed, this.#excluded.delete(uri), this.#lost.delete(uri)].includes(true);
  }

  /** Leaves a document alone until it is opened again. Returns false when it was left alone already. */
  lose(uri: string, reason: string): boolean {
    const excluded = this.#excluded.get(uri);
    if (excluded?.document) this.#excluded.set(uri, { reason: lasting(excluded.reason), document: undefined });
    if (this.#lost.has(uri) || excluded) return false;
    this.#forget(uri);
    this.#lost.set(uri, reason);
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > maxLost && oldest !== undefined) this.#lost.delete(oldest);
    return true;
  }

  /** Asks again which documents are excluded. */
  reconsider(): void {
    const held = [...this.#excluded.values()].flatMap(({ document }) => document ?? []);
    for (const document of [...this.#followed.values(), ...held]) this.#judge(document, Number.POSITIVE_INFINITY);
  }

  /** Follows a document, or excludes it. `inserted` is how much has come into its text since it was judged last. */
  #judge(document: OpenDocument, inserted?: number): void {
    const { uri } = document;
    const text = document.getText();
    const keptOut = this.#events.exclude(uri, text, inserted);
    if (!keptOut) {
      this.#excluded.delete(uri);
      if (this.#followed.has(uri)) return;
      this.#followed.set(uri, document);
      this.#events.opened(document);
      return;
    }
    this.#forget(uri);
    const { reason, isSecret } = keptOut;
    const isHeld = !isSecret && text.length <= maxHeld;
    this.#excluded.set(uri, {
      reason: isHeld || isSecret ? reason : lasting(reason),
      document: isHeld ? document : undefined,
    });
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
    if (!documents.isOpen(uri)) {
      lose(uri, 'it was changed before it was opened');
      return;
    }
    try {
      const { encoding } = server.client;
      documents.change(uri, (document) =>
        applyContentChanges(document, version ?? document.version + 1, contentChanges, encoding),
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
