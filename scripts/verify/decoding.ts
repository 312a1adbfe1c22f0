// Compares our import of published weights with transformers, and int4 or int8 with fp32. Two steps, since the reference
// runs elsewhere:
//   tsx scripts/verify/decoding.ts ask MODEL_FOLDER QUESTIONS.json
//   python3 scripts/verify/reference.py WEIGHTS QUESTIONS.json ANSWERS.json
//   tsx scripts/verify/decoding.ts compare MODEL_FOLDER QUESTIONS.json ANSWERS.json
// `answer MODEL_FOLDER QUESTIONS.json ANSWERS.json` lets an import that agrees with transformers be the reference for coarser
// ones, which is quicker for large models: with `"texts": []` transformers need only decode.
// MODEL_FOLDER is where `cursorcore-lsp model path NAME` says. Prompts and text are this repository's own source files.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { InferenceSession as Session, Tensor as Value } from 'onnxruntime-node';
import { loadRuntime } from '../../server/model-host/runtime.ts';
import { ModelTokenizer } from '../../server/model-host/tokenizer.ts';
import type { DecoderDescription, ModelManifest } from '../../server/models/manifest.ts';

const { InferenceSession, Tensor } = await loadRuntime();

const promptCount = 20;
const promptTokens = 96;
const decodedTokens = 64;
const textCount = 8;
const textTokens = 512;

interface Questions {
  readonly prompts: readonly (readonly number[])[];
  readonly texts: readonly (readonly number[])[];
  readonly tokens: number;
}

interface Answers {
  readonly prompts: readonly { readonly ids: number[]; readonly gaps: number[]; readonly logits: number[] }[];
  readonly texts: readonly { readonly top: number[]; readonly loss: number }[];
}

const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8'));
const largest = (values: readonly number[]) =>
  values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function ask(folder: string, questions: string): void {
  const tokenizer = new ModelTokenizer({
    tokenizer: read(path.join(folder, 'tokenizer.json')),
    config: read(path.join(folder, 'tokenizer_config.json')),
  });
  const files = sources('server');
  const encoded = files.map((file) => tokenizer.encodeRaw(readFileSync(file, 'utf8')));
  const long = encoded.filter((ids) => ids.length >= textTokens);
  const every = Math.floor(long.length / promptCount);
  const prompts = Array.from({ length: promptCount }, (_, index) => (long[index * every] ?? []).slice(0, promptTokens));
  const texts = long.slice(-textCount).map((ids) => ids.slice(0, textTokens));
  const asked: Questions = { prompts, texts, tokens: decodedTokens };
  writeFileSync(questions, JSON.stringify(asked));
  console.log(`${prompts.length} prompts of ${promptTokens} tokens, ${texts.length} texts of ${textTokens}`);
}

const int64 = (values: readonly number[], shape: readonly number[]) => new Tensor('int64', values.map(BigInt), shape);

function emptyCache(prefix: string, { layers, kvHeads, headSize }: DecoderDescription): Record<string, Value> {
  const names = Array.from({ length: layers }, (_, layer) => [`${prefix}.${layer}.key`, `${prefix}.${layer}.value`]);
  return Object.fromEntries(
    names.flat().map((name) => [name, new Tensor('float32', new Float32Array(0), [1, kvHeads, 0, headSize])]),
  );
}

/** Logits of every position, a row each. */
async function logitsOf(
  session: Session,
  decoder: DecoderDescription,
  ids: readonly number[],
): Promise<Float32Array[]> {
  const { logits } = await session.run({
    input_ids: int64(ids, [1, ids.length]),
    attention_mask: int64(
      ids.map(() => 1),
      [1, ids.length],
    ),
    ...emptyCache('past_key_values', decoder),
  });
  const flat = logits?.data as Float32Array;
  const { vocabularySize } = decoder;
  return ids.map((_, row) => flat.subarray(row * vocabularySize, (row + 1) * vocabularySize));
}

async function greedy(
  session: Session,
  decoder: DecoderDescription,
  ids: readonly number[],
  count: number,
): Promise<number[]> {
  const outputs = await session.run({
    input_ids: int64(ids, [1, ids.length]),
    past_length: int64([0], []),
    decode: int64([count], []),
    verify: int64([1], []),
    stop_ids: int64([-1], [1]),
    ...emptyCache('past', decoder),
  });
  return Array.from(outputs.ids?.data as BigInt64Array, Number);
}

/** What `compare` needs, from one of our own imports. */
async function answer(folder: string, questionsFile: string, answersFile: string): Promise<void> {
  const { decoder } = read<ModelManifest>(path.join(folder, 'model.json'));
  const asked = read<Questions>(questionsFile);
  const prompts: Answers['prompts'][number][] = [];
  const loop = await InferenceSession.create(path.join(folder, decoder.files.cpu ?? ''));
  for (const prompt of asked.prompts) {
    prompts.push({ ids: await greedy(loop, decoder, prompt, asked.tokens), gaps: [], logits: [] });
  }
  await loop.release();
  const scoring = await InferenceSession.create(path.join(folder, decoder.scoringFiles?.cpu ?? ''));
  const texts: Answers['texts'][number][] = [];
  for (const ids of asked.texts) {
    const rows = await logitsOf(scoring, decoder, ids);
    texts.push({ top: rows.map(argMax), loss: lossOf(rows, ids) });
  }
  const answers: Answers = { prompts, texts };
  writeFileSync(answersFile, JSON.stringify(answers));
}

function argMax(row: Float32Array): number {
  let best = 0;
  for (let index = 1; index < row.length; index++) if ((row[index] ?? 0) > (row[best] ?? 0)) best = index;
  return best;
}

function lossOf(rows: readonly Float32Array[], ids: readonly number[]): number {
  let sum = 0;
  for (let position = 0; position + 1 < ids.length; position++) {
    const row = rows[position] ?? new Float32Array();
    const highest = row.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
    const total = row.reduce((total, value) => total + Math.exp(value - highest), 0);
    sum += Math.log(total) + highest - (row[ids[position + 1] ?? 0] ?? 0);
  }
  return sum / (ids.length - 1);
}

function gapAt({ gaps }: Answers['prompts'][number], position: number): string {
  const gap = gaps[position];
  return gap === undefined ? '' : `, where the reference's two likeliest are ${gap} apart`;
}

async function compare(folder: string, questionsFile: string, answersFile: string): Promise<void> {
  const { decoder, precision } = read<ModelManifest>(path.join(folder, 'model.json'));
  const asked = read<Questions>(questionsFile);
  const answers = read<Answers>(answersFile);
  const loop = await InferenceSession.create(path.join(folder, decoder.files.cpu ?? ''));
  let same = 0;
  for (const [index, prompt] of asked.prompts.entries()) {
    const expected = answers.prompts[index];
    if (!expected) throw new Error('the answers belong to other questions');
    const ids = await greedy(loop, decoder, prompt, asked.tokens);
    const differs = ids.findIndex((id, position) => id !== expected.ids[position]);
    if (differs === -1) same++;
    else console.log(`prompt ${index}: another id at ${differs}${gapAt(expected, differs)}`);
  }
  await loop.release();
  console.log(`${precision}: the same ${asked.tokens} ids for ${same} of ${asked.prompts.length} prompts`);

  const scoring = await InferenceSession.create(path.join(folder, decoder.scoringFiles?.cpu ?? ''));
  const differences: number[] = [];
  for (const [index, prompt] of asked.prompts.entries()) {
    if (answers.prompts[index]?.logits.length === 0) continue;
    const last = (await logitsOf(scoring, decoder, prompt)).at(-1) ?? new Float32Array();
    differences.push(
      largest(answers.prompts[index]?.logits.map((logit, id) => Math.abs(logit - (last[id] ?? 0))) ?? []),
    );
  }
  if (differences.length > 0) console.log(`largest difference of a logit: ${largest(differences)}`);
  if (asked.texts.length === 0) return;
  let [agreed, positions, loss, reference] = [0, 0, 0, 0];
  for (const [index, ids] of asked.texts.entries()) {
    const rows = await logitsOf(scoring, decoder, ids);
    const expected = answers.texts[index];
    agreed += rows.filter((row, position) => argMax(row) === expected?.top[position]).length;
    positions += ids.length;
    loss += lossOf(rows, ids) / asked.texts.length;
    reference += (expected?.loss ?? 0) / asked.texts.length;
  }
  console.log(`top-1 agreement ${((100 * agreed) / positions).toFixed(2)} % of ${positions} positions`);
  console.log(
    `next-token loss ${loss.toFixed(4)}, reference ${reference.toFixed(4)}, ${(loss - reference).toFixed(4)} more`,
  );
}

const [command, ...files] = process.argv.slice(2);
const [folder = '', questions = '', answers = ''] = files;
if (command === 'ask' && files.length === 2) ask(folder, questions);
else if (command === 'compare' && files.length === 3) await compare(folder, questions, answers);
else if (command === 'answer' && files.length === 3) await answer(folder, questions, answers);
else throw new Error('usage: decoding.ts ask MODEL_FOLDER QUESTIONS | answer|compare MODEL_FOLDER QUESTIONS ANSWERS');
