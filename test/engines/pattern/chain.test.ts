import { describe, expect, it } from 'vitest';
import { argument } from '../../../server/commands/demo/sessions/newArgument.ts';
import { PatternEngine } from '../../../server/engines/pattern/patternEngine.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { pickHunk } from '../../../shared/edits/pick.ts';

/** Accepts what is offered, Tab after Tab, each accepted hunk a snapshot; gives the lines offered and the text reached. */
async function tabThrough(history: readonly string[], current: string, cursor: number) {
  const engine = new PatternEngine();
  const snapshots = [...history];
  const offered: number[] = [];
  let text = current;
  let offset = cursor;
  for (let i = 0; i < 30; i++) {
    const { edits } = await engine.predict(
      {
        path: 'a.ts',
        languageId: 'typescript',
        history: snapshots.slice(-4),
        current: text,
        target: { kind: 'cursor', offset },
      },
      new AbortController().signal,
    );
    const hunk = pickHunk(text, edits, offset);
    const last = hunk?.edits.at(-1);
    if (!hunk || !last) break;
    offered.push(hunk.startLine);
    snapshots.push(text);
    text = applyEdits(text, hunk.edits);
    offset = last.start + last.newText.length;
  }
  return { offered, text };
}

describe('a chain of accepted predictions', () => {
  it('ends when every similar call has been changed: what was just changed is not changed again', async () => {
    const declared = argument.text.replace('message: string)', 'message: string, job?: Job)');
    const current = declared.replace("'reading the source')", "'reading the source', job)");
    const cursor = current.indexOf(', job)') + ', job'.length;
    const { text } = await tabThrough([argument.text, declared], current, cursor);
    expect(text).toBe(argument.goal);
  });

  it('offers the uses of a renamed name from the cursor downwards', async () => {
    const before = `class Reading:
    day: str
    temp: float
    rain: float


def mean(readings):
    return sum(reading.temp for reading in readings) / len(readings)


def warmest(readings):
    return max(readings, key=lambda reading: reading.temp)


def coldest(readings):
    return min(readings, key=lambda reading: reading.temp)


def report(readings):
    lines = [f"{reading.day}: {reading.temp:.1f} °C, {reading.rain:.1f} mm" for reading in readings]
    return "\\n".join(lines)
`;
    const current = before.replace('temp: float', 'celsius: float');
    const { offered, text } = await tabThrough([before], current, current.indexOf('celsius') + 'celsius'.length);
    expect(offered).toEqual([7, 11, 15, 19]);
    expect(text).toBe(before.replaceAll('temp', 'celsius'));
  });
});
