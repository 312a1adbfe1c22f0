/**
 * What handling one `textDocument/didChange` costs on a 10,000-line file, next to a bare `TextDocument.update` of the same
 * change. Run: npm run bench:didchange
 *
 * Both sides work on documents of their own and take turns, so that the machine's mood hits them alike.
 */
import { TextDocument } from 'vscode-languageserver-textdocument';
import { EditHistory } from '../../server/history/editHistory.ts';
import { Exclusion } from '../../server/history/exclusion.ts';
import { OpenDocument } from '../../server/lsp/openDocument.ts';
import { applyContentChanges } from '../../server/lsp/textSync.ts';
import { defaultSettings } from '../../server/settings/settings.ts';

const lineCount = 10_000;
const keystrokes = 20_000;
const warmUp = 2_000;
const uri = 'file:///bench/file.ts';

const text = Array.from({ length: lineCount }, (_, i) => `  const value${i} = compute(${i}, 'some text');`).join('\n');
const bare = TextDocument.create(uri, 'typescript', 0, text);
const ours = new OpenDocument(uri, 'typescript', 0, text);
const history = new EditHistory();
const exclusion = new Exclusion(defaultSettings);
history.open({ uri, path: 'file.ts', languageId: 'typescript', text });

type Position = { line: number; character: number };
type Change = { range: { start: Position; end: Position }; text: string };

/** As the server does it: the text, the history, and whether the document is still one to follow. */
function handle(version: number, change: Change, nowMs: number): void {
  const changes = applyContentChanges(ours, version, [change], 'utf-16');
  history.change(
    uri,
    changes.map(({ edit }) => edit),
    nowMs,
    ours.getText(),
    (start, end) => ours.buffer.slice(start, end),
  );
  if (exclusion.reason(uri, ours.getText()) !== undefined) throw new Error('the bench file is excluded');
}

/** Typing as people do it: bursts of a dozen keys in one line, some of them backspaces, then on to another place. */
function* typing(): Generator<Change> {
  let seed = 42;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return seed % below;
  };
  for (;;) {
    const line = random(lineCount);
    let character = 8 + random(6);
    for (let key = 0; key < 12; key++) {
      const start = { line, character };
      if (key % 5 === 4) {
        character--;
        yield { range: { start: { line, character }, end: start }, text: '' };
      } else {
        character++;
        yield { range: { start, end: start }, text: 'abcdef'[random(6)] ?? 'a' };
      }
    }
  }
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

const bareMs: number[] = [];
const oursMs: number[] = [];
let version = 0;
for (const change of typing()) {
  version++;
  const runs = [
    () => bareMs.push(timed(() => TextDocument.update(bare, [change], version))),
    () => oursMs.push(timed(() => handle(version, change, version * 150))),
  ];
  for (const run of version % 2 === 0 ? runs : runs.reverse()) run();
  if (version === keystrokes) break;
}
if (bare.getText() !== ours.getText()) throw new Error('the two documents differ');

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

const [a, b] = [bareMs, oursMs].map((ms) => ms.slice(warmUp).sort((x, y) => x - y)) as [number[], number[]];
console.log(`didChange, ${lineCount} lines, ${text.length} characters, ${a.length} keystrokes (ms)`);
console.log('                          p50      p99');
console.log(`bare TextDocument.update  ${quantile(a, 0.5).toFixed(3)}    ${quantile(a, 0.99).toFixed(3)}`);
console.log(`whole didChange           ${quantile(b, 0.5).toFixed(3)}    ${quantile(b, 0.99).toFixed(3)}`);
console.log(
  `ratio                     ${(quantile(b, 0.5) / quantile(a, 0.5)).toFixed(2)}     ${(quantile(b, 0.99) / quantile(a, 0.99)).toFixed(2)}`,
);
console.log(`snapshots kept ${history.snapshots(uri, 99).length}`);
