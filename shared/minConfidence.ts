/** The confidence below which the pattern engine stays silent unless told otherwise; scripts/ranker/threshold.py finds it. */
export const defaultMinConfidence = 0.25;
