import { AbstractMessageReader, type DataCallback, type Disposable, type Message } from 'vscode-languageserver';
import { ValueCount } from './valueCount.ts';

/** Why a message could not be read. Never contains the message's content: it may include a user's text. */
export type Malformed =
  | { readonly kind: 'header'; readonly detail: string }
  | { readonly kind: 'body'; readonly detail: string };

export interface MessageReaderOptions {
  /** Whether a parsed message may be passed on. */
  readonly admit: (message: unknown) => boolean;
  readonly onMalformed: (malformed: Malformed) => void;
}

const headerEnd = Buffer.from('\r\n\r\n');
const headerName = 'content-length:';
/** A header section longer than this is noise, not a header. */
const maxHeaderBytes = 4096;
/** V8 cannot hold a much longer string; a message of this size is skipped without being stored. */
export const maxBodyBytes = 256 * 1024 * 1024;
/** A body of fewer bytes is read without counting its values. */
const countedBytes = 1024 * 1024;
/** A change in a hundred thousand places has half as many values (objects, arrays and what follows a comma). */
const maxValues = 2_000_000;

/** A body that is arriving. */
interface Body {
  readonly length: number;
  /** Whether it is to be discarded. */
  readonly skip: boolean;
  /** The count of a large body's values as it arrives. */
  readonly values: ValueCount | undefined;
  /** Counted bytes, and the number of counted chunks. */
  readonly counted: { bytes: number; chunks: number };
}

/**
 * Reads LSP's base protocol (3.18, "Base Protocol": `Content-Length` header, JSON body) from a byte stream, and
 * continues after malformed input: a bad body is skipped by its length, a bad header by searching for the next
 * `Content-Length`. vscode-jsonrpc's own reader stops at the first bad header.
 */
export class ResilientMessageReader extends AbstractMessageReader {
  readonly #stream: NodeJS.ReadableStream;
  readonly #options: MessageReaderOptions;
  #callback: DataCallback = () => {};
  #chunks: Buffer[] = [];
  #size = 0;
  #body: Body | undefined;
  /** Whether bytes outside any header are being discarded, which has been reported. */
  #lost = false;

  constructor(stream: NodeJS.ReadableStream, options: MessageReaderOptions) {
    super();
    this.#stream = stream;
    this.#options = options;
  }

  override listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    const onData = (data: Buffer | string) => this.#receive(typeof data === 'string' ? Buffer.from(data) : data);
    const onEnd = () => this.fireClose();
    const onError = (error: Error) => this.fireError(error);
    this.#stream.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
    return {
      dispose: () => {
        this.#stream.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
      },
    };
  }

  #receive(data: Buffer): void {
    this.#chunks.push(data);
    this.#size += data.length;
    while (this.#body ? this.#readBody(this.#body) : this.#readHeader()) {
      // Each iteration consumes a header or a body.
    }
  }

  /**
   * Joins the chunks that have arrived; called only when they may contain a whole message, so that a long body is
   * joined once.
   */
  #joined(): Buffer {
    const [first] = this.#chunks;
    const buffer = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#chunks = [buffer];
    return buffer;
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
  }

  #readHeader(): boolean {
    if (this.#size === 0) return false;
    const buffer = this.#joined();
    const end = buffer.indexOf(headerEnd);
    // A header cannot begin farther before its end than the maximum header length.
    const from = (end === -1 ? buffer.length : end) - maxHeaderBytes;
    if (from > 0) return this.#resync(buffer, from, 'too long');
    if (end === -1) return false;

    const header = buffer.toString('latin1', 0, end);
    const bytes = contentLength(header);
    if (bytes === undefined) return this.#resync(buffer, 1, 'no Content-Length where a header should be');
    this.#lost = false;
    this.#keep(buffer.subarray(end + headerEnd.length));
    const skip = bytes > maxBodyBytes;
    if (skip) this.#options.onMalformed({ kind: 'body', detail: `${bytes} bytes are more than a message may have` });
    this.#body = bodyOf(bytes, skip);
    return true;
  }

  /** Discards bytes up to the next possible header at or behind `from`; keeps a tail that may be the start of one. */
  #resync(buffer: Buffer, from: number, detail: string): boolean {
    if (!this.#lost) this.#options.onMalformed({ kind: 'header', detail });
    this.#lost = true;
    const next = headerStart(buffer, from);
    this.#keep(buffer.subarray(next ?? Math.max(from, buffer.length - headerName.length)));
    return next !== undefined;
  }

  #readBody(body: Body): boolean {
    const { length, skip } = body;
    if (!skip && this.#hasTooMuch(body)) {
      this.#options.onMalformed({ kind: 'body', detail: `${length} bytes hold more values than a message may have` });
      this.#body = bodyOf(length, true);
      return true;
    }
    if (skip) {
      const taken = Math.min(this.#size, length);
      this.#keep(this.#joined().subarray(taken));
      this.#body = taken < length ? bodyOf(length - taken, true) : undefined;
      return taken === length;
    }
    if (this.#size < length) return false;
    const buffer = length === 0 ? Buffer.alloc(0) : this.#joined();
    if (length > 0) this.#keep(buffer.subarray(length));
    this.#body = undefined;
    this.#deliver(buffer.subarray(0, length));
    return true;
  }

  /** Whether the received part of a large body would take more memory than any message needs. */
  #hasTooMuch({ length, values, counted }: Body): boolean {
    if (!values) return false;
    for (const chunk of this.#chunks.slice(counted.chunks)) {
      const part = chunk.subarray(0, length - counted.bytes);
      values.add(part);
      counted.bytes += part.length;
      counted.chunks++;
      if (values.count > maxValues) return true;
    }
    return false;
  }

  #deliver(body: Buffer): void {
    let message: Message;
    try {
      message = JSON.parse(body.toString('utf8'));
    } catch {
      this.#options.onMalformed({ kind: 'body', detail: `${body.length} bytes are not JSON` });
      return;
    }
    try {
      if (this.#options.admit(message)) this.#callback(message);
    } catch (error) {
      this.fireError(error);
    }
  }
}

function bodyOf(length: number, skip: boolean): Body {
  const values = skip || length < countedBytes ? undefined : new ValueCount();
  return { length, skip, values, counted: { bytes: 0, chunks: 0 } };
}

/**
 * Where the next header may begin, at or behind `from`. Searches no farther than necessary, because noise has many
 * possible beginnings.
 */
function headerStart(buffer: Buffer, from: number): number | undefined {
  for (let at = from; at < buffer.length; at += maxHeaderBytes) {
    const found = buffer
      .toString('latin1', at, at + maxHeaderBytes + headerName.length)
      .toLowerCase()
      .indexOf(headerName);
    if (found !== -1) return at + found;
  }
  return undefined;
}

/** The body's length in bytes, or undefined where `header` is not a header section. */
function contentLength(header: string): number | undefined {
  let length: number | undefined;
  for (const line of header.split('\r\n')) {
    const [, name, value] = /^([A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    if (name.toLowerCase() !== 'content-length') continue;
    if (!/^\d{1,15}$/.test(value)) return undefined;
    length = Number(value);
  }
  return length;
}
