import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderAsPaper } from '../../../server/eval/apeval/asPaper.ts';
import { readApeval } from '../../../server/eval/apeval/dataset.ts';
import type { RenderedPrompt } from '../../../shared/conversation/format.ts';
import type { PromptFormatName } from '../../../shared/conversation/formats.ts';
import { promptText } from '../../../shared/conversation/prompt.ts';
import { evalData } from './data.ts';

interface Render {
  readonly format: PromptFormatName;
  readonly targetArea: boolean;
  readonly window?: number;
  readonly messages: string;
  readonly prompts?: string;
  /** Four characters for each task. */
  readonly tasks: string;
}

/** Hashes of what the authors' own code renders; see scripts/verify/apeval_renders.py. */
const renders: readonly Render[] = JSON.parse(readFileSync(new URL('./renders.json', import.meta.url), 'utf8'));
const data = evalData();
const digest = (texts: readonly string[]) => createHash('sha256').update(texts.join('\0')).digest('hex');

function textsOf({ messages, prompt = [] }: RenderedPrompt): string[] {
  return messages?.flatMap(({ role, content }) => [role, promptText(content)]) ?? [promptText(prompt)];
}

describe.skipIf(!data)('all tasks of APEval (needs apeval.json)', () => {
  it.each(renders)(
    'are rendered as the authors do: $format, target area $targetArea, window $window',
    async (render) => {
      const tasks = await readApeval(data?.dataset ?? '', data?.problems ?? '');
      const rendered = tasks.map((task) => renderAsPaper(task, render));
      const differing = tasks.filter((_, i) => {
        const texts = textsOf(rendered[i] ?? { prompt: [], answerPrefix: '', stop: [] });
        return digest(texts).slice(0, 4) !== render.tasks.slice(4 * i, 4 * i + 4);
      });
      expect(differing.map(({ id }) => id)).toEqual([]);
      expect(tasks).toHaveLength(164);
      expect(digest(rendered.flatMap(textsOf))).toBe(render.messages);
      const { prompts } = render;
      if (prompts) expect(digest(rendered.map(({ prompt = [] }) => promptText(prompt)))).toBe(prompts);
    },
  );
});
