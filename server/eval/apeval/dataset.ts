import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { Conversation, TargetArea } from '../../../shared/conversation/conversation.ts';
import { systemErrorWords } from '../../../shared/errors.ts';
import { CaseFileError, parseJson, readCaseLines } from '../caseLines.ts';
import { utf16Offset } from '../cases.ts';
import type { Tests } from './harness.ts';

/** What a task gives the model: history H, current code C, an instruction U. */
export const taskTypes = ['C', 'H,C', 'C,U', 'H,C,U'] as const;
export type TaskType = (typeof taskTypes)[number];

/** One task of APEval with the tests of the HumanEval problem that it was made from. */
export interface ApevalTask {
  readonly id: string;
  readonly type: TaskType;
  readonly conversation: Conversation;
  readonly problem: Problem;
}

export interface Problem {
  /** The function that is tested. */
  readonly entry: string;
  /** Source up to where the function's body begins. */
  readonly prompt: string;
  /** The body. */
  readonly canonical: string;
  /** HumanEval's. */
  readonly base: Tests;
  /** EvalPlus's extra inputs, where a file gives them. */
  readonly plus?: Tests;
}

const aString = v.string('must be a string');
const offset = v.pipe(v.number(), v.integer(), v.minValue(0));
const snippetSchema = v.object({ lang: aString, code: aString }, 'must be an object');
const datasetSchema = v.array(
  v.object(
    {
      task_id: aString,
      history: v.array(snippetSchema, 'must be a list of objects'),
      current: snippetSchema,
      user: aString,
      area: v.nullish(
        v.union([offset, v.pipe(v.array(offset), v.length(2))], 'must be an offset or a pair of them in code points'),
      ),
    },
    'must be an object',
  ),
  'must be a list of tasks',
);
const problemSchema = v.object(
  { task_id: aString, prompt: aString, entry_point: aString, canonical_solution: aString, test: aString },
  'must be an object',
);
const inputs = v.array(v.array(v.unknown(), 'must be a list of lists'), 'must be a list of lists');
const plusSchema = v.object(
  {
    task_id: aString,
    base_input: v.exactOptional(inputs),
    plus_input: inputs,
    atol: v.exactOptional(v.number('must be a number'), 0),
  },
  'must be an object',
);

/**
 * The tasks of APEval (`benchmark/apeval.json` of the authors' repository, in its order) with their tests, from
 * HumanEval's file and, where one is given, EvalPlus's (JSON Lines, may be gzipped). Throws a CaseFileError.
 */
export async function readApeval(dataset: string, problems: string, evalPlus?: string): Promise<ApevalTask[]> {
  const text = await readFile(dataset, 'utf8').catch((error: unknown) => {
    throw new CaseFileError(`${dataset} cannot be read: ${systemErrorWords(error)}`);
  });
  const samples = parseJson(datasetSchema, text, dataset, 'the file');
  const known = await readProblems(problems);
  const plus = evalPlus === undefined ? undefined : await readPlus(evalPlus);
  const ids = new Set<string>();
  return samples.map((sample) => {
    const id = sample.task_id;
    if (ids.has(id)) throw new CaseFileError(`${dataset}: two tasks have the id ${id}`);
    ids.add(id);
    const problem = known.get(id);
    if (!problem) throw new CaseFileError(`${problems} has no tests for ${id}`);
    const more = plus?.get(id);
    if (plus && !more) throw new CaseFileError(`${evalPlus} has no inputs for ${id}`);
    const solution = problem.prompt + problem.canonical;
    const extra = more && { plus: { compare: { ...more, solution } } };
    return { id, type: typeOf(sample), conversation: conversationOf(sample), problem: { ...problem, ...extra } };
  });
}

type Sample = v.InferOutput<typeof datasetSchema>[number];

function typeOf({ history, user }: Sample): TaskType {
  if (history.length === 0) return user === '' ? 'C' : 'C,U';
  return user === '' ? 'H,C' : 'H,C,U';
}

function conversationOf({ task_id, history, current, user, area }: Sample): Conversation {
  const target = area === undefined || area === null ? undefined : targetOf(current.code, area);
  return {
    path: `${task_id.replaceAll(/\W+/g, '_')}.py`,
    languageId: current.lang,
    history: history.map(({ code }) => code),
    current: current.code,
    ...(target ? { target } : {}),
    ...(user === '' ? {} : { instruction: user }),
  };
}

function targetOf(code: string, area: number | readonly number[]): TargetArea {
  if (typeof area === 'number') return { kind: 'cursor', offset: utf16Offset(code, area) };
  const [start = 0, end = 0] = area.map((codePoints) => utf16Offset(code, codePoints));
  return { kind: 'selection', start, end };
}

async function readProblems(file: string): Promise<Map<string, Problem>> {
  const problems = new Map<string, Problem>();
  for await (const { text, where } of readCaseLines(file)) {
    const one = parseJson(problemSchema, text, where, 'a problem');
    problems.set(one.task_id, {
      entry: one.entry_point,
      prompt: one.prompt,
      canonical: one.canonical_solution,
      base: { test: one.test },
    });
  }
  return problems;
}

/** EvalPlus counts a solution that passes its base inputs and the extra ones. */
async function readPlus(file: string): Promise<Map<string, { inputs: unknown[][]; tolerance: number }>> {
  const all = new Map<string, { inputs: unknown[][]; tolerance: number }>();
  for await (const { text, where } of readCaseLines(file)) {
    const one = parseJson(plusSchema, text, where, 'a problem');
    all.set(one.task_id, { inputs: [...(one.base_input ?? []), ...one.plus_input], tolerance: one.atol });
  }
  return all;
}
