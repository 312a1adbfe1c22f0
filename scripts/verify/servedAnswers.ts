// Asks a model in process and on a server for the same next edits, and says where they differ; see llama_server.sh.
//   tsx scripts/verify/servedAnswers.ts MODEL_FOLDER URL [CASES]
// Ends with 1 where an edit differs for another reason than a close call: a token that is nearly as likely as the one that
// the other side took.
import { ModelEngine } from '../../server/engines/model/modelEngine.ts';
import { readRemoteOptions } from '../../server/engines/remote/remoteOptions.ts';
import { remoteModel } from '../../server/engines/remote/startRemoteEngine.ts';
import type { GeneratedChunk, GenerationRequest, ModelHost } from '../../server/model-host/modelHost.ts';
import { ProcessModelHost } from '../../server/model-host/processModelHost.ts';
import { readManifest } from '../../server/models/store/manifestFile.ts';
import { readSettings } from '../../server/settings/settings.ts';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { formats } from '../../shared/conversation/formats.ts';
import { applyEdits } from '../../shared/edits/apply.ts';

const changes: readonly (readonly [languageId: string, before: string, after: string])[] = [
  [
    'python',
    'total = 0\nfor x in xs:\n    total += x\nprint(total)\n',
    'sum = 0\nfor x in xs:\n    total += x\nprint(total)\n',
  ],
  [
    'python',
    'def area(w, h):\n    return w * h\n\nprint(area(2, 3))\n',
    'def surface(w, h):\n    return w * h\n\nprint(area(2, 3))\n',
  ],
  ['python', 'a = read("a")\nb = read("b")\nc = read("c")\n', 'a = load("a")\nb = read("b")\nc = read("c")\n'],
  ['python', 'class User:\n    name = ""\n    age = 0\n', 'class User:\n    name: str = ""\n    age = 0\n'],
  [
    'python',
    'if ok == True:\n    go()\nif done == True:\n    stop()\n',
    'if ok:\n    go()\nif done == True:\n    stop()\n',
  ],
  ['python', 'x = 1\ny = 2\nprint(x)\n', 'x = 1\ny = 2\nz = 3\nprint(x)\n'],
  ['python', 'import os\nprint(os.getcwd())\n', 'from pathlib import Path\nprint(os.getcwd())\n'],
  ['javascript', 'var a = 1;\nvar b = 2;\nvar c = 3;\n', 'const a = 1;\nvar b = 2;\nvar c = 3;\n'],
  [
    'javascript',
    'function f(a) {\n  return a + 1;\n}\nf(1);\nf(2);\n',
    'function f(a, b) {\n  return a + b;\n}\nf(1);\nf(2);\n',
  ],
  ['javascript', 'log("one");\nlog("two");\nlog("three");\n', 'warn("one");\nlog("two");\nlog("three");\n'],
  [
    'typescript',
    'interface P {\n  x: number;\n}\nconst p: P = { x: 1 };\n',
    'interface P {\n  x: number;\n  y: number;\n}\nconst p: P = { x: 1 };\n',
  ],
  ['typescript', 'let id: any;\nlet name: any;\n', 'let id: number;\nlet name: any;\n'],
  ['go', 'func add(a int, b int) int {\n\treturn a + b\n}\n', 'func add(a, b int) int {\n\treturn a + c\n}\n'],
  ['rust', 'let a = x.unwrap();\nlet b = y.unwrap();\n', 'let a = x?;\nlet b = y.unwrap();\n'],
  ['c', 'int a = 0;\nint b = 0;\nint c = 0;\n', 'long a = 0;\nint b = 0;\nint c = 0;\n'],
  ['java', 'String a = "x";\nString b = "y";\n', 'var a = "x";\nString b = "y";\n'],
  ['html', '<b>one</b>\n<b>two</b>\n', '<strong>one</strong>\n<b>two</b>\n'],
  ['css', '.a { color: red; }\n.b { color: red; }\n', '.a { color: blue; }\n.b { color: red; }\n'],
  ['json', '{\n  "host": "a",\n  "port": 1\n}\n', '{\n  "host": "b",\n  "port": 1\n}\n'],
  ['shellscript', 'echo $A\necho $B\n', 'echo "$A"\necho $B\n'],
];

/** So much, as natural logarithms, may two likeliest tokens differ in probability and count as a close call. */
const close = 0.1;

interface Answer {
  readonly text: string;
  readonly logProbabilities: readonly number[];
  readonly lengths: readonly number[];
  readonly after: string;
  readonly ms: number;
}

/** Passes on what a host says, and keeps it. */
class Recorder implements ModelHost {
  readonly #host: ModelHost;
  chunks: GeneratedChunk[] = [];

  constructor(host: ModelHost) {
    this.#host = host;
  }
  get device() {
    return this.#host.device;
  }
  get contextLength() {
    return this.#host.contextLength;
  }
  async *generate(request: GenerationRequest, signal: AbortSignal) {
    this.chunks = [];
    const answer = this.#host.generate(request, signal);
    for (;;) {
      const { value, done } = await answer.next();
      if (done) return value;
      this.chunks.push(value);
      yield value;
    }
  }
  count(texts: readonly string[], signal: AbortSignal) {
    return this.#host.count(texts, signal);
  }
  dispose() {
    return this.#host.dispose();
  }
}

function conversation([languageId, before, after]: (typeof changes)[number]): Conversation {
  return { path: 'a', languageId, history: [before], current: after, target: { kind: 'cursor', offset: 0 } };
}

async function ask(engine: ModelEngine, recorder: Recorder, asked: Conversation): Promise<Answer> {
  const begun = performance.now();
  const { edits } = await engine.finish(asked, new AbortController().signal);
  const { chunks } = recorder;
  return {
    text: chunks.map(({ text }) => text).join(''),
    logProbabilities: chunks.flatMap(({ logProbabilities }) => logProbabilities),
    lengths: chunks.flatMap(({ lengths }) => lengths),
    after: applyEdits(asked.current, edits),
    ms: performance.now() - begun,
  };
}

/** The probability of the token at an offset of the answer, as a logarithm. */
function logAt({ lengths, logProbabilities }: Answer, offset: number): number {
  let end = 0;
  const token = lengths.findIndex((length) => {
    end += length;
    return end > offset;
  });
  return logProbabilities[token] ?? Number.NaN;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

const [folder, url, count = '20'] = process.argv.slice(2);
if (!folder || !url) throw new Error('Usage: tsx scripts/verify/servedAnswers.ts MODEL_FOLDER URL [CASES]');
const { promptFormat } = await readManifest(folder, folder);
const { settings } = readSettings({ remote: { url, promptFormat, silenceMs: 600_000, answerMs: 3_600_000 } });
const { options } = { options: undefined, ...readRemoteOptions(settings) };
if (!options) throw new Error('the address is wrong');
const limits = { contextLength: 4096, maxPromptTokens: 1024, maxNewTokens: 256, minConfidence: 0 };
const setup = {
  folder,
  device: 'cpu',
  deviceId: 0,
  gpuMemoryLimit: 0,
  threads: Number(process.env.THREADS ?? 0),
  idleMs: 0,
} as const;
const own = new Recorder(new ProcessModelHost({ setup, script: new URL('../../dist/modelHost.js', import.meta.url) }));
const remote = remoteModel(options, () => {});
const served = new Recorder(remote.host);
const ownEngine = new ModelEngine({ ...limits, host: own, format: formats[promptFormat] });
const servedEngine = new ModelEngine({ ...limits, name: 'remote', host: served, format: remote.format });

const tally = { cases: 0, answers: 0, edits: 0, closeCalls: 0, changed: 0, logDifference: 0, ownMs: 0, servedMs: 0 };
for (const change of changes.slice(0, Number(count))) {
  const asked = conversation(change);
  const [a, b] = [await ask(ownEngine, own, asked), await ask(servedEngine, served, asked)];
  tally.cases++;
  tally.ownMs += a.ms;
  tally.servedMs += b.ms;
  if (a.after !== asked.current) tally.changed++;
  if (a.after === b.after) tally.edits++;
  if (a.text === b.text) tally.answers++;
  const at = firstDifference(a.text, b.text);
  const logs = [logAt(a, at), logAt(b, at)];
  const gap = Math.abs((logs[0] ?? 0) - (logs[1] ?? 0));
  if (a.text === b.text) {
    for (const [i, log] of a.logProbabilities.entries()) {
      tally.logDifference = Math.max(tally.logDifference, Math.abs(log - (b.logProbabilities[i] ?? log)));
    }
  } else if (gap <= close) tally.closeCalls++;
  const difference = ` at ${JSON.stringify(a.text.slice(at, at + 12))} and ${JSON.stringify(b.text.slice(at, at + 12))}, of ${logs.map((log) => Math.exp(log).toFixed(3)).join(' and ')}`;
  console.log(
    `${change[0]}: answers ${a.text === b.text ? 'the same' : `differ${difference}`}; edits ${a.after === b.after ? 'the same' : 'differ'}; ${a.ms.toFixed(0)} and ${b.ms.toFixed(0)} ms`,
  );
}
await ownEngine.dispose();
await servedEngine.dispose();
console.log(
  `${tally.cases} cases, ${tally.changed} of them changed by the model in process: ${tally.answers} answers and ${tally.edits} edits the same on the server; ${tally.closeCalls} answers parted at a close call; log probabilities of equal answers differ by ${tally.logDifference.toExponential(1)} at most; ${(tally.ownMs / 1000).toFixed(1)} s in process, ${(tally.servedMs / 1000).toFixed(1)} s on the server`,
);
process.exitCode = tally.answers + tally.closeCalls === tally.cases ? 0 : 1;
