import { PatternEngine } from '../../../server/engines/pattern/patternEngine.ts';
import type { PredictedEdit } from '../../../shared/conversation/conversation.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { pickHunk } from '../../../shared/edits/pick.ts';

const engine = new PatternEngine();
const everything = new PatternEngine({ minConfidence: 0 });
const { signal } = new AbortController();

/** Marks the cursor in the last text of a session. */
export const cursorMark = '¦';

export interface Session {
  /** The texts as they came about; the last one, with the cursor marked, is the current one. */
  readonly texts: readonly string[];
  readonly minConfidence?: number;
}

function split(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf(cursorMark);
  if (offset < 0) throw new Error('no cursor in the session');
  return { text: marked.slice(0, offset) + marked.slice(offset + cursorMark.length), offset };
}

/** What the engine predicts, at the shipped threshold unless another is given. */
export async function predict({ texts, minConfidence }: Session): Promise<readonly PredictedEdit[]> {
  const { text, offset } = split(texts.at(-1) ?? '');
  const asked = {
    path: 'example.ts',
    languageId: 'typescript',
    history: texts.slice(0, -1),
    current: text,
    target: { kind: 'cursor' as const, offset },
  };
  const used =
    minConfidence === undefined ? engine : minConfidence === 0 ? everything : new PatternEngine({ minConfidence });
  return (await used.predict(asked, signal)).edits;
}

/** The text after accepting everything that is predicted. */
export async function accepted(session: Session): Promise<string> {
  return applyEdits(split(session.texts.at(-1) ?? '').text, await predict(session));
}

/** The new lines of the hunk that would be shown first. */
export async function firstHunk(
  session: Session,
): Promise<{ line: number; old: readonly string[]; now: readonly string[] } | undefined> {
  const { text, offset } = split(session.texts.at(-1) ?? '');
  const hunk = pickHunk(text, await predict(session), offset);
  return hunk && { line: hunk.startLine, old: hunk.oldLines, now: hunk.newLines };
}

/** Accepts first hunks until nothing more is predicted, as Tab, Tab, Tab does, each as a step of its own. */
export async function tabThrough(session: Session, most = 20): Promise<{ text: string; tabs: number }> {
  const texts = [...session.texts];
  let tabs = 0;
  for (; tabs < most; tabs++) {
    const { text, offset } = split(texts.at(-1) ?? '');
    const edits = await predict({ texts });
    const hunk = pickHunk(text, edits, offset);
    if (!hunk) break;
    const last = hunk.edits.at(-1);
    const next = applyEdits(text, hunk.edits);
    const grown = next.length - text.length;
    const at = (last?.end ?? 0) + grown;
    texts[texts.length - 1] = text;
    texts.push(next.slice(0, at) + cursorMark + next.slice(at));
  }
  return { text: split(texts.at(-1) ?? '').text, tabs };
}
