import type { Candidate, CandidateGenerator } from '../../../server/engines/pattern/candidate.ts';
import { buildScene, type Scene } from '../../../server/engines/pattern/scene.ts';
import { cursorMark } from './support.ts';

/** The scene of a session: texts as they came about, in the last of them the cursor marked, or at the newest change. */
export function sceneOf(texts: readonly string[]): Scene | undefined {
  const marked = texts.at(-1) ?? '';
  const offset = marked.indexOf(cursorMark);
  return buildScene({
    path: 'example',
    languageId: '',
    history: texts.slice(0, -1),
    current: marked.replace(cursorMark, ''),
    ...(offset < 0 ? {} : { target: { kind: 'cursor', offset } }),
  });
}

/** What one generator proposes by itself, whatever the ranker would think of it. */
export function proposals(generate: CandidateGenerator, texts: readonly string[]): Candidate[] {
  const scene = sceneOf(texts);
  return scene ? [...generate(scene)] : [];
}

/** The text after one candidate. */
export function applied(texts: readonly string[], { start, end, lines }: Candidate): string {
  const current = (texts.at(-1) ?? '').replace(cursorMark, '');
  return current
    .split('\n')
    .toSpliced(start, end - start, ...lines)
    .join('\n');
}

/** The lines that are proposed, in the order in which they are. */
export function proposedLines(generate: CandidateGenerator, texts: readonly string[]): string[] {
  return proposals(generate, texts).map(({ lines }) => lines.join('\n'));
}

/** The text after each proposal has been taken in turn, the generator asked anew each time and the texts kept as history. */
export function takenInTurn(generate: CandidateGenerator, texts: readonly string[], most = 20): string {
  const all = [...texts];
  for (let i = 0; i < most; i++) {
    const [next] = proposals(generate, all.slice(-5));
    if (!next) break;
    const text = applied(all, next);
    const offset = text.split('\n').slice(0, next.end).join('\n').length;
    all[all.length - 1] = (all.at(-1) ?? '').replace(cursorMark, '');
    all.push(text.slice(0, offset) + cursorMark + text.slice(offset));
  }
  return (all.at(-1) ?? '').replace(cursorMark, '');
}
