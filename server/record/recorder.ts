import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { narrowEdit } from '../../shared/edits/diff.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { maskSecrets } from '../history/secretSpans.ts';
import type { OfferChannel } from '../prediction/offers.ts';
import { type RecordedEvent, recordVersion } from './recordedEvents.ts';
import { pruneRecords, recordSuffix } from './recordFolder.ts';

/** How long an event may wait to be written, in milliseconds: what a killed server loses. */
const flushMs = 500;
/** After so many bytes a document's recording goes on in a new file, so that old ones can be removed one by one. */
const maxFileBytes = 1024 * 1024;
/** At most this many bytes are written before it is looked whether old recordings must go. */
const pruneEvery = 64 * 1024;

export interface RecorderOptions {
  readonly folder: string;
  /** Bytes that all recordings take at most; the oldest are removed. */
  readonly maxBytes: number;
  readonly now: () => number;
  /** Called once, when nothing can be written any longer; the recorder then keeps nothing. */
  readonly onFailure: (error: unknown) => void;
}

/** A document as it may be recorded: its secrets are masked. */
export interface RecordedText {
  readonly text: string;
  readonly hasSecrets: boolean;
}

export interface RecordedDocument extends RecordedText {
  readonly path: string;
  readonly languageId: string;
}

interface OpenRecording {
  readonly document: RecordedDocument;
  file: string;
  /** Files that it went on from, since it was opened. */
  earlier: string[];
  current: RecordedText;
  pending: string[];
  /** Bytes of the file, and of its first line. */
  written: number;
  head: number;
  closed: boolean;
}

/**
 * Writes down what is edited and what was offered, one file for each document and opening. It is told of documents that are
 * followed alone, and of their masked texts. Events are kept for half a second at most before they are written.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #open = new Map<string, OpenRecording>();
  /** Those that nothing more comes for, until they are written. */
  #ended: OpenRecording[] = [];
  /** Which document an offer is for. */
  readonly #offers = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #sincePruned = Number.POSITIVE_INFINITY;
  #failed = false;
  /** Recordings begun so far. */
  #begun = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  opened(uri: string, document: RecordedDocument): void {
    // It may be saved under a name that is kept out.
    if (this.#failed || /^untitled:/i.test(uri)) return;
    this.#end(uri);
    const recording = {
      document,
      file: '',
      earlier: [],
      current: document,
      pending: [],
      written: 0,
      head: 0,
      closed: false,
    };
    this.#begin(recording);
    this.#open.set(uri, recording);
    this.#schedule();
  }

  /** `edits` are those of the real text, each of the text after the edits before it; `now` is the masked text after them. */
  changed(uri: string, edits: readonly OffsetEdit[], now: RecordedText): void {
    const recording = this.#open.get(uri);
    if (!recording) return;
    if (recording.written > recording.head + maxFileBytes) {
      this.#leave(recording);
      recording.earlier.push(recording.file);
      this.#begin(recording);
    }
    const before = recording.current;
    recording.current = now;
    const { text } = now;
    const [only] = edits;
    const edit =
      only && edits.length === 1
        ? { ...only, newText: text.slice(only.start, only.start + only.newText.length) }
        : narrowEdit(before.text, { start: 0, end: before.text.length, newText: text });
    const masks = before.hasSecrets || now.hasSecrets;
    if (
      masks &&
      (edits.length > 1 || before.text.slice(0, edit.start) + edit.newText + before.text.slice(edit.end) !== text)
    ) {
      // What was recorded turns out to have been a part of a secret, or a mask is another one now.
      this.#discard(recording);
      this.#begin(recording);
    } else
      this.#add(recording, { kind: 'change', at: this.#options.now(), edit: [edit.start, edit.end, edit.newText] });
    this.#schedule();
  }

  closed(uri: string): void {
    const recording = this.#open.get(uri);
    if (recording) recording.closed = true;
  }

  /** The document will not return under another name. */
  departed(uri: string): void {
    if (this.#open.get(uri)?.closed) this.#end(uri);
  }

  /** Nothing of the document may be kept. */
  forgotten(uri: string): void {
    const recording = this.#open.get(uri);
    if (!recording) return;
    this.#open.delete(uri);
    this.#discard(recording);
  }

  offered(uri: string, via: OfferChannel, id: string, edits: readonly OffsetEdit[]): void {
    const recording = this.#open.get(uri);
    if (!recording || this.#offers.has(id)) return;
    this.#offers.set(id, uri);
    const [oldest] = this.#offers.keys();
    if (this.#offers.size > 1024 && oldest !== undefined) this.#offers.delete(oldest);
    const triples = edits.map(({ start, end, newText }): [number, number, string] => [
      start,
      end,
      maskSecrets(newText),
    ]);
    this.#add(recording, { kind: 'offer', at: this.#options.now(), id, via, edits: triples });
    this.#schedule();
  }

  answered(id: string, answer: 'shown' | 'accepted' | 'rejected'): void {
    const recording = this.#open.get(this.#offers.get(id) ?? '');
    if (!recording) return;
    this.#add(recording, { kind: answer, at: this.#options.now(), id });
    this.#schedule();
  }

  /** Writes all that waits. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write()).catch((error: unknown) => this.#fail(error));
    return this.#writing;
  }

  #begin(recording: OpenRecording): void {
    const { document, current } = recording;
    const at = this.#options.now();
    // Names sort by age, also those of one millisecond.
    const order = String(this.#begun++).padStart(6, '0');
    const time = new Date(at).toISOString().replaceAll(/[:.]/g, '-');
    const name = `${time}-${order}-${randomBytes(6).toString('hex')}${recordSuffix}`;
    recording.file = path.join(this.#options.folder, name);
    recording.pending = [];
    recording.written = 0;
    this.#schedule();
    const { path: place, languageId: language } = document;
    this.#add(recording, { kind: 'session', version: recordVersion, at, path: place, language, text: current.text });
    recording.head = Buffer.byteLength(recording.pending[0] ?? '');
  }

  #end(uri: string): void {
    const recording = this.#open.get(uri);
    this.#open.delete(uri);
    if (recording) this.#leave(recording);
  }

  /** Has the file as it is written to its end. */
  #leave(recording: OpenRecording): void {
    if (recording.pending.length > 0) this.#ended.push({ ...recording, closed: true });
  }

  #add(recording: OpenRecording, event: RecordedEvent): void {
    recording.pending.push(`${JSON.stringify(event)}\n`);
  }

  #discard(recording: OpenRecording): void {
    const files = [...recording.earlier, recording.file];
    recording.pending = [];
    recording.earlier = [];
    this.#ended = this.#ended.filter(({ file }) => !files.includes(file));
    const remove = async () => {
      for (const file of files) await rm(file, { force: true });
    };
    this.#writing = this.#writing.then(remove).catch((error: unknown) => this.#fail(error));
  }

  #schedule(): void {
    if (this.#failed || this.#timer) return;
    this.#timer = setTimeout(() => void this.flush(), flushMs);
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const ended = this.#ended;
    this.#ended = [];
    for (const recording of [...ended, ...this.#open.values()]) {
      if (recording.pending.length === 0) continue;
      const bytes = Buffer.from(recording.pending.join(''));
      const { file, written } = recording;
      recording.pending = [];
      recording.written += bytes.length;
      await this.#makeRoom(bytes.length);
      if (!(await append(file, bytes, written === 0)) && recording.file === file && !recording.closed) {
        // Somebody has cleared the folder: what comes is recorded from here on.
        this.#begin(recording);
      }
    }
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { folder, maxBytes } = this.#options;
    this.#sincePruned += bytes;
    if (this.#sincePruned < pruneEvery) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await pruneRecords(folder, Math.max(0, maxBytes - bytes - pruneEvery));
    this.#sincePruned = 0;
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#open.clear();
    this.#options.onFailure(error);
  }
}

/** Appends to a file that is there, or makes it. False where it is no longer there. */
async function append(file: string, bytes: Uint8Array, isNew: boolean): Promise<boolean> {
  try {
    if (isNew) await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL } = constants;
    const handle = await open(file, O_WRONLY | O_APPEND | (isNew ? O_CREAT | O_EXCL : 0), 0o600);
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (!isNew && error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
