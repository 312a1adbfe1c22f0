/**
 * What is wrong with a rope scaling that cannot be run, and what to do.
 * @param kind as config.json or the GGUF file names it
 * @param original tokens that the model was trained on before it was stretched, where that is told
 */
export function unsupportedRopeScaling(kind: unknown, original?: number): string {
  const name = JSON.stringify(kind);
  const within = original === undefined ? 'within the context it was trained on' : `up to ${original} tokens`;
  switch (kind) {
    case 'yarn':
      return `rope scaling of kind ${name} cannot be run, and the model needs none ${within}: take its safetensors, remove rope_scaling (or rope_parameters) from config.json, and install that folder with \`cursorcore-lsp model import\``;
    case 'longrope':
    case 'su':
      return `rope scaling of kind ${name} cannot be run; take the release of the model for short contexts (often named 4k or 8k), or another model`;
    default:
      return `rope scaling of kind ${name} cannot be run; take a model with none, or with linear, dynamic or llama3`;
  }
}
