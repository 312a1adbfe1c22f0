import * as v from 'valibot';

/** The allowed values: the schema, and its description in messages and in README's table. */
interface Kind<T extends v.GenericSchema> {
  readonly schema: T;
  /** Continues a sentence after "expected". */
  readonly expected: string;
  /** All allowed values, if they can be listed. */
  readonly alternatives?: readonly unknown[];
}

export const flag = { schema: v.boolean(), expected: 'true or false', alternatives: [true, false] };
export const string = { schema: v.string(), expected: 'a string' };
export const strings = { schema: v.array(v.string()), expected: 'a list of strings' };
export const wholeNumber = (min: number, max: number) => ({
  schema: v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max)),
  expected: `a whole number, ${min} to ${max}`,
});
export const number = (min: number, max: number) => ({
  schema: v.pipe(v.number(), v.minValue(min), v.maxValue(max)),
  expected: `a number, ${min} to ${max}`,
});
/** What `kind` allows, or that it be chosen for the user. */
export const autoOr = <T extends v.GenericSchema>({ schema, expected }: Kind<T>) => ({
  schema: v.union([v.literal('auto'), schema]),
  expected: `${expected}, or "auto"`,
});
/** `aliases` are accepted too, each for the value given. */
export const oneOf = <const T extends readonly string[]>(
  alternatives: T,
  aliases: ReadonlyMap<string, T[number]> = new Map(),
) => ({
  schema: v.pipe(
    v.string(),
    v.transform((value) => aliases.get(value) ?? value),
    v.picklist(alternatives),
  ),
  expected: `one of ${alternatives.map((value) => JSON.stringify(value)).join(', ')}`,
  alternatives,
});

/** A setting with its default, and its description in README. */
export const setting = <T extends v.GenericSchema>(
  { schema, expected, alternatives }: Kind<T>,
  fallback: v.InferInput<T>,
  description: string,
) => v.pipe(v.optional(schema, fallback), v.description(description), v.metadata({ expected, alternatives }));

/** Settings by their dotted names. */
export type SettingSchemas = Readonly<Record<string, ReturnType<typeof setting<v.GenericSchema>>>>;
