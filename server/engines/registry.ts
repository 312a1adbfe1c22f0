import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import { type EngineSettings, engineSettingNames } from '../settings/settings.ts';
import type { Engine } from './engine.ts';
import type { EngineEvents } from './engineKind.ts';
import { engineKinds } from './kinds.ts';

export interface EngineChoice {
  /** At least one. The first is asked first; the others if it is silent, or to add to its answer. */
  readonly engines: readonly Engine[];
  /** What the user has to know about the choice, e.g. that the requested engine is not available. */
  readonly notices: readonly string[];
  /** Why the engines are not the requested ones, a sentence. */
  readonly problem?: string;
  /** Whether an engine was not found, so choosing again after installing what it needs may give more engines. */
  readonly isLacking?: boolean;
}

/** Makes the engines that the settings name, or the embedded one with a notice if they are not available. */
export async function createEngines(settings: EngineSettings, events: EngineEvents): Promise<EngineChoice> {
  const [embedded] = engineKinds;
  const wanted = engineKinds.filter((kind) =>
    settings.engine === 'auto' ? (kind.isForAuto?.(settings) ?? true) : settings.engine === kind.name,
  );
  const created = await Promise.all(wanted.map((kind) => kind.create(settings, events)));
  const engines = created.flatMap(({ engine }) => engine ?? []);
  const lacking = created.flatMap((one) => (one.engine ? [] : [one]));
  const isLacking = lacking.length > 0;
  const [first] = lacking.filter(({ isOptional }) => !isOptional || settings.engine !== 'auto');
  if (!first) return { engines, notices: [], isLacking };
  if (engines.length === 0) {
    const { engine } = await embedded.create(settings, events);
    if (engine) engines.push(engine);
  }
  const problem = `${first.problem.charAt(0).toUpperCase()}${first.problem.slice(1)}`;
  return { engines, notices: [`${problem} The ${embedded.name} engine is used instead.`], problem, isLacking };
}

/** Whether both result in the same engines. */
export function isSameChoice(a: EngineSettings, b: EngineSettings): boolean {
  return engineSettingNames.every((name) => a[name] === b[name]);
}

/** The first non-empty prediction of the engines in their order, and its engine. Rejects as `Engine.predict`. */
export async function firstPrediction(
  engines: readonly Engine[],
  conversation: Conversation,
  signal: AbortSignal,
): Promise<{ engine: string; prediction: Prediction }> {
  let engine = '';
  let prediction: Prediction = { edits: [] };
  for (const one of engines) {
    engine = one.name;
    prediction = await one.predict(conversation, signal);
    if (prediction.partial && one.finish) prediction = await one.finish(conversation, signal);
    if (prediction.edits.length > 0 || prediction.chat !== undefined) break;
  }
  return { engine, prediction };
}

/** The end of the name of a setting for an engine's confidence threshold, if it has one. */
const thresholdSuffix = '.minConfidence';

/** The settings by which every engine that has a threshold has this one. */
export function thresholds(least: number): Partial<EngineSettings> {
  const names = engineSettingNames.filter((name) => name.endsWith(thresholdSuffix));
  return Object.fromEntries(names.map((name) => [name, least]));
}
