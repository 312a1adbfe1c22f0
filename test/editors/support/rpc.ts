import type { Readable, Writable } from 'node:stream';
import { decodeMultiStream, ExtensionCodec, encode } from '@msgpack/msgpack';

/** Neovim's handles (buffer, window, tab page: extension types 0 to 2) as plain numbers. */
const handles = new ExtensionCodec();
for (const type of [0, 1, 2]) {
  handles.register({ type, encode: () => null, decode: (data) => decodeInteger(data) });
}

function decodeInteger(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const first = view.getUint8(0);
  if (first === 0xcc) return view.getUint8(1);
  if (first === 0xcd) return view.getUint16(1);
  if (first === 0xce) return view.getUint32(1);
  return view.getInt8(0);
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** MessagePack-RPC as Neovim speaks it on the standard streams of `nvim --embed`. */
export class Rpc {
  readonly #waiting = new Map<number, Waiting>();
  readonly #output: Writable;
  #next = 0;

  constructor(input: Readable, output: Writable, onNotification: (method: string, args: unknown[]) => void) {
    this.#output = output;
    // A write to an editor that has quit fails; the request that it belongs to is rejected below.
    output.on('error', () => undefined);
    this.#read(input, onNotification).then(
      () => this.#close('the editor has quit'),
      (error: unknown) => this.#close(String(error)),
    );
  }

  async #read(input: Readable, onNotification: (method: string, args: unknown[]) => void): Promise<void> {
    for await (const message of decodeMultiStream(input, { extensionCodec: handles })) {
      if (!Array.isArray(message)) continue;
      const [type, ...rest] = message as [number, ...unknown[]];
      if (type === 1) {
        const [id, error, result] = rest as [number, unknown, unknown];
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (error === null) waiting?.resolve(result);
        else waiting?.reject(new Error(Array.isArray(error) ? String(error[1]) : String(error)));
      } else if (type === 2) {
        const [method, args] = rest as [string, unknown[]];
        onNotification(method, args);
      }
    }
  }

  #close(why: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(why));
    this.#waiting.clear();
  }

  request(method: string, args: readonly unknown[]): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#output.write(encode([0, id, method, args]));
    });
  }
}
