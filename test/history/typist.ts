import { DocumentHistory, type HistoryOptions } from '../../server/history/documentHistory.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

/** Edits a document as a person at a keyboard does: one notification a keystroke. */
export class Typist {
  readonly history: DocumentHistory;
  cursor = 0;
  nowMs = 1_000;

  constructor(text: string, options?: Partial<HistoryOptions>) {
    this.history = new DocumentHistory(text, options);
  }

  get text(): string {
    return this.history.text;
  }

  /** Puts the cursor before the `nth` occurrence of `target`, or behind it. */
  goTo(target: string, where: 'before' | 'behind' = 'before', nth = 1): this {
    let at = -1;
    for (let i = 0; i < nth; i++) at = this.text.indexOf(target, at + 1);
    if (at < 0) throw new Error(`no ${target} in the text`);
    this.cursor = where === 'before' ? at : at + target.length;
    return this;
  }

  type(text: string): this {
    for (const character of text) this.change({ start: this.cursor, end: this.cursor, newText: character });
    return this;
  }

  backspace(count: number): this {
    for (let i = 0; i < count; i++) this.change({ start: this.cursor - 1, end: this.cursor, newText: '' });
    return this;
  }

  paste(text: string): this {
    return this.change({ start: this.cursor, end: this.cursor, newText: text });
  }

  rest(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** One notification with these edits, each in offsets of the text that those before it left. */
  change(...edits: OffsetEdit[]): this {
    this.nowMs += 120;
    this.history.record(edits, this.nowMs);
    const last = edits.at(-1);
    if (last) this.cursor = last.start + last.newText.length;
    return this;
  }

  /** Replaces every match in one notification, from the end, as a rename does. */
  replaceAll(pattern: RegExp, by: string): this {
    const matches = [...this.text.matchAll(pattern)].reverse();
    return this.change(...matches.map((m) => ({ start: m.index, end: m.index + m[0].length, newText: by })));
  }

  snapshots(limit = 32): string[] {
    return this.history.snapshots(limit);
  }
}
