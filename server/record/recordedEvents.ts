import * as v from 'valibot';
import { offerChannels } from '../prediction/offers.ts';

/** Raised when the meaning of a field changes; recordings of another version are left out. */
export const recordVersion = 1;

const offset = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Start, end and new text, in UTF-16 code units of the text that the event finds. */
const edit = v.tuple([offset, offset, v.string()]);
const at = v.number();
const id = v.string();

const eventSchema = v.variant('kind', [
  v.object({
    kind: v.literal('session'),
    version: v.literal(recordVersion),
    at,
    path: v.string(),
    language: v.string(),
    text: v.string(),
  }),
  v.object({ kind: v.literal('change'), at, edit }),
  v.object({ kind: v.literal('offer'), at, id, via: v.picklist(offerChannels), edits: v.array(edit) }),
  v.object({ kind: v.literal('shown'), at, id }),
  v.object({ kind: v.literal('accepted'), at, id }),
  v.object({ kind: v.literal('rejected'), at, id }),
]);

/** A line of a recording. The first is the session; times are milliseconds since 1970, all texts have their secrets masked. */
export type RecordedEvent = v.InferOutput<typeof eventSchema>;

export interface RecordedSession {
  readonly start: Extract<RecordedEvent, { kind: 'session' }>;
  readonly events: readonly RecordedEvent[];
}

/** The session in a recording's text, as far as it can be read: a server that was killed leaves its last line cut off. */
export function readSession(text: string): RecordedSession | undefined {
  const events: RecordedEvent[] = [];
  for (const line of text.split('\n')) {
    const event = line === '' ? undefined : readEvent(line);
    if (!event) break;
    events.push(event);
  }
  const [start, ...rest] = events;
  return start?.kind === 'session' ? { start, events: rest } : undefined;
}

function readEvent(line: string): RecordedEvent | undefined {
  try {
    const result = v.safeParse(eventSchema, JSON.parse(line));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
