import { printable } from '../../../shared/printable.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { formatBytes } from '../../models/store/files.ts';

/** Bytes of a model's files. */
export function sizeOnDisk({ files }: ModelManifest): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** e.g. `1.5 B`; 0 is not known. */
export function formatParameters(count: number): string {
  if (count === 0) return 'unknown';
  if (count >= 999_500_000) return `${(count / 1e9).toPrecision(2)} B`;
  return count >= 999_500 ? `${Math.round(count / 1e6)} M` : `${Math.round(count / 1e3)} k`;
}

/** A model in a few words, for the end of an import and for lists. */
export function summary(manifest: ModelManifest): string {
  const { architecture, parameters, precision, promptFormat } = manifest;
  const size = parameters === 0 ? '' : `${formatParameters(parameters)} parameters, `;
  return `${printable(architecture)}, ${size}${precision}, ${formatBytes(sizeOnDisk(manifest))}, prompt format ${promptFormat}`;
}

/** Rows of words as aligned columns, the last one unpadded. */
export function columnsOf(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ')}\n`)
    .join('');
}
