import type { Figure } from './stats.ts';

const width = 40;

/** A figure as lines of text, its bars as long as their counts are large. */
export function textPlot({ title, bars }: Figure): string {
  const most = Math.max(1, ...bars.map(([, count]) => count));
  const label = Math.max(...bars.map(([name]) => name.length), 0);
  const lines = bars.map(([name, count]) => {
    const length = count === 0 ? 0 : Math.max(1, Math.round((width * count) / most));
    return `  ${name.padStart(label)}  ${'█'.repeat(length)} ${count}`;
  });
  return `${title}\n${lines.join('\n')}\n`;
}

const line = 18;
const [left, right] = [190, 700];

/** All figures in one SVG, below each other. */
export function svgPlot(figures: readonly Figure[]): string {
  let y = 10;
  const parts: string[] = [];
  for (const { title, bars } of figures) {
    y += line * 1.5;
    parts.push(`<text x="10" y="${y}" font-weight="bold">${escaped(title)}</text>`);
    const most = Math.max(1, ...bars.map(([, count]) => count));
    for (const [name, count] of bars) {
      y += line;
      const length = Math.round(((right - left - 70) * count) / most);
      parts.push(
        `<text x="${left - 8}" y="${y}" text-anchor="end">${escaped(name)}</text>`,
        `<rect x="${left}" y="${y - 11}" width="${length}" height="13" fill="#4477aa"/>`,
        `<text x="${left + length + 6}" y="${y}">${count}</text>`,
      );
    }
  }
  const height = y + line;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${right} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${right}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
