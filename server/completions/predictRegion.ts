import type { ServedPrompt } from '../../shared/completions/servedPrompt.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { toHunks } from '../../shared/edits/hunks.ts';
import type { Engine } from '../engines/engine.ts';
import { firstPrediction } from '../engines/registry.ts';
import { outsideMasks } from '../prediction/outsideMasks.ts';
import { withoutSteering } from '../prediction/steering.ts';
import type { Settings } from '../settings/settings.ts';
import { conversationOf } from './conversationOf.ts';

/** What the region of a prompt becomes, and by how many edits of which engine. */
export interface RegionPrediction {
  readonly region: string;
  readonly edits: number;
  readonly engine: string;
}

/**
 * The region with all that is predicted for it; as it is where nothing is. A hunk that goes beyond the region is left out.
 * Rejects as `Engine.predict`.
 */
export async function predictRegion(
  engines: readonly Engine[],
  prompt: ServedPrompt,
  settings: Settings,
  signal: AbortSignal,
): Promise<RegionPrediction> {
  const conversation = conversationOf(prompt, settings);
  const { engine, prediction } = await firstPrediction(engines, conversation, signal);
  signal.throwIfAborted();
  const { before, region, after } = prompt;
  const text = before + region + after;
  const [first, last] = [before.length, before.length + region.length];
  const usable = withoutSteering(text, outsideMasks(conversation, prediction).edits);
  const inside = toHunks(text, usable)
    .map((hunk) => hunk.edits)
    .filter((edits) => edits.every(({ start, end }) => start >= first && end <= last))
    .flat();
  const moved = inside.map((edit) => ({ ...edit, start: edit.start - first, end: edit.end - first }));
  return { region: applyEdits(region, moved), edits: moved.length, engine };
}
