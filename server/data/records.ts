import * as v from 'valibot';
import { promptFormatNames } from '../../shared/conversation/formats.ts';

/** Raised when the meaning of a field changes; a reader refuses records of another version. docs/data.md has the schema. */
export const schemaVersion = 1;

export const sources = ['git', 'judge', 'programmer', 'sessions', 'cases'] as const;
/** S-H-C-U-A without S and A: what the model is given besides the current code (arXiv 2410.07002, section 2). */
export const sampleTypes = ['C', 'H,C', 'C,U', 'H,C,U'] as const;
export type SampleType = (typeof sampleTypes)[number];

const aString = v.string('must be a string');
const natural = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(0, 'must not be negative'),
);
const head = { version: v.literal(schemaVersion, `must be ${schemaVersion}`), id: aString };
const about = {
  source: v.picklist(sources, `must be one of ${sources.join(', ')}`),
  /** LSP language identifier; empty where it is not known. */
  language: aString,
  path: aString,
  /** SPDX identifiers, separated by commas; `unknown` where none could be told. */
  licence: aString,
};

const processSchema = v.object(
  {
    kind: v.literal('process', 'must be "process"'),
    ...head,
    ...about,
    /** The texts in time order, two at least, neighbours different, `\n` between lines. */
    snippets: v.pipe(v.array(aString, 'must be a list of strings'), v.minLength(2, 'must hold two texts at least')),
    /** What the programmer said of the whole: a commit's subject, or the statement of a problem. */
    message: v.exactOptional(aString),
    /** How many secrets were hidden in it. */
    masked: natural,
  },
  'must be an object',
);
/** A programming process: how a text came to be what it is. */
export type Process = v.InferOutput<typeof processSchema>;

const target = v.variant('kind', [
  v.object({ kind: v.literal('cursor'), offset: natural, placed: v.picklist(['change', 'near', 'anywhere']) }),
  v.object({
    kind: v.literal('selection'),
    start: natural,
    end: natural,
    placed: v.picklist(['change', 'near', 'anywhere']),
  }),
]);
export type SampleTarget = v.InferOutput<typeof target>;

const segment = v.object({
  /** Lines `start` to `end` of `current`, half-open from 0, that become others on the way to the process's last text. */
  start: natural,
  end: natural,
  kept: v.boolean(),
  why: aString,
});

const sampleSchema = v.object(
  {
    kind: v.literal('sample', 'must be "sample"'),
    ...head,
    ...about,
    process: aString,
    type: v.picklist(sampleTypes),
    /** H, oldest first; C; and what C is to become. */
    history: v.array(aString),
    current: aString,
    target: v.nullable(target),
    /** Changes made in other documents before, oldest first. */
    related: v.optional(v.array(v.object({ path: aString, languageId: aString, before: aString, after: aString }))),
    /** U; null in types without it. */
    instruction: v.nullable(aString),
    next: aString,
    /** What the assistant says behind its change; null where nobody wrote it. */
    chat: v.nullable(aString),
    /** The time point of C: how many texts of the decomposed process came before, of how many. */
    time: natural,
    times: natural,
    /** Whether steps of several segments were taken apart in random order. */
    decomposed: v.boolean(),
    /** The segments of M as they were judged; null where an instruction asks for all of M. */
    segments: v.nullable(v.array(segment)),
    /** Who did what an LLM does in the paper: `rules`, `message`, `none`, or `llm:` and its name. */
    by: v.object({ judge: aString, instruction: aString, chat: aString }),
    /** The LLM that was configured; null where none was. */
    llm: v.nullable(aString),
  },
  'must be an object',
);
/** One moment of a process, with what should come next. */
export type Sample = v.InferOutput<typeof sampleSchema>;

/** The fields of a sample that nobody drew, judged or wrote anything for: what should come next was known. */
export const unjudged = {
  instruction: null,
  chat: null,
  decomposed: false,
  segments: null,
  by: { judge: 'none', instruction: 'none', chat: 'none' },
  llm: null,
} as const satisfies Partial<Sample>;

/** A piece of a prompt: text, which never becomes a control token, or a control token. */
const part = v.union([v.object({ text: aString }), v.object({ control: aString })]);
const parts = v.array(part);

const pairSchema = v.object(
  {
    kind: v.literal('pair', 'must be "pair"'),
    ...head,
    ...about,
    sample: aString,
    type: v.picklist(sampleTypes),
    format: v.picklist(promptFormatNames),
    /** The whole prompt, or null where the model's own chat template makes it of `messages`. */
    prompt: v.nullable(parts),
    messages: v.nullable(v.array(v.object({ role: aString, content: parts }))),
    /** What the model is to write behind the prompt; the loss is on this alone. */
    answer: parts,
    /** Whether the right answer changes nothing. */
    silence: v.boolean(),
    /** The answer that is to become less likely than `answer`, where the pair is made of a preference. */
    rejected: v.exactOptional(parts),
  },
  'must be an object',
);
/** A training example: a prompt as it is served, and the answer wanted. */
export type Pair = v.InferOutput<typeof pairSchema>;
export type PairPart = v.InferOutput<typeof part>;

export const preferenceOutcomes = ['accepted', 'typed', 'rejected', 'undone', 'ignored'] as const;

const preferenceSchema = v.object(
  {
    kind: v.literal('preference', 'must be "preference"'),
    ...head,
    ...about,
    /** H, oldest first, and C when the offer was made. */
    history: v.array(aString),
    current: aString,
    /** Where the programmer was: behind their last change; null before any. */
    target: v.nullable(target),
    /** What C became or should have become, and what it should rather not become. */
    chosen: aString,
    rejected: aString,
    /** What became of the offer; `typed`: the programmer wrote the same themselves. */
    outcome: v.picklist(preferenceOutcomes),
    /** How long it stood until the text changed or it was answered, in milliseconds; null where nothing tells that it was seen. */
    shownMs: v.nullable(natural),
    masked: natural,
  },
  'must be an object',
);
/** Two ways to go on from one moment, of which the programmer preferred one. */
export type Preference = v.InferOutput<typeof preferenceSchema>;

const schemas = { process: processSchema, sample: sampleSchema, pair: pairSchema, preference: preferenceSchema };
interface Kinds {
  process: Process;
  sample: Sample;
  pair: Pair;
  preference: Preference;
}
export type RecordKind = keyof Kinds;
export const recordKinds = Object.keys(schemas) as RecordKind[];
export type AnyRecord = Kinds[RecordKind];

/** The record that a JSON value is, or a sentence that says why it is none of that kind. */
export function readRecord<K extends RecordKind>(kind: K, value: unknown): Kinds[K] | string {
  const found = v.safeParse(v.object({ kind: aString, version: v.number() }), value);
  if (!found.success || Array.isArray(value)) return 'it is no record: docs/data.md has the schema';
  if (found.output.kind !== kind) return `it is a ${found.output.kind}, and a ${kind} is wanted`;
  if (found.output.version !== schemaVersion) {
    return `its schema has version ${found.output.version}, and this program reads version ${schemaVersion}: make it again`;
  }
  const result = v.safeParse(schemas[kind], value);
  if (result.success) return result.output as Kinds[K];
  const [issue] = result.issues;
  return `\`${v.getDotPath(issue) ?? kind}\` ${issue.input === undefined ? 'is missing' : issue.message}`;
}
