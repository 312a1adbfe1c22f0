import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Assistant } from '../../server/data/llm/assistant.ts';
import type { LanguageModel } from '../../server/data/llm/languageModel.ts';
import { collectProgrammer, sourceFiles } from '../../server/data/programmer/collectProgrammer.ts';
import { developmentQuestion, type Level, levels } from '../../server/data/programmer/developmentQuestion.ts';
import { type Process, readRecord } from '../../server/data/records.ts';
import { ResumableOutput } from '../../server/data/resumable.ts';
import { scratch } from './repository.ts';

const { folder, remove } = scratch();
afterAll(remove);
let files = 0;

const first = 'def area(width):\n    return width\n';
const second = 'def area(width, height):\n    return width + height\n\nprint(area(2, 3))\nprint(area(3, 4))\n';
const last =
  'def area(width, height):\n    return width * height\n\nprint(area(2, 3))\nprint(area(3, 4))\nprint(area(4, 5))\n';
const fence = (text: string, mark = '```') => `${mark}python\n${text}${mark}`;
const request = 'Write a program that prints areas of rectangles.';
const told = `${request}\n\n${[first, second, last].map((text) => fence(text)).join('\n')}`;

type Answer = (question: string) => Promise<string> | string;

const model = (answer: Answer): LanguageModel & { asked: string[] } => {
  const asked: string[] = [];
  return {
    name: 'told',
    asked,
    async complete(messages) {
      const question = messages.map(({ text }) => text).join('\n');
      asked.push(question);
      return { text: await answer(question) };
    },
    async dispose() {},
  };
};

function place(name: string, contents: Record<string, string>): string {
  const root = path.join(folder, `${name}${files++}`);
  for (const [file, text] of Object.entries(contents)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return root;
}

async function collect(
  root: string,
  answer: LanguageModel,
  {
    chosen = levels,
    limit = 1000,
    out = path.join(folder, `out${files++}.jsonl`),
  }: { chosen?: readonly Level[]; limit?: number; out?: string } = {},
) {
  const llm = await Assistant.open({ model: answer, cacheFile: `${out}.llm`, patienceMs: 200 });
  const output = await ResumableOutput.open({ file: out, settings: {} });
  await collectProgrammer(await sourceFiles([root]), output, {
    llm,
    levels: chosen,
    maxSize: 6000,
    licence: 'MIT',
    limit,
  });
  await output.close();
  await llm.dispose();
  const lines = readFileSync(out, 'utf8').split('\n').filter(Boolean);
  const processes = lines.map((line) => readRecord('process', JSON.parse(line)) as Process);
  return { processes, counts: output.counts.toJSON(), llm: llm.counts.toJSON(), out };
}

describe('what an LLM retells', () => {
  it('is a process for each level, that ends in the file', async () => {
    const told3 = model(() => told);
    const { processes, counts } = await collect(place('good', { 'src/area.py': last }), told3);
    expect(counts).toEqual({ processes: 3 });
    expect(processes.map(({ id }) => id.replace(/:[0-9a-f]{12}:/, ':DIGEST:'))).toEqual(
      levels.map((level) => `programmer:DIGEST:${level}:told`),
    );
    for (const process of processes) {
      expect(process).toMatchObject({
        source: 'programmer',
        language: 'python',
        path: 'src/area.py',
        licence: 'MIT',
        message: request,
        masked: 0,
      });
      expect(process.snippets).toEqual([first, second, last]);
    }
    expect(told3.asked.map((question) => /a beginner|of some years|an expert/.exec(question)?.[0])).toEqual([
      'a beginner',
      'of some years',
      'an expert',
    ]);
  });

  it('ends in the file whatever the last state is, and need not say what was to be made', async () => {
    const { processes } = await collect(
      place('short', { 'area.py': last.trimEnd() }),
      model(() => `${fence(first, '~~~~')}\n${fence(second, '~~~~')}`),
      { chosen: ['novice'] },
    );
    expect(processes).toHaveLength(1);
    expect(processes[0]).not.toHaveProperty('message');
    expect(processes[0]?.snippets).toEqual([first.trimEnd(), second.trimEnd(), last.trimEnd()]);
  });

  it.each<[string, Answer, string]>([
    ['nonsense', () => 'It was written from top to bottom.', 'novice: no sense'],
    ['the file alone', () => fence(last), 'novice: no sense'],
    ['another program', () => fence('let x = 1;\nlet y = 2;\nlet z = 3;\n'), 'novice: no sense'],
    ['a flood', () => fence(last.repeat(40)), 'novice: no sense'],
    ['what breaks off', () => `${request}\n\`\`\`python\n${second}`, 'novice: no sense'],
    ['a refusal', () => "I'm sorry, but I can't help with that.", 'novice: refused'],
    ['an error', () => Promise.reject(new Error('out of memory')), 'novice: failed'],
    ['nothing', () => new Promise(() => {}), 'novice: stalled'],
  ])('is counted and passed over where it is %s', async (_, answer, count) => {
    const { processes, counts, llm } = await collect(
      place('bad', { 'area.py': last, 'other.py': last }),
      model(answer),
      { chosen: ['novice'] },
    );
    expect(processes).toEqual([]);
    expect(counts).toEqual({ 'not retold': 2 });
    expect(llm).toMatchObject({ [count]: 2 });
  });

  it('goes on where it was stopped, without asking again', async () => {
    const root = place('resumed', { 'a.py': last, 'b.py': `${last}print(area(5, 6))\n` });
    const never = model(() => told);
    const whole = await collect(root, never);
    let answers = 0;
    const out = path.join(folder, `out${files++}.jsonl`);
    await collect(
      root,
      model(() => (answers++ < 4 ? told : 'never asked')),
      { out, limit: 4 },
    );
    const rest = model(() => told);
    const { processes } = await collect(root, rest, { out });
    expect(rest.asked).toHaveLength(2);
    expect(processes).toEqual(whole.processes);
  });

  it('is asked of code alone that prompts may show, without its secrets', async () => {
    const secret = `ghp_${'Qw7'.repeat(12)}`;
    const root = place('secrets', {
      'a.py': `token = "${secret}"\n${last}`,
      'vendor/b.py': last,
      'c.min.js': last,
      'd.txt': last,
      'e.py': 'x = 1\n',
      '.git/hooks/f.py': last,
      'g.py': `${last}\0`,
    });
    symlinkSync('/etc', path.join(root, 'link'));
    const careless = model(() => `${fence(`token = "${secret}"\n${second}`)}`);
    const { processes, counts } = await collect(root, careless, { chosen: ['expert'] });
    expect(careless.asked).toHaveLength(1);
    expect(careless.asked.join()).not.toContain(secret);
    expect(JSON.stringify(processes)).not.toContain(secret);
    expect(processes).toHaveLength(1);
    expect(counts).toMatchObject({
      'left out: vendored or generated, by its path': 2,
      'left out: too small': 1,
      'left out: binary content': 1,
    });
  });
});

it('whatever is answered is a process or none', () => {
  const piece = fc.constantFrom('```', '```py\n', '~~~~\n', '\n', last, second, first, 'Make it.', '\n```\n', 'x\n');
  const { read } = developmentQuestion(last, 'python', 'expert');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const development = read(pieces.join(''));
      if (!development) return;
      expect(development.earlier.length).toBeGreaterThan(0);
      expect(development.earlier).not.toContain(last);
      expect(development.earlier.every((text, i) => text !== development.earlier[i - 1])).toBe(true);
    }),
  );
});
