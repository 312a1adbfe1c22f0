/** A model's Pass@1 on APEval in per cent, base tests, greedy (arXiv 2410.07002, table of the main results). */
export interface PaperRow {
  readonly model: string;
  /** C · H,C · C,U · H,C,U, and over all tasks. */
  readonly base: readonly [number, number, number, number, number];
  /** The same with EvalPlus's extra tests. */
  readonly plus: readonly [number, number, number, number, number];
}

const row = (model: string, ...cells: number[]): PaperRow => {
  const [a = 0, a2 = 0, b = 0, b2 = 0, c = 0, c2 = 0, d = 0, d2 = 0, e = 0, e2 = 0] = cells;
  return { model, base: [a, b, c, d, e], plus: [a2, b2, c2, d2, e2] };
};

/** As the authors' `pictures/APEval.png` prints them: base, then extra, for each type and the average. */
export const paperRows: readonly PaperRow[] = [
  row('GPT-4o-Mini', 17.1, 17.1, 36.6, 31.7, 78.0, 70.7, 53.7, 43.9, 46.3, 40.9),
  row('GPT-4o', 68.3, 63.4, 61.0, 56.1, 75.6, 75.6, 56.1, 53.7, 65.2, 62.2),
  row('Llama-3.1-8B', 12.2, 12.2, 17.1, 14.6, 19.5, 19.5, 22.0, 17.1, 17.7, 15.9),
  row('Llama-3.1-8B-Instruct', 24.4, 24.4, 31.7, 29.3, 53.7, 51.2, 39.0, 34.1, 37.2, 34.8),
  row('DeepSeek-Coder-6.7B-Base', 29.3, 24.4, 26.8, 22.0, 41.5, 31.7, 22.0, 19.5, 29.9, 24.4),
  row('DeepSeek-Coder-6.7B-Instruct', 56.1, 53.7, 41.5, 36.6, 70.7, 61.0, 34.1, 29.3, 50.6, 45.1),
  row('Yi-Coder-9B', 29.3, 26.8, 26.8, 22.0, 17.1, 17.1, 29.3, 26.8, 25.6, 23.2),
  row('Yi-Coder-9B-Chat', 56.1, 51.2, 39.0, 36.6, 73.2, 70.7, 36.6, 36.6, 51.2, 48.8),
  row('Qwen2.5-Coder-7B', 56.1, 53.7, 41.5, 36.6, 65.9, 56.1, 31.7, 29.3, 48.8, 43.9),
  row('Qwen2.5-Coder-7B-Instruct', 22.0, 19.5, 46.3, 39.0, 75.6, 65.9, 41.5, 39.0, 46.3, 40.9),
  row('CursorCore-DS-6.7B', 68.3, 63.4, 41.5, 39.0, 68.3, 63.4, 36.6, 31.7, 53.7, 49.4),
  row('CursorCore-Yi-9B', 53.7, 53.7, 46.3, 43.9, 75.6, 68.3, 43.9, 36.6, 54.9, 50.6),
  row('CursorCore-QW2.5-7B', 65.9, 61.0, 41.5, 39.0, 65.9, 63.4, 48.8, 43.9, 55.5, 51.8),
  row('Llama-3.2-1B', 0.0, 0.0, 14.6, 12.2, 2.4, 4.9, 14.6, 12.2, 7.9, 7.3),
  row('Llama-3.2-1B-Instruct', 7.3, 7.3, 14.6, 14.6, 19.5, 19.5, 22.0, 19.5, 15.9, 15.2),
  row('Llama-3.2-3B', 14.6, 14.6, 12.2, 9.8, 26.8, 19.5, 22.0, 17.1, 18.9, 15.2),
  row('Llama-3.2-3B-Instruct', 14.6, 14.6, 22.0, 19.5, 29.3, 26.8, 34.1, 31.7, 25.0, 23.2),
  row('DeepSeek-Coder-1.3B-Base', 0.0, 0.0, 12.2, 12.2, 17.1, 12.2, 19.5, 14.6, 12.2, 9.8),
  row('DeepSeek-Coder-1.3B-Instruct', 39.9, 36.6, 39.0, 36.6, 39.0, 29.3, 34.1, 34.1, 37.8, 34.1),
  row('Yi-Coder-1.5B', 2.4, 0.0, 2.4, 2.4, 14.6, 14.6, 12.2, 7.3, 7.9, 6.1),
  row('Yi-Coder-1.5B-Chat', 31.7, 31.7, 4.9, 4.9, 51.2, 41.5, 26.8, 22.0, 28.7, 25.0),
  row('Qwen2.5-Coder-1.5B', 43.9, 36.6, 26.8, 26.8, 51.2, 41.5, 36.6, 34.1, 39.6, 34.8),
  row('Qwen2.5-Coder-1.5B-Instruct', 14.6, 14.6, 17.1, 14.6, 43.9, 34.1, 31.7, 29.3, 26.8, 23.2),
  row('CursorCore-DS-1.3B', 36.6, 31.7, 39.0, 31.7, 53.7, 46.3, 26.8, 22.0, 39.0, 32.9),
  row('CursorCore-Yi-1.5B', 46.3, 39.0, 34.1, 29.3, 68.3, 58.5, 36.6, 34.1, 46.3, 40.2),
  row('CursorCore-QW2.5-1.5B', 46.3, 43.9, 48.8, 43.9, 65.9, 61.0, 39.0, 36.6, 50.0, 46.3),
];

/** The row of a model by its name or by where it came from; the longest name that is part of one, punctuation and case aside. */
export function paperRowOf(names: readonly string[]): PaperRow | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return paperRows
    .filter(({ model }) => names.some((name) => plain(name).includes(plain(model))))
    .sort((a, b) => b.model.length - a.model.length)[0];
}
