/** The confidence below which the pattern engine stays silent unless told otherwise; scripts/ranker/README.md says how it is chosen. */
export const defaultMinConfidence = 0.3;
