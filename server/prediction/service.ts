import { setTimeout as sleep } from 'node:timers/promises';
import type { Conversation, Prediction, TargetArea } from '../../shared/conversation/conversation.ts';
import type { Engine } from '../engines/engine.ts';
import { applicableEdits, DocumentPrediction, type TextChange } from './documentPrediction.ts';
import {
  type GhostTextOffer,
  ghostTextOffer,
  namedEdits,
  namedOffer,
  nextOffer,
  type Offer,
  offerOfAll,
} from './offers.ts';
import { OfferTally } from './offerTally.ts';
import { SharedCall } from './sharedCall.ts';

export interface PredictionServiceOptions {
  readonly engine: () => Engine;
  /** The conversation about a document, or undefined when the engine must not see it. */
  readonly conversation: (uri: string, target: TargetArea | undefined) => Conversation | undefined;
  /** How long the text must rest before the engine is asked, in milliseconds. */
  readonly debounceMs: () => number;
  /** Told of each engine call as it starts, e.g. to log it and to show progress. */
  readonly onCall?: (uri: string, result: Promise<Prediction>, cancel: () => void) => void;
  /** Told once of each call that failed, however many had asked. */
  readonly onFailure?: (uri: string, error: unknown) => void;
}

/** Who asks: where the cursor is, as UTF-16 offset, and when the answer is no longer wanted. */
export interface Inquiry {
  readonly cursor: number;
  readonly signal: AbortSignal;
}

/** Inline chat: what is to be done with a range, in UTF-16 offsets. */
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

interface OpenDocument {
  readonly prediction: DocumentPrediction;
  call: SharedCall<void> | undefined;
  changedAt: number;
}

/** The reason for an abort that the service itself makes: the text changed, or the document is gone. */
class Superseded extends Error {
  override readonly name = 'Superseded';
}

/**
 * The one place that asks the engine: debounces, shares one call between all who ask about the same text, cancels it
 * when the text changes, and keeps the answer for as long as it holds. Offers are read from that answer, so that after
 * an accept the next hunk comes without asking again.
 */
export class PredictionService {
  readonly #options: PredictionServiceOptions;
  readonly #documents = new Map<string, OpenDocument>();
  readonly #tally = new OfferTally();
  #lastEditId = 0;
  #lastError: string | undefined;

  constructor(options: PredictionServiceOptions) {
    this.#options = options;
  }

  get counts(): OfferTally['counts'] {
    return this.#tally.counts;
  }

  /** Why the last engine call failed, if it did. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  open(uri: string, version: number, text: string): void {
    this.close(uri);
    const prediction = new DocumentPrediction(version, text);
    this.#documents.set(uri, { prediction, call: undefined, changedAt: Number.NEGATIVE_INFINITY });
  }

  /** Takes in changes of an open document, oldest first; others are ignored. */
  change(uri: string, version: number, changes: readonly TextChange[]): void {
    const document = this.#documents.get(uri);
    if (!document) return;
    const before = document.prediction.text;
    document.prediction.change(version, changes);
    if (document.prediction.text === before) return;
    document.changedAt = performance.now();
    this.#cancel(document);
  }

  close(uri: string): void {
    const document = this.#documents.get(uri);
    if (document) this.#cancel(document);
    this.#documents.delete(uri);
  }

  /** Forgets all answers and cancels all calls, e.g. because the engine changed. */
  reset(): void {
    for (const document of this.#documents.values()) {
      this.#cancel(document);
      document.prediction.reset();
    }
  }

  /** The offer that can be shown at the cursor as inserted text; undefined where there is none or the text moved on. */
  async ghostText(uri: string, inquiry: Inquiry): Promise<GhostTextOffer | undefined> {
    const prediction = await this.#predicted(uri, inquiry);
    return this.#offered(prediction && ghostTextOffer(prediction, inquiry.cursor));
  }

  /** The hunk to offer first. */
  async nextEdit(uri: string, inquiry: Inquiry): Promise<Offer | undefined> {
    const prediction = await this.#predicted(uri, inquiry);
    return this.#offered(prediction && nextOffer(prediction, inquiry.cursor));
  }

  /** The hunk to offer first, and, where there are more, all of them as one offer. */
  async nextAndAll(uri: string, inquiry: Inquiry): Promise<Offer[]> {
    await this.#predicted(uri, inquiry);
    return this.known(uri, inquiry.cursor);
  }

  /** Like `nextAndAll`, of what is known already: asks nobody. */
  known(uri: string, cursor: number): Offer[] {
    const prediction = this.#documents.get(uri)?.prediction;
    if (!prediction) return [];
    const offers = [nextOffer(prediction, cursor), offerOfAll(prediction)];
    return offers.flatMap((offer) => this.#offered(offer) ?? []);
  }

  /** The offer as it stands now, or undefined when it no longer holds. */
  offer(uri: string, id: string): Offer | undefined {
    const prediction = this.#documents.get(uri)?.prediction;
    return prediction && namedOffer(prediction, id);
  }

  get engineName(): string {
    return this.#options.engine().name;
  }

  get takesInstructions(): boolean {
    return this.#options.engine().supportsInstructions;
  }

  /**
   * Asks the engine to carry out an instruction on a range of the current text. Undefined when the document is not to
   * be seen, when its text changed meanwhile, or when the engine failed, which `onFailure` is told.
   */
  async instruct(
    uri: string,
    { start, end, instruction, signal }: Instruction,
  ): Promise<InstructionAnswer | undefined> {
    const prediction = this.#documents.get(uri)?.prediction;
    const { text, version } = prediction ?? {};
    if (text === undefined || version === undefined) return undefined;
    const target: TargetArea = start < end ? { kind: 'selection', start, end } : { kind: 'cursor', offset: start };
    const conversation = this.#options.conversation(uri, target);
    if (!conversation) return undefined;
    try {
      const answer = await this.#call(uri, { ...conversation, instruction }, signal);
      const edits = applicableEdits(text, answer.edits);
      return prediction?.version === version ? { ...answer, edits, text, version } : undefined;
    } catch (error) {
      signal.throwIfAborted();
      this.#fail(uri, error);
      return undefined;
    }
  }

  /** Notes that the user took an offer. What is left is rebased by the change itself. Returns false for unknown offers. */
  accept(id: string): boolean {
    return this.#tally.decided(id, 'accepted');
  }

  /** Withdraws an offer until the text there changes. Returns false for unknown offers. */
  reject(uri: string, id: string): boolean {
    const prediction = this.#documents.get(uri)?.prediction;
    prediction?.reject(namedEdits(prediction, id));
    return this.#tally.decided(id, 'rejected');
  }

  #cancel(document: OpenDocument): void {
    document.call?.cancel(new Superseded('the text changed'));
    document.call = undefined;
  }

  /** The document's prediction once the engine has had its say; undefined when the text changed meanwhile. */
  async #predicted(uri: string, { cursor, signal }: Inquiry): Promise<DocumentPrediction | undefined> {
    signal.throwIfAborted();
    const document = this.#documents.get(uri);
    if (!document) return undefined;
    if (document.prediction.settled) return document.prediction;
    if (!document.call || document.call.cancelled) {
      document.call = new SharedCall((abort) => this.#ask(uri, document, cursor, abort));
    }
    try {
      await document.call.join(signal);
      return document.prediction;
    } catch (error) {
      if (error instanceof Superseded) return undefined;
      throw error;
    }
  }

  /** Settles what is predicted for the current text. Rejects only when `signal` aborts. */
  async #ask(uri: string, document: OpenDocument, cursor: number, signal: AbortSignal): Promise<void> {
    const wait = document.changedAt + this.#options.debounceMs() - performance.now();
    // Even without a debounce: a change that has arrived already supersedes this call before it costs anything.
    await sleep(Math.max(wait, 0), undefined, { signal });
    const { prediction } = document;
    try {
      const conversation = this.#options.conversation(uri, { kind: 'cursor', offset: cursor });
      if (!conversation) return prediction.settle();
      const answer = await this.#call(uri, conversation, signal);
      signal.throwIfAborted();
      prediction.answer(answer, () => ++this.#lastEditId);
      this.#lastError = undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      // The same text would fail again; it is asked about again once it changes.
      prediction.settle();
      this.#fail(uri, error);
    }
  }

  #fail(uri: string, error: unknown): void {
    if (error instanceof Superseded) return;
    this.#lastError = error instanceof Error ? error.message : String(error);
    this.#options.onFailure?.(uri, error);
  }

  /** Asks the engine until `signal` aborts, or the user cancels what `onCall` shows. */
  async #call(uri: string, conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    signal.throwIfAborted();
    const controller = new AbortController();
    const forward = () => controller.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    try {
      const result = this.#options.engine().predict(conversation, controller.signal);
      this.#options.onCall?.(uri, result, () => controller.abort(new Superseded('cancelled by the user')));
      return await result;
    } finally {
      signal.removeEventListener('abort', forward);
    }
  }

  #offered<T extends Offer>(offer: T | undefined): T | undefined {
    if (offer) this.#tally.offered(offer.id);
    return offer;
  }
}
