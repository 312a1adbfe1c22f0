import { type GeneratorKind, generatorKinds, type PooledCandidate } from '../../../server/engines/pattern/candidate.ts';
import { collect } from '../../../server/engines/pattern/propose.ts';
import { buildScene } from '../../../server/engines/pattern/scene.ts';

/** Steps of a session: the first text, then what is replaced by what, each a snapshot; the cursor is behind the last. */
export function session(before: string, ...steps: readonly (readonly [string, string])[]) {
  const texts = [before];
  let [text, cursor] = [before, 0];
  for (const [old, now] of steps) {
    const at = text.indexOf(old);
    if (at < 0) throw new Error(`not in the text: ${old}`);
    cursor = at + now.length;
    text = text.slice(0, at) + now + text.slice(at + old.length);
    texts.push(text);
  }
  return { history: texts.slice(0, -1), current: text, cursor };
}

export type Steps = ReturnType<typeof session>;

/** The candidates of one kind. */
export function candidatesOf(kind: GeneratorKind, { history, current, cursor }: Steps): PooledCandidate[] {
  const target = { kind: 'cursor' as const, offset: cursor };
  const scene = buildScene({ path: 'example', languageId: '', history, current, target });
  if (!scene) return [];
  const bit = 1 << generatorKinds.indexOf(kind);
  return collect(scene).filter((candidate) => (candidate.kinds & bit) !== 0);
}

/** What a kind would do, as `line: text`, lines counted from 1; what is inserted stands as `line+: text`. */
export function proposed(kind: GeneratorKind, steps: Steps): string[] {
  const inOrder = candidatesOf(kind, steps).sort((a, b) => a.start - b.start);
  return inOrder.map(({ start, end, lines }) => `${start + 1}${start === end ? '+' : ''}: ${lines.join('\n')}`);
}
