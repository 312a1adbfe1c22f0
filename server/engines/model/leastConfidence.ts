import type { PromptFormat } from '../../../shared/conversation/format.ts';

/** The confidence below which an edit is not shown, by the setting `minConfidence` of an engine that asks a model. */
export function leastConfidence(wanted: number | 'auto', { minConfidence = 0.3 }: PromptFormat): number {
  return wanted === 'auto' ? minConfidence : wanted;
}
