import { setTimeout as sleep } from 'node:timers/promises';
import type { Prediction, TargetArea } from '../../shared/conversation/conversation.ts';
import type { Engine } from '../engines/engine.ts';
import type { Explanation } from '../engines/explanation.ts';
import { maskSecrets } from '../history/secretSpans.ts';
import { type CallContext, DocumentCalls, type Inquiry, Superseded } from './documentCalls.ts';
import { DocumentPrediction, type TextChange } from './documentPrediction.ts';
import {
  type GhostTextOffer,
  ghostTextOffer,
  idsOf,
  namedEdits,
  namedOffer,
  nextOffer,
  type Offer,
  type OfferChannel,
  offerOfAll,
} from './offers.ts';
import { OfferTally } from './offerTally.ts';
import { type OfferElsewhere, OtherDocuments } from './otherDocuments.ts';
import { outsideMasks } from './outsideMasks.ts';
import { applicableEdits } from './pendingEdits.ts';
import { ReadAhead } from './readAhead.ts';

export type { Inquiry } from './documentCalls.ts';

export interface PredictionServiceOptions extends Omit<CallContext, 'nextId' | 'onEnd'> {
  /** Called once per failed call, however many callers there were. */
  readonly onFailure?: (uri: string, error: unknown) => void;
  /** Told of each offer of edits of a document, also of one that is offered again, and of what becomes of it. */
  readonly onOffer?: (uri: string, via: OfferChannel, offer: Offer) => void;
  readonly onAnswer?: (id: string, answer: 'accepted' | 'rejected') => void;
}

/** Inline chat: an instruction for a range, in UTF-16 offsets. */
export interface Instruction {
  readonly start: number;
  readonly end: number;
  readonly instruction: string;
  readonly signal: AbortSignal;
}

/** The edits that carry out an instruction, for `text`, which is the document at `version`. */
export interface InstructionAnswer extends Prediction {
  readonly text: string;
  readonly version: number;
}

export interface EngineExplanation {
  readonly engine: string;
  readonly explanation: Explanation;
}

/**
 * The one place that asks engines: debounces, shares one call between all who ask about the same text, cancels it when
 * the text changes, and keeps the answer for as long as it holds. Offers are read from that answer, so that after an
 * accept the next hunk comes without asking again.
 */
export class PredictionService {
  readonly #options: PredictionServiceOptions;
  readonly #context: CallContext;
  /** In the order in which they were last changed or opened. */
  readonly #documents = new Map<string, DocumentCalls>();
  /** Predictions of documents just closed, which may be reopened under another name. */
  readonly #departed = new Map<string, DocumentPrediction>();
  readonly #others: OtherDocuments;
  readonly #readAhead: ReadAhead;
  readonly #tally = new OfferTally();
  #lastEditId = 0;
  /** The last error per engine: an answer of one engine does not mean that another one works. */
  readonly #failures = new Map<string, string>();

  constructor(options: PredictionServiceOptions) {
    this.#options = options;
    this.#readAhead = new ReadAhead(options);
    this.#context = {
      ...options,
      nextId: () => ++this.#lastEditId,
      onCall: (call) => {
        if (call.engine.prepare) this.#readAhead.stop();
        options.onCall?.(call);
      },
      onEnd: (...end) => this.#ended(...end),
    };
    this.#others = new OtherDocuments(this.#context);
  }

  get counts(): OfferTally['counts'] {
    return this.#tally.counts;
  }

  /** Why the last call of an engine failed, if it did. */
  get lastError(): string | undefined {
    return [...this.#failures.values()].at(-1);
  }

  /**
   * `formerly` is the URI of the document just closed that this one is under a new name: refused edits stay refused.
   */
  open(uri: string, version: number, text: string, formerly?: string): void {
    this.close(uri);
    this.#departed.delete(uri);
    this.#others.changed(undefined);
    const known = formerly === undefined ? undefined : this.#departed.get(formerly);
    if (formerly !== undefined) this.#departed.delete(formerly);
    const prediction = known?.text === text ? known : new DocumentPrediction(version, text);
    prediction.reset();
    prediction.change(version, []);
    this.#documents.set(uri, new DocumentCalls(uri, prediction, this.#context));
  }

  /** Takes in changes of an open document, oldest first; others are ignored. */
  change(uri: string, version: number, changes: readonly TextChange[]): void {
    const document = this.#documents.get(uri);
    if (!document) return;
    const before = document.prediction.text;
    document.prediction.change(version, changes);
    if (document.prediction.text === before) return;
    document.textChanged();
    const { lastChange } = document.prediction;
    if (lastChange) this.#readAhead.changed(uri, lastChange.end);
    this.#others.changed(document);
    this.#documents.delete(uri);
    this.#documents.set(uri, document);
  }

  /** What is known of the document is kept until `depart`, in case it is reopened under another name. */
  close(uri: string): void {
    const document = this.#documents.get(uri);
    if (!document) return;
    document.cancel();
    this.#readAhead.stop();
    this.#documents.delete(uri);
    this.#departed.set(uri, document.prediction);
    this.#others.changed(undefined);
  }

  /** A closed document will not be reopened under another name. */
  depart(uri: string): void {
    this.#departed.delete(uri);
  }

  /** Forgets all answers and cancels all calls, e.g. because the engine changed. */
  reset(): void {
    this.#failures.clear();
    this.#others.changed(undefined);
    this.#readAhead.stop();
    for (const document of this.#documents.values()) {
      document.cancel();
      document.prediction.reset();
    }
  }

  /**
   * The offer that can be shown at the cursor as inserted text; undefined where there is none or the text has changed.
   */
  async ghostText(uri: string, inquiry: Inquiry): Promise<GhostTextOffer | undefined> {
    const prediction = await this.#predicted(uri, inquiry);
    const offer = prediction && ghostTextOffer(prediction, inquiry.cursor);
    if (offer) prediction.show({ ids: idsOf(offer.id), at: inquiry.cursor, newText: offer.insert });
    return this.#offered(uri, 'ghostText', offer);
  }

  /** The hunk to offer first. */
  async nextEdit(uri: string, inquiry: Inquiry): Promise<Offer | undefined> {
    const prediction = await this.#predicted(uri, inquiry);
    return this.#offered(uri, 'nextEdit', prediction && nextOffer(prediction, inquiry.cursor));
  }

  /**
   * The hunk to offer first in another open document, if it follows from the last change of this one and this one has
   * nothing left to offer.
   */
  async nextElsewhere(uri: string, { cursor, signal }: Inquiry): Promise<OfferElsewhere | undefined> {
    const prediction = await this.#predicted(uri, { cursor, signal });
    if (!prediction || prediction.pending.length > 0) return undefined;
    return this.#offeredElsewhere(await this.#others.find(uri, this.#documents, { cursor, signal }));
  }

  /** Like `nextElsewhere`, but only from what is known already: asks no engine. */
  knownElsewhere(uri: string): OfferElsewhere | undefined {
    const prediction = this.#documents.get(uri)?.prediction;
    if (!prediction || prediction.pending.length > 0) return undefined;
    return this.#offeredElsewhere(this.#others.known(uri, this.#documents));
  }

  /**
   * The hunk to offer first, and, where there are or may be more, all of them as one offer. Undefined when that takes
   * longer than `limitMs`; the engines then continue until the text changes.
   */
  async nextAndAll(uri: string, { cursor, signal }: Inquiry, limitMs: number): Promise<Offer[] | undefined> {
    const controller = new AbortController();
    const forward = () => controller.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    const timer = new AbortController();
    try {
      const predicted = this.#predicted(uri, { cursor, signal: controller.signal });
      // The caller has left before it could fail.
      predicted.catch(() => {});
      const late = sleep(limitMs, 'late', { signal: timer.signal }).catch(() => undefined);
      return (await Promise.race([predicted, late])) === 'late' ? undefined : this.known(uri, cursor);
    } finally {
      timer.abort();
      signal.removeEventListener('abort', forward);
    }
  }

  /** Like `nextAndAll`, but only from what is known already: asks no engine. */
  known(uri: string, cursor: number): Offer[] {
    const prediction = this.#documents.get(uri)?.prediction;
    if (!prediction) return [];
    const offers = [nextOffer(prediction, cursor), offerOfAll(prediction)];
    return offers.flatMap((offer) => this.#offered(uri, 'codeAction', offer) ?? []);
  }

  /** The current state of the offer, or undefined when it no longer holds. */
  offer(uri: string, id: string): Offer | undefined {
    const prediction = this.#documents.get(uri)?.prediction;
    return prediction && namedOffer(prediction, id);
  }

  /**
   * Everything that is predicted together with the offer `id`; an engine that stopped at the first hunk is asked for
   * the rest. Undefined when the offer no longer holds.
   */
  async wholeOffer(uri: string, id: string, signal: AbortSignal): Promise<Offer | undefined> {
    const document = this.#documents.get(uri);
    const named = document && namedOffer(document.prediction, id);
    if (!document || !named) return undefined;
    if (!(await document.finish({ cursor: named.edits[0]?.start ?? 0, signal }))) return undefined;
    const { prediction } = document;
    return this.#offered(uri, 'codeAction', offerOfAll(prediction) ?? nextOffer(prediction, 0));
  }

  /** The engines to ask, in order. */
  engines(): Promise<readonly Engine[]> {
    return this.#options.engines();
  }

  /**
   * Asks an engine to carry out an instruction on a range of the current text. Undefined when the document is excluded,
   * when its text changed meanwhile, or when the engine failed, which is reported to `onFailure`.
   */
  async instruct(
    uri: string,
    { start, end, instruction, signal }: Instruction,
  ): Promise<InstructionAnswer | undefined> {
    const document = this.#documents.get(uri);
    if (!document) return undefined;
    const { prediction } = document;
    const { text, version } = prediction;
    const engine = (await this.engines()).find(({ supportsInstructions }) => supportsInstructions);
    if (!engine || prediction.version !== version) return undefined;
    const target: TargetArea = start < end ? { kind: 'selection', start, end } : { kind: 'cursor', offset: start };
    const conversation = this.#options.conversation(uri, target);
    if (!conversation) return undefined;
    try {
      // A diagnostic may quote the text, and the user may write a token.
      const asked = { ...conversation, instruction: maskSecrets(instruction) };
      const ask = async (abort: AbortSignal) => outsideMasks(asked, await engine.predict(asked, abort));
      const answer = await document.call(engine, ask, signal);
      const edits = applicableEdits(text, answer.edits);
      return prediction.version === version ? { ...answer, edits, text, version } : undefined;
    } catch (error) {
      signal.throwIfAborted();
      this.#ended(uri, engine.name, error);
      return undefined;
    }
  }

  /**
   * How each engine arrives at its prediction for the current text, whatever is on offer. Undefined where the document
   * is excluded. Rejects as the engines do.
   */
  async explain(uri: string, { cursor, signal }: Inquiry): Promise<readonly EngineExplanation[] | undefined> {
    const engines = await this.engines();
    const conversation = this.#options.conversation(uri, { kind: 'cursor', offset: cursor });
    if (!this.#documents.has(uri) || !conversation) return undefined;
    const explained: EngineExplanation[] = [];
    for (const engine of engines) {
      const explanation = await engine.explain?.(conversation, signal);
      if (explanation) explained.push({ engine: engine.name, explanation });
    }
    return explained;
  }

  /** Records that the user accepted an offer. The change itself rebases the rest. Returns false for unknown offers. */
  accept(id: string): boolean {
    return this.#answered(id, 'accepted');
  }

  /** Withdraws an offer until the text there changes. Returns false for unknown offers. */
  reject(uri: string, id: string): boolean {
    const prediction = this.#documents.get(uri)?.prediction;
    prediction?.reject(namedEdits(prediction, id));
    this.#others.rejected();
    return this.#answered(id, 'rejected');
  }

  /** The document's prediction once an engine has answered; undefined when the text changed meanwhile. */
  async #predicted(uri: string, inquiry: Inquiry): Promise<DocumentPrediction | undefined> {
    inquiry.signal.throwIfAborted();
    const document = this.#documents.get(uri);
    return document && (await document.settle(inquiry)) ? document.prediction : undefined;
  }

  #ended(uri: string, engine: string, error: unknown): void {
    if (error instanceof Superseded) return;
    this.#failures.delete(engine);
    if (error === undefined) return;
    this.#failures.set(engine, error instanceof Error ? error.message : String(error));
    this.#options.onFailure?.(uri, error);
  }

  #offeredElsewhere(offer: OfferElsewhere | undefined): OfferElsewhere | undefined {
    return offer && this.#offered(offer.uri, 'elsewhere', offer);
  }

  #offered<T extends Offer>(uri: string, via: OfferChannel, offer: T | undefined): T | undefined {
    if (!offer) return undefined;
    this.#tally.offered(offer.id);
    this.#options.onOffer?.(uri, via, offer);
    return offer;
  }

  #answered(id: string, answer: 'accepted' | 'rejected'): boolean {
    const isOpen = this.#tally.decided(id, answer);
    if (isOpen) this.#options.onAnswer?.(id, answer);
    return isOpen;
  }
}
