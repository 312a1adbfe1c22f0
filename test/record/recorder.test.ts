import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DocumentHistory } from '../../server/history/documentHistory.ts';
import { readSession } from '../../server/record/recordedEvents.ts';
import { Recorder } from '../../server/record/recorder.ts';
import { recordedFiles } from '../../server/record/recordFolder.ts';
import { applyEdits } from '../../shared/edits/apply.ts';

let folder: string;
let failures: unknown[];
beforeEach(() => {
  folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-recorder-'));
  failures = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const recorder = (maxBytes = 1e9, into = folder) =>
  new Recorder({ folder: into, maxBytes, now: () => 1e12, onFailure: (error) => void failures.push(error) });
const plain = (text: string) => ({ text, hasSecrets: false });
const about = (text: string) => ({ path: 'a.ts', languageId: 'typescript', ...plain(text) });
const sessions = () =>
  readdirSync(folder)
    .sort()
    .map((name) => readSession(readFileSync(path.join(folder, name), 'utf8')));

/** The text at the end of a recording. */
function endOf(session: ReturnType<typeof readSession>): string | undefined {
  let text = session?.start.text;
  for (const event of session?.events ?? []) {
    if (event.kind !== 'change' || text === undefined) continue;
    const [start, end, newText] = event.edit;
    text = applyEdits(text, [{ start, end, newText }]);
  }
  return text;
}

describe('what is recorded', () => {
  it('leads to the masked text, whatever is edited, in however many pieces', async () => {
    const secret = `ghp_${'Zy9'.repeat(12)}`;
    const piece = fc.constantFrom('a', '\n', 'b = 1;\n', '"', `"${secret}"`, secret.slice(0, 20), secret.slice(20), '');
    const edit = fc.record({ at: fc.nat(), length: fc.nat({ max: 40 }), newText: piece });
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece),
        fc.array(fc.array(edit, { minLength: 1, maxLength: 2 })),
        async (texts, all) => {
          for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
          const first = texts.join('');
          const history = new DocumentHistory(first);
          const seen = () => ({ text: history.text, hasSecrets: history.secrets.length > 0 });
          const engines = [history.text];
          const one = recorder();
          one.opened('file:///a.ts', { ...about(''), ...seen() });
          let text = first;
          for (const [i, group] of all.entries()) {
            const edits = group.map(({ at, length, newText }) => {
              const start = at % (text.length + 1);
              const change = { start, end: Math.min(text.length, start + length), newText };
              text = applyEdits(text, [change]);
              return change;
            });
            history.record(edits, i);
            one.changed('file:///a.ts', edits, seen());
            engines.push(history.text);
            if (i % 3 === 0) await one.flush();
          }
          one.closed('file:///a.ts');
          one.departed('file:///a.ts');
          await one.flush();
          expect(failures).toEqual([]);
          expect(readdirSync(folder)).toHaveLength(1);
          expect(endOf(sessions()[0])).toBe(history.text);
          const everything = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));
          // Only where it stands alone is it known to be one.
          if (!engines.some((one) => one.includes(secret))) expect(everything.join('')).not.toContain(secret);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is for its owner alone', async () => {
    const one = recorder(1e9, path.join(folder, 'inner'));
    one.opened('file:///a.ts', about('text'));
    await one.flush();
    if (process.platform === 'win32') return;
    expect(statSync(path.join(folder, 'inner')).mode & 0o777).toBe(0o700);
    const [file] = await recordedFiles(path.join(folder, 'inner'));
    expect(statSync(file?.path ?? '').mode & 0o777).toBe(0o600);
  });

  it('takes no more room than it may, and loses the oldest first', async () => {
    const maxBytes = 300_000;
    const one = recorder(maxBytes);
    let text = 'x'.repeat(1000);
    for (let document = 0; document < 30; document++) {
      const uri = `file:///${document}.ts`;
      one.opened(uri, { ...about(text), path: `${document}.ts` });
      for (let change = 0; change < 10; change++) {
        const newText = 'y'.repeat(2000);
        text = newText + text.slice(2000);
        one.changed(uri, [{ start: 0, end: 2000, newText }], plain(text));
        await one.flush();
        const bytes = (await recordedFiles(folder)).reduce((sum, file) => sum + file.bytes, 0);
        expect(bytes).toBeLessThanOrEqual(maxBytes);
      }
      one.closed(uri);
      one.departed(uri);
    }
    const kept = sessions().map((session) => session?.start.path);
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.length).toBeLessThan(30);
    expect(kept).toContain('29.ts');
    expect(kept).not.toContain('0.ts');
    expect(failures).toEqual([]);
  });

  it('goes on in another file when one is long, and loses nothing between', async () => {
    const one = recorder();
    const large = 'z'.repeat(2 * 1024 * 1024);
    let text = large;
    one.opened('file:///a.ts', about(text));
    for (let change = 0; change < 5; change++) {
      const newText = String(change).repeat(600_000);
      text = newText + large;
      const end = change === 0 ? 0 : 600_000;
      one.changed('file:///a.ts', [{ start: 0, end, newText }], plain(text));
      await one.flush();
    }
    const all = sessions();
    expect(all).toHaveLength(3);
    expect(all.map(endOf)).toContain(text);
    const begins = all.map((session) => session?.start.text);
    for (const end of all.map(endOf).filter((one) => one !== text)) expect(begins).toContain(end);
    one.forgotten('file:///a.ts');
    await one.flush();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a document that is to be kept out is removed, also when it was just closed', async () => {
    const one = recorder();
    for (const uri of ['file:///a.ts', 'file:///b.ts', 'file:///c.ts']) one.opened(uri, about('secret'));
    await one.flush();
    expect(readdirSync(folder)).toHaveLength(3);
    one.forgotten('file:///a.ts');
    one.closed('file:///b.ts');
    one.forgotten('file:///b.ts');
    await one.flush();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('ends when it cannot be written, and says so once', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const one = recorder(1e9, path.join(file, 'inside'));
    one.opened('file:///a.ts', about('text'));
    await one.flush();
    one.opened('file:///b.ts', about('text'));
    await one.flush();
    expect(failures).toHaveLength(1);
  });
});

describe('a recording', () => {
  const head = { kind: 'session', version: 1, at: 0, path: 'a', language: '', text: '' };
  const change = { kind: 'change', at: 1, edit: [0, 0, 'x'] };
  const lines = [head, change, change].map((event) => JSON.stringify(event));

  it('is read up to where it was cut off', () => {
    const text = `${lines.join('\n')}\n`;
    for (let length = 0; length <= text.length; length++) {
      const session = readSession(text.slice(0, length));
      const whole = lines.filter((_, i) => length >= lines.slice(0, i + 1).join('\n').length).length;
      expect(session?.events.length ?? -1).toBe(whole - 1);
    }
  });

  it.each([
    ['of another version', { ...head, version: 2 }],
    ['that does not begin with its session', change],
    ['of something else', []],
  ])('%s is none', (_, first) => {
    expect(readSession(`${JSON.stringify(first)}\n`)).toBeUndefined();
  });
});
