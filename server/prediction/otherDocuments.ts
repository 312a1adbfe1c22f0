import { type CallContext, type DocumentCalls, type Inquiry, Superseded } from './documentCalls.ts';
import { conversationWith, editsBelow, namesGone, usesOneOf } from './elsewhere.ts';
import { nextOffer, type Offer } from './offers.ts';
import { outsideMasks } from './outsideMasks.ts';
import { SharedCall } from './sharedCall.ts';
import { type StageNumber, stageBehind } from './stages.ts';

/** An offer for a document other than the user's own. */
export interface OfferElsewhere extends Offer {
  readonly uri: string;
}

/**
 * How many documents are asked about, the last changed or opened first, and the time limit for all, in milliseconds.
 */
const maxAsked = 3;
const maxMs = 300;

/**
 * Predicts in open documents what follows from a change of another one: edits where they use a name that is gone there.
 * Asks only an engine that answers at once, and only while nothing changes. The answer becomes the last stage of the
 * other document's prediction, so that it is rebased, rejected and offered there like any other.
 */
export class OtherDocuments {
  readonly #context: Pick<CallContext, 'engines' | 'conversation' | 'nextId'>;
  /** The documents with such a stage, and which one it is. */
  readonly #stages = new Map<DocumentCalls, StageNumber>();
  #call: { readonly from: string; readonly found: SharedCall<string | undefined> } | undefined;

  constructor(context: Pick<CallContext, 'engines' | 'conversation' | 'nextId'>) {
    this.#context = context;
  }

  /**
   * A document was changed, opened or closed: forgets what followed from the old texts, except in the document itself.
   */
  changed(document: DocumentCalls | undefined): void {
    this.#call?.found.cancel(new Superseded('a text changed'));
    this.#call = undefined;
    for (const [other, stage] of this.#stages) {
      if (other === document) continue;
      other.prediction.forget(stage);
      this.#stages.delete(other);
    }
  }

  /** Lets the next call ask again, because the user refused what was found. */
  rejected(): void {
    this.#call = undefined;
  }

  /** What is known to follow from the change of `from`; asks no engine. */
  known(from: string, documents: ReadonlyMap<string, DocumentCalls>): OfferElsewhere | undefined {
    for (const [uri, document] of [...documents].reverse()) {
      const stage = uri === from ? undefined : this.#stages.get(document);
      const offer = stage === undefined ? undefined : nextOffer(document.prediction, 0, stage);
      if (offer) return { ...offer, uri };
    }
    return undefined;
  }

  /**
   * The edit to offer first in another of `documents`, which are in the order of their last change. Rejects with
   * `signal.reason` once `signal` aborts.
   */
  async find(
    from: string,
    documents: ReadonlyMap<string, DocumentCalls>,
    { cursor, signal }: Inquiry,
  ): Promise<OfferElsewhere | undefined> {
    const known = this.known(from, documents);
    if (known) return known;
    if (this.#call?.from !== from || this.#call.found.cancelled) {
      this.#call?.found.cancel(new Superseded('another document is asked about'));
      this.#call = { from, found: new SharedCall((abort) => this.#search(from, documents, { cursor, signal: abort })) };
    }
    try {
      const uri = await this.#call.found.join(signal);
      return uri === undefined ? undefined : this.known(from, documents);
    } catch (error) {
      if (error instanceof Superseded) return undefined;
      throw error;
    }
  }

  /** The document in which something follows. */
  async #search(
    from: string,
    documents: ReadonlyMap<string, DocumentCalls>,
    { cursor, signal }: Inquiry,
  ): Promise<string | undefined> {
    if (documents.size < 2) return undefined;
    const engines = await this.#context.engines();
    signal.throwIfAborted();
    const engine = engines.find(({ model, debounceMs = 0 }) => model === undefined && debounceMs === 0);
    const here = this.#context.conversation(from, { kind: 'cursor', offset: cursor });
    const names = here ? namesGone(here) : [];
    if (!engine || !here || names.length === 0) return undefined;
    const uses = [...documents]
      .reverse()
      .filter(([uri, { prediction }]) => uri !== from && usesOneOf(prediction.text, names))
      .slice(0, maxAsked);
    const until = performance.now() + maxMs;
    for (const [uri, document] of uses) {
      if (performance.now() >= until) break;
      const there = this.#context.conversation(uri, undefined);
      const conversation = there && conversationWith(there.current, here);
      if (!there || !conversation) continue;
      const ask = (abort: AbortSignal) => engine.predict(conversation, abort);
      const answer = await withinTime(until - performance.now(), signal, (abort) =>
        document.call(engine, ask, abort, true),
      );
      signal.throwIfAborted();
      const below = { edits: answer ? editsBelow(there.current, here, answer, names) : [] };
      const { edits } = outsideMasks(there, below);
      signal.throwIfAborted();
      document.prediction.answer({ edits }, this.#context.nextId, engines.length);
      this.#stages.set(document, stageBehind(engines));
      if ((document.prediction.pendingByStage[engines.length] ?? []).length > 0) return uri;
    }
    return undefined;
  }
}

/** The result of `work`, or undefined when it takes longer than the given milliseconds or fails. */
async function withinTime<T>(
  limitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const controller = new AbortController();
  const forward = () => controller.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(() => controller.abort(new Superseded('it took too long')), limitMs);
  try {
    return await work(controller.signal);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}
