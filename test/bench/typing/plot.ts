import { type Group, kinds } from './report.ts';
import type { Quartiles } from './statistics.ts';

const left = 170;
const panel = 250;
const gap = 60;
const bar = 16;
const step = 22;
const colours = ['#1f77b4', '#aec7e8', '#ff7f0e', '#ffbb78', '#2ca02c', '#98df8a'];

/** Medians as bars, quartiles as whiskers: seconds to the first hunk on the left, processor seconds on the right. An SVG file. */
export function plot(groups: readonly Group[], title: string): string {
  const variants = [...new Set(groups.map(({ variant }) => variant))];
  const shown = kinds.filter((kind) => groups.some((group) => group.kind === kind));
  const panels = [
    { name: 'seconds to the first hunk', of: ({ ms }: Group) => scaled(ms, 1 / 1000) },
    { name: 'processor seconds', of: ({ cpu }: Group) => cpu },
  ];
  const width = left + panels.length * (panel + gap);
  let y = 58;
  const parts: string[] = [text(12, 22, title, 'class="title"')];
  panels.forEach(({ name }, i) => {
    parts.push(text(left + i * (panel + gap), 44, name));
  });
  const most = panels.map(({ of }) => Math.max(...groups.map((group) => of(group).q3), 1e-9));
  for (const kind of shown) {
    parts.push(text(12, y + bar - 4, kind, 'class="kind"'));
    for (const group of groups.filter((one) => one.kind === kind)) {
      parts.push(text(left - 8, y + bar - 4, group.variant, 'text-anchor="end"'));
      const colour = colours[variants.indexOf(group.variant) % colours.length];
      panels.forEach(({ of }, i) => {
        const scale = panel / (most[i] ?? 1);
        parts.push(...bars(of(group), left + i * (panel + gap), y, scale, colour ?? ''));
      });
      y += step;
    }
    y += step / 2;
  }
  const style =
    'text { font: 12px sans-serif; fill: #24292f } .title, .kind { font-weight: bold } line { stroke: #57606a } @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } line { stroke: #9198a1 } }';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img">
<title>${escaped(title)}</title>
<style>${style}</style>
${parts.join('\n')}
</svg>
`;
}

function bars({ q1, median, q3 }: Quartiles, x: number, y: number, scale: number, colour: string): string[] {
  const at = (value: number) => (x + value * scale).toFixed(1);
  const middle = y + bar / 2;
  return [
    `<rect x="${x}" y="${y}" width="${(median * scale).toFixed(1)}" height="${bar}" fill="${colour}"/>`,
    `<line x1="${at(q1)}" y1="${middle}" x2="${at(q3)}" y2="${middle}"/>`,
    text(Number(at(Math.max(median, q3))) + 6, y + bar - 4, median.toFixed(2)),
  ];
}

function scaled({ q1, median, q3 }: Quartiles, by: number): Quartiles {
  return { q1: q1 * by, median: median * by, q3: q3 * by };
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
