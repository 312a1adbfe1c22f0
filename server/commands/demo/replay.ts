import { applyEdits, sortEdits } from '../../../shared/edits/apply.ts';
import { lineHunks } from '../../../shared/edits/diff.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import { LineIndex } from '../../../shared/positions/lineIndex.ts';
import { EditorClient, type Offered } from '../../client/editorClient.ts';
import { type Channel, locate, type Move, type Session } from './session.ts';

/** What an observer of the session sees, in order. Texts are whole; lines count from 1. */
export type Event =
  | { readonly kind: 'started'; readonly initializeMs: number }
  | {
      readonly kind: 'typed';
      readonly line: number;
      readonly keys: number;
      /** Whether the text was put there at once. */
      readonly pasted: boolean;
      readonly before: string;
      readonly after: string;
    }
  | {
      readonly kind: 'offered';
      readonly via: 'ghostText' | Channel;
      readonly title: string;
      /** The titles of code actions that offer the same, where they were asked for. */
      readonly alsoAs: readonly string[];
      readonly line: number;
      readonly latencyMs: number;
      readonly before: string;
      readonly after: string;
      /** Whether it was taken, or turned down for leading away from what the session is to become. */
      readonly accepted: boolean;
    }
  | { readonly kind: 'silent' }
  | { readonly kind: 'message'; readonly text: string };

export interface Outcome {
  readonly text: string;
  /** Whether the text is what the programmer had in mind. */
  readonly reachedGoal: boolean;
  readonly keys: number;
  readonly accepted: number;
  readonly rejected: number;
  /** UTF-16 code units that accepted offers put in or took out. */
  readonly acceptedLength: number;
}

/** How many offers are looked at in one rest: a session must end whatever the engine says. */
const maxOffers = 50;

/** Replays a session against the real server, and tells `observe` what happens as it happens. */
export async function replay(session: Session, observe: (event: Event) => void): Promise<Outcome> {
  const client = new EditorClient({
    uri: `demo:///${session.file}`,
    onMessage: (text) => observe({ kind: 'message', text }),
  });
  const replayed = new Replay(client, session, observe);
  try {
    return await replayed.run();
  } catch (error) {
    throw client.hasEnded ? new Error('the server ended before the session did', { cause: error }) : error;
  } finally {
    await client.close();
  }
}

class Replay {
  readonly #client: EditorClient;
  readonly #session: Session;
  readonly #observe: (event: Event) => void;
  #cursor = 0;
  #keys = 0;
  #accepted = 0;
  #rejected = 0;
  #acceptedLength = 0;
  /** How long the question after the last key took, in milliseconds, until its answer is used. */
  #waitedMs = 0;
  /** What was typed since it was last told of. */
  #burst: { before: string; keys: number } | undefined;

  constructor(client: EditorClient, session: Session, observe: (event: Event) => void) {
    this.#client = client;
    this.#session = session;
    this.#observe = observe;
  }

  async run(): Promise<Outcome> {
    const { languageId, text, moves, goal } = this.#session;
    this.#observe({ kind: 'started', initializeMs: await this.#client.open(languageId, text) });
    for (const move of moves) {
      if (move.kind === 'go' || move.kind === 'look' || move.kind === 'paste') this.#tellTyped();
      if (move.kind === 'go') this.#go(move);
      else if (move.kind === 'backspace') for (let i = 0; i < move.count; i++) await this.#press(-1, '');
      else if (move.kind === 'type') await this.#type(move.text);
      else if (move.kind === 'paste') await this.#paste(move.text);
      else await this.#look(move.via);
    }
    this.#tellTyped();
    return {
      text: this.#client.text,
      reachedGoal: this.#client.text === goal,
      keys: this.#keys,
      accepted: this.#accepted,
      rejected: this.#rejected,
      acceptedLength: this.#acceptedLength,
    };
  }

  #go(place: Extract<Move, { kind: 'go' }>): void {
    this.#cursor = locate(this.#client.text, place);
    this.#waitedMs = 0;
  }

  /** Types a key at a time; ghost text that says what is to be typed next is taken instead, other is typed over. */
  async #type(text: string): Promise<void> {
    for (let rest = text; rest !== ''; ) {
      const start = performance.now();
      const offer = await this.#client.ghostText(this.#cursor);
      const [edit] = offer?.edits ?? [];
      if (offer && edit && edit.newText !== '' && edit.start === edit.end && rest.startsWith(edit.newText)) {
        this.#tellTyped();
        rest = rest.slice(edit.newText.length);
        await this.#judge({ ...offer, latencyMs: performance.now() - start }, 'ghostText', true);
      } else {
        const [key = ''] = rest;
        await this.#press(0, key);
        rest = rest.slice(key.length);
      }
    }
    // Editors ask after the last key as after any other; what is then looked at was waited for from here on.
    const start = performance.now();
    await this.#client.ghostText(this.#cursor);
    this.#waitedMs = performance.now() - start;
  }

  /** One key: takes `-back` characters before the cursor away, and puts `newText` there. */
  async #press(back: number, newText: string): Promise<void> {
    this.#burst ??= { before: this.#client.text, keys: 0 };
    this.#burst.keys++;
    this.#keys++;
    await this.#client.change([{ start: this.#cursor + back, end: this.#cursor, newText }]);
    this.#cursor += back + newText.length;
  }

  async #paste(text: string): Promise<void> {
    await this.#press(0, text);
    this.#tellTyped(true);
  }

  #tellTyped(pasted = false): void {
    if (!this.#burst) return;
    const { before, keys } = this.#burst;
    this.#burst = undefined;
    const line = new LineIndex(this.#client.text).lineAt(this.#cursor) + 1;
    this.#observe({ kind: 'typed', line, keys, pasted, before, after: this.#client.text });
  }

  /** Rests, and takes one offer after another for as long as there are any. */
  async #look(via: Channel): Promise<void> {
    for (let i = 0; i < maxOffers; i++) {
      const start = performance.now();
      const ghost = await this.#client.ghostText(this.#cursor);
      const offer = ghost ?? (await this.#ask(via));
      // An editor that has both asks for both; the user waits for both.
      const latencyMs = performance.now() - start + this.#waitedMs;
      this.#waitedMs = 0;
      if (!offer) {
        if (i === 0) this.#observe({ kind: 'silent' });
        return;
      }
      const alsoAs = i === 0 && via === 'nextEdit' ? await this.#client.codeActionTitles(this.#cursor) : [];
      await this.#judge({ ...offer, latencyMs }, ghost ? 'ghostText' : via, this.#helps(offer), alsoAs);
    }
  }

  async #ask(via: Channel): Promise<Offered | undefined> {
    if (via === 'nextEdit') return this.#client.nextEdit(this.#cursor);
    const actions = await this.#client.codeActions(this.#cursor);
    return via === 'codeActionAll' ? (actions[1] ?? actions[0]) : actions[0];
  }

  async #judge(
    offer: Offered,
    via: 'ghostText' | Channel,
    accepted: boolean,
    alsoAs: readonly string[] = [],
  ): Promise<void> {
    const before = this.#client.text;
    const edits = sortEdits(offer.edits);
    const line = new LineIndex(before).lineAt(edits[0]?.start ?? 0) + 1;
    const after = applyEdits(before, edits);
    const { title, latencyMs } = offer;
    this.#observe({ kind: 'offered', via, title, alsoAs, line, latencyMs, before, after, accepted });
    if (accepted) {
      await this.#client.accept(offer);
      this.#accepted++;
      for (const { start, end, newText } of edits) this.#acceptedLength += end - start + newText.length;
      this.#cursor = endOf(edits);
    } else {
      await this.#client.reject(offer);
      this.#rejected++;
    }
  }

  /** Whether fewer lines differ from the goal with the offer than without. */
  #helps({ edits }: Offered): boolean {
    const { goal } = this.#session;
    return distance(applyEdits(this.#client.text, edits), goal) < distance(this.#client.text, goal);
  }
}

/** Where the last edit's new text ends, in the text after all edits: there an editor puts the cursor. */
function endOf(edits: readonly OffsetEdit[]): number {
  const last = edits.at(-1);
  const shift = edits.slice(0, -1).reduce((sum, { start, end, newText }) => sum + newText.length - (end - start), 0);
  return last ? last.start + shift + last.newText.length : 0;
}

function distance(text: string, goal: string): number {
  return lineHunks(text, goal).reduce((sum, hunk) => sum + hunk.end - hunk.start + hunk.newEnd - hunk.newStart, 0);
}
