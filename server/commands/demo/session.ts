/** One thing the programmer does. Places are found by the text that stands there, as a person would. */
export type Move =
  /** Puts the cursor in front of `before`, or behind `behind`; of several matches, the `nth`, counted from 1. */
  | { readonly kind: 'go'; readonly before?: string; readonly behind?: string; readonly nth?: number }
  /** Types, a key at a time. */
  | { readonly kind: 'type'; readonly text: string }
  /** Puts a text there at once. */
  | { readonly kind: 'paste'; readonly text: string }
  /** Presses Backspace so many times. */
  | { readonly kind: 'backspace'; readonly count: number }
  /** Rests and looks at what is offered, and takes what leads to the session's `goal`. */
  | { readonly kind: 'look'; readonly via: Channel };

/** How an edit is taken: as a next-edit client does, by the code action, or by the code action for the whole file. */
export type Channel = 'nextEdit' | 'codeAction' | 'codeActionAll';

/** An editing session of one source file. */
export interface Session {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly languageId: string;
  readonly text: string;
  readonly moves: readonly Move[];
  /** What the programmer has in mind: an offer is taken when it brings the text nearer to this, else turned down. */
  readonly goal: string;
}

export const go = (place: { before?: string; behind?: string; nth?: number }): Move => ({ kind: 'go', ...place });
export const type = (text: string): Move => ({ kind: 'type', text });
export const paste = (text: string): Move => ({ kind: 'paste', text });
export const backspace = (count: number): Move => ({ kind: 'backspace', count });
export const look = (via: Channel = 'nextEdit'): Move => ({ kind: 'look', via });

/** The offset of a place in `text`. Throws when the session's own data does not fit its text. */
export function locate(text: string, { before, behind, nth = 1 }: Extract<Move, { kind: 'go' }>): number {
  const target = before ?? behind ?? '';
  let at = -1;
  for (let i = 0; i < nth; i++) at = text.indexOf(target, at + 1);
  if (at < 0) throw new Error(`the session's text has no ${nth}. "${target}"`);
  return before === undefined ? at + target.length : at;
}
