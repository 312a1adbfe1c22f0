import type { Architecture } from './architecture.ts';
import { llama } from './architectures/llama.ts';
import { qwen2 } from './architectures/qwen2.ts';
import { qwen3 } from './architectures/qwen3.ts';
import { ModelFileError } from './weightSource.ts';

/** Every architecture that can be imported. A new one is a file and a line here. */
export const architectures: readonly Architecture[] = [qwen3, qwen2, llama];

/** @throws ModelFileError for an unsupported architecture. */
export function architectureOf(name: string): Architecture {
  const architecture = architectures.find((candidate) => candidate.name === name);
  if (architecture) return architecture;
  throw new ModelFileError(
    `the architecture ${name} is not supported; choose a model of ${architecturesInWords(({ name }) => name)}`,
  );
}

/** The supported ones in words, e.g. `Qwen2 or Llama`, each by what `nameOf` gives. */
export function architecturesInWords(nameOf: (architecture: Architecture) => string = ({ family }) => family): string {
  const names = architectures.map(nameOf);
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' or ');
}
