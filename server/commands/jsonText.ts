import { printableText } from '../../shared/printable.ts';

/** A value as JSON for standard output. What JSON allows in strings and would steer a terminal is escaped: the value is the same. */
export function jsonText(value: unknown, indent: number | undefined = 2): string {
  return `${printableText(JSON.stringify(value, undefined, indent))}\n`;
}
