/** The rows of a table with commas between fields, which may be quoted (RFC 4180). Empty rows are left out. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|\r|$)/y;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (!match) {
      // A quote that is never closed: the rest of the line is what it is.
      const end = text.indexOf('\n', field.lastIndex);
      field.lastIndex = end < 0 ? text.length : end + 1;
      row = [];
      continue;
    }
    const [, quoted, plain = '', end = ''] = match;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') {
      if (field.lastIndex === text.length) row.push('');
      else continue;
    }
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    if (end === '' && field.lastIndex >= text.length) break;
  }
  return rows;
}
