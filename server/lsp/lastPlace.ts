import type { DocumentChange } from './textSync.ts';

/** A place in an open document: its URI and a UTF-16 offset in its current text. */
export interface EditedPlace {
  readonly uri: string;
  readonly offset: number;
}

/**
 * The user's last edit, for requests that name no document or no position because their client cannot: commands run by
 * hand in Helix, and pulled diagnostics.
 */
export class LastPlace {
  /** By URI, in the order of their last edits. Before its first edit, a document counts from its opening. */
  readonly #edited = new Map<string, number>();
  readonly #unedited = new Set<string>();

  opened(uri: string): void {
    this.closed(uri);
    this.#unedited.add(uri);
  }

  changed(uri: string, changes: readonly DocumentChange[]): void {
    const last = changes.at(-1)?.edit;
    if (!last) return;
    this.closed(uri);
    this.#edited.set(uri, last.start + last.newText.length);
  }

  closed(uri: string): void {
    this.#edited.delete(uri);
    this.#unedited.delete(uri);
  }

  /** The place of the last edit in any document; without edits, the start of the document opened last. */
  get current(): EditedPlace | undefined {
    const edited = [...this.#edited].at(-1);
    if (edited) return { uri: edited[0], offset: edited[1] };
    const uri = [...this.#unedited].at(-1);
    return uri === undefined ? undefined : { uri, offset: 0 };
  }

  /** The position after a document's last edit; its start if it was not edited. */
  in(uri: string): number {
    return this.#edited.get(uri) ?? 0;
  }
}
