/** The default minimum confidence of the pattern engine's edits; scripts/ranker/README.md says how it is chosen. */
export const defaultMinConfidence = 0.3;
