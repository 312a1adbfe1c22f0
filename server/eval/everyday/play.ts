import { applyEdits } from '../../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import { EditorClient, type EditorOptions, type Offered } from '../../client/editorClient.ts';
import type { EverydayCase, EverydayChange } from './everydayCase.ts';
import { keystrokes } from './keystrokes.ts';
import { Judge, type Verdict } from './offerJudge.ts';

/** One offer that the user was shown; where ghost text and a next edit were both, the ghost text, and both had to be right. */
export interface ShownOffer {
  readonly via: 'ghostText' | 'nextEdit';
  readonly verdict: Verdict;
  /** UTF-16 offsets of the text then. */
  readonly edits: readonly OffsetEdit[];
  /** How many edits still to come lie between the cursor and a right offer. */
  readonly passedBy: number;
}

/** `right`, `wrong` and `silent` where edits are wanted; `quiet` and `spoke` where not; `failed` where the server did. */
export type CaseVerdict = 'right' | 'wrong' | 'silent' | 'quiet' | 'spoke' | 'failed';

export interface PlayedCase {
  readonly id: string;
  readonly kind: string;
  readonly lang: string;
  readonly want: EverydayCase['want'];
  readonly result: CaseVerdict;
  /** The offers, each but the last accepted. */
  readonly chain: readonly ShownOffer[];
  /** Whether accepting what was offered made the whole change, and nothing else. */
  readonly complete: boolean;
  /** The edits that had to be made: how many were, of how many. */
  readonly sites: { readonly done: number; readonly required: number };
  /** From the end of typing to the first answer, in milliseconds. */
  readonly firstMs: number;
  /** Asked after every key: how often something was shown, and how often that was neither right nor on the way there. */
  readonly typing?: { readonly asked: number; readonly shown: number; readonly wrong: number };
  readonly problem?: string;
}

/** More offers than this are not accepted one after another. */
const maxChain = 12;

/**
 * Plays a case over a server of its own: what was edited in one case is an example for the next. `settings` as an editor sends them; by
 * default those of `EditorClient`.
 */
export async function playCase(
  example: EverydayCase,
  asksWhileTyping: boolean,
  settings?: EditorOptions['settings'],
): Promise<PlayedCase> {
  const { id, kind, lang, want, path } = example;
  const client = new EditorClient({ uri: `everyday:///${path}`, ...(settings ? { settings } : {}) });
  try {
    return await new Play(client, example, asksWhileTyping).run();
  } catch (error) {
    const problem = client.hasEnded ? 'the server ended' : error instanceof Error ? error.message : String(error);
    const nothing = { chain: [], complete: false, sites: { done: 0, required: 0 }, firstMs: 0 };
    return { id, kind, lang, want, result: 'failed', ...nothing, problem };
  } finally {
    await client.close().catch(() => {});
  }
}

interface Offer {
  readonly via: ShownOffer['via'];
  readonly offered: Offered;
  readonly after: string;
}

class Play {
  readonly #client: EditorClient;
  readonly #case: EverydayCase;
  readonly #judge: Judge;
  readonly #asksWhileTyping: boolean;
  /** What was shown while typing: the text after each key, and what it would have become. */
  readonly #typed: { readonly text: string; readonly afters: readonly string[] }[] = [];
  #cursor = 0;

  constructor(client: EditorClient, example: EverydayCase, asksWhileTyping: boolean) {
    this.#client = client;
    this.#case = example;
    this.#judge = new Judge(example);
    this.#asksWhileTyping = asksWhileTyping;
  }

  async run(): Promise<PlayedCase> {
    const { id, kind, lang, want, before, steps, after, cursor } = this.#case;
    await this.#client.open(lang, before);
    for (const [i, step] of steps.entries()) {
      await this.#make(step);
      // An editor asks after every pause.
      if (i + 1 < steps.length) await this.#ask();
    }
    if (this.#client.text !== after) throw new Error('the steps do not lead to the text after them');
    this.#cursor = cursor;

    const start = performance.now();
    let offers = await this.#ask();
    const firstMs = performance.now() - start;
    const chain: ShownOffer[] = [];
    while (chain.length < maxChain) {
      const shown = this.#judged(offers);
      if (!shown) break;
      chain.push(shown);
      if (shown.verdict !== 'right') break;
      await this.#accept(offers[0]);
      offers = await this.#ask();
    }
    const { text } = this.#client;
    const complete = this.#judge.isComplete(text) && chain.every(({ verdict }) => verdict === 'right');
    const result = resultOf(want, chain[0]?.verdict);
    const typing = this.#asksWhileTyping ? { typing: this.#countTyped() } : {};
    return { id, kind, lang, want, result, chain, complete, sites: this.#judge.count(text), firstMs, ...typing };
  }

  async #make(changes: readonly EverydayChange[]): Promise<void> {
    const edits = changes.map(({ start, end, text }) => ({ start, end, newText: text }));
    if (this.#case.mode === 'full') {
      let { text } = this.#client;
      for (const edit of edits) text = applyEdits(text, [edit]);
      await this.#client.replaceAll(text);
    } else if (this.#case.mode === 'multi') {
      await this.#press(edits);
    } else {
      for (const change of changes) {
        for (const edit of keystrokes(this.#client.text, change)) await this.#press([edit]);
      }
    }
  }

  /** One notification: edits each of the text that those before it left. */
  async #press(edits: readonly OffsetEdit[]): Promise<void> {
    await this.#client.changeInTurn(edits);
    const last = edits.at(-1);
    if (last) this.#cursor = last.start + last.newText.length;
    const { text } = this.#client;
    if (!this.#asksWhileTyping || text === this.#case.after) return;
    this.#typed.push({ text, afters: (await this.#ask()).map(({ after }) => after) });
  }

  /** What is offered now, at most one a channel. */
  async #ask(): Promise<Offer[]> {
    const { text } = this.#client;
    const ghost = await this.#client.ghostText(this.#cursor);
    const edit = await this.#client.nextEdit(this.#cursor);
    const offer = (via: ShownOffer['via'], offered: Offered | undefined): Offer[] =>
      offered ? [{ via, offered, after: applyEdits(text, offered.edits) }] : [];
    return [...offer('ghostText', ghost), ...offer('nextEdit', edit)];
  }

  /** The user sees both channels: what is wrong in one of them is wrong. */
  #judged(offers: readonly Offer[]): ShownOffer | undefined {
    const [first] = offers;
    if (!first) return undefined;
    const { text } = this.#client;
    const verdicts = offers.map(({ after }) => this.#judge.verdict(text, after));
    const verdict = verdicts.find((one) => one !== 'right') ?? 'right';
    const passedBy = verdict === 'right' ? this.#judge.passedBy(text, first.after, this.#cursor) : 0;
    return { via: first.via, verdict, edits: first.offered.edits, passedBy };
  }

  async #accept(offer: Offer | undefined): Promise<void> {
    const [edit] = offer?.offered.edits ?? [];
    if (!offer || !edit) return;
    await this.#client.accept(offer.offered);
    this.#cursor = edit.start + edit.newText.length;
  }

  /** Right is what the user is about to have: a later text, or one with some of the wanted edits done. */
  #countTyped(): { asked: number; shown: number; wrong: number } {
    const later = [...this.#typed.map(({ text }) => text), this.#case.after];
    const isRight = (i: number) => (after: string) =>
      later.includes(after, i + 1) || this.#judge.done(after) !== undefined;
    const shown = this.#typed.flatMap(({ afters }, i) => (afters.length > 0 ? [afters.every(isRight(i))] : []));
    return { asked: this.#typed.length, shown: shown.length, wrong: shown.filter((right) => !right).length };
  }
}

function resultOf(want: EverydayCase['want'], first: Verdict | undefined): CaseVerdict {
  if (first === undefined) return want === 'edits' ? 'silent' : 'quiet';
  if (want === 'silence') return 'spoke';
  if (first === 'right') return 'right';
  return want === 'edits' ? 'wrong' : 'spoke';
}
