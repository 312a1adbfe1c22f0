/** A minimal shared object, little-endian and of 64 bits, that links `names`; `mentioned` are bytes that are not linked. */
export function sharedObject(names: readonly string[], mentioned = ''): Buffer {
  const page = 0x1000;
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(3, 16); // a shared object
  header.writeUInt16LE(62, 18); // x86-64
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(2, 56);

  const read = Buffer.from(`\0${mentioned}\0`, 'latin1');
  const strings = Buffer.from(`\0${names.map((name) => `${name}\0`).join('')}`, 'latin1');
  const stringsAt = 64 + 2 * 56 + read.length;
  const tableAt = stringsAt + strings.length;
  let at = 1;
  const entries = names.map((name) => {
    const entry = [1, at];
    at += name.length + 1;
    return entry;
  });
  const table = [...entries, [5, page + stringsAt], [10, strings.length], [0, 0]].flat();
  const dynamic = Buffer.alloc(8 * table.length);
  for (const [index, value] of table.entries()) dynamic.writeBigUInt64LE(BigInt(value), 8 * index);

  const end = tableAt + dynamic.length;
  const segment = (type: number, offset: number, length: number) => {
    const bytes = Buffer.alloc(56);
    bytes.writeUInt32LE(type, 0);
    for (const [index, value] of [offset, page + offset, page + offset, length, length, 8].entries()) {
      bytes.writeBigUInt64LE(BigInt(value), 8 + 8 * index);
    }
    return bytes;
  };
  return Buffer.concat([header, segment(1, 0, end), segment(2, tableAt, dynamic.length), read, strings, dynamic]);
}
