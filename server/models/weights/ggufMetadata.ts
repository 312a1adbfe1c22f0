import { ModelFileError } from '../weightSource.ts';
import type { Metadata, MetadataValue } from './ggufHeader.ts';

/** Typed access to a GGUF file's metadata; a value of another type than asked for is an error that names the key. */
export class GgufMetadata {
  readonly path: string;
  readonly #values: Metadata;

  constructor(path: string, values: Metadata) {
    this.path = path;
    this.#values = values;
  }

  optionalString(key: string): string | undefined {
    return this.#typed(key, 'a string', (value) => typeof value === 'string');
  }

  optionalNumber(key: string): number | undefined {
    return this.#typed(key, 'a finite number', isFiniteNumber);
  }

  optionalBoolean(key: string): boolean | undefined {
    return this.#typed(key, 'a boolean', (value) => typeof value === 'boolean');
  }

  optionalStrings(key: string): readonly string[] | undefined {
    return this.#typed(key, 'a list of strings', isStrings);
  }

  optionalNumbers(key: string): readonly number[] | undefined {
    return this.#typed(key, 'a list of numbers', isNumbers);
  }

  string(key: string): string {
    return this.#required(key, this.optionalString(key));
  }

  strings(key: string): readonly string[] {
    return this.#required(key, this.optionalStrings(key));
  }

  /** A size or count: a positive integer. */
  size(key: string): number {
    const value = this.#required(key, this.optionalNumber(key));
    if (Number.isSafeInteger(value) && value > 0) return value;
    throw new ModelFileError(`${this.path}: ${key} is ${value}; the file is damaged, download it again.`);
  }

  #required<T>(key: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw new ModelFileError(`${this.path} has no ${key}; convert the model again with a current llama.cpp.`);
  }

  #typed<T extends MetadataValue>(key: string, what: string, is: (value: MetadataValue) => value is T): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined || is(value)) return value;
    throw new ModelFileError(`${this.path}: ${key} is not ${what}; the file is damaged, download it again.`);
  }
}

function isStrings(value: MetadataValue): value is readonly string[] {
  return Array.isArray(value) && (value.length === 0 || typeof value[0] === 'string');
}

function isNumbers(value: MetadataValue): value is readonly number[] {
  return Array.isArray(value) && (value.length === 0 || typeof value[0] === 'number');
}

function isFiniteNumber(value: MetadataValue): value is number {
  return Number.isFinite(value);
}
