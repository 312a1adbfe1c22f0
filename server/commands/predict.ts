import path from 'node:path';
import * as v from 'valibot';
import type { Conversation, Prediction, TargetArea } from '../../shared/conversation/conversation.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { languageIdOf } from '../../shared/languageId.ts';
import { counted } from '../../shared/plural.ts';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import { printableText } from '../../shared/printable.ts';
import type { Engine } from '../engines/engine.ts';
import { firstPrediction } from '../engines/registry.ts';
import { findSecrets, mask, maskSecrets } from '../history/secretSpans.ts';
import { outsideMasks } from '../prediction/outsideMasks.ts';
import { withoutSteering } from '../prediction/steering.ts';
import { expectedOf, mismatch, settingSchemas } from '../settings/settings.ts';
import { failure } from './failure.ts';
import { givenSettings } from './givenSettings.ts';
import { jsonText } from './jsonText.ts';
import { namedEngines } from './namedEngines.ts';
import { showDiff } from './showDiff.ts';
import { readText } from './textFile.ts';

export interface PredictOptions {
  /** Earlier versions of the file, oldest first. */
  readonly history?: readonly string[];
  /** `LINE:COLUMN`, both counted from 1; columns in UTF-16 code units. */
  readonly cursor?: string;
  readonly instruction?: string;
  /** The engine, as the setting `engine` names it. */
  readonly engine?: string;
  /** The model, as the setting `model.name` names it. */
  readonly model?: string;
  /** Also print how the engine came to its prediction. */
  readonly explain?: boolean;
  /** Other settings, each as `NAME=VALUE`. */
  readonly setting?: readonly string[];
  /** JSON instead of a diff. */
  readonly json?: boolean;
}

/** Something the user got wrong, in one sentence. */
class InputError extends Error {}

/**
 * `predict`: one prediction for `file`, as unified diff or JSON on standard output. Returns the exit code: 1 when there
 * can be no prediction, 2 for an option that cannot be understood. An engine that stays silent is no failure.
 */
export async function predict(file: string, options: PredictOptions): Promise<number> {
  const engineName = v.safeParse(settingSchemas.engine, options.engine);
  if (!engineName.success) return fail(`--engine: ${mismatch(expectedOf(settingSchemas.engine), options.engine)}`, 2);
  if (options.cursor !== undefined && !/^[1-9]\d*:[1-9]\d*$/.test(options.cursor)) {
    return fail(`--cursor: ${mismatch('LINE:COLUMN, both counted from 1', options.cursor)}`, 2);
  }
  const given = givenSettings(options.setting);
  if (!given.settings) return fail(given.problem, 2);
  let engines: readonly Engine[] = [];
  try {
    engines = await namedEngines({
      ...given.settings,
      ...(options.engine === undefined ? {} : { engine: engineName.output }),
      ...(options.model === undefined ? {} : { 'model.name': options.model }),
    });
    const conversation = readConversation(file, options);
    const asked = engines.filter((engine) => options.instruction === undefined || engine.supportsInstructions);
    if (asked.length === 0) {
      const names = engines.map((engine) => engine.name).join(', ');
      return fail(`the ${names} engine cannot take instructions; it predicts from the edits alone`);
    }
    const start = performance.now();
    const masked = withoutSecrets(conversation);
    const first = await firstPrediction(asked, masked, new AbortController().signal);
    const { engine } = first;
    const { edits, ...rest } = outsideMasks(masked, first.prediction);
    const prediction = { ...rest, edits: withoutSteering(conversation.current, edits) };
    const latencyMs = performance.now() - start;
    // Of the text in which secrets are masked: as the engine saw it, and nothing to be hidden is printed.
    const explained = asked.find(({ name }) => name === engine);
    const explanation = options.explain ? await explained?.explain?.(masked, new AbortController().signal) : undefined;
    if (options.json) {
      const answer = toJson(file, engine, latencyMs, conversation, prediction);
      process.stdout.write(jsonText(explanation ? { ...answer, explanation } : answer));
      return 0;
    }
    process.stdout.write(toText(file, conversation, prediction));
    if (explanation) {
      const { showExplanation } = await import('./showExplanation.ts');
      const leftOut = first.prediction.edits.length - prediction.edits.length;
      const note = `Of the prediction, ${counted(leftOut, 'edit')} left out: it touches a secret, or has characters that steer the display.\n`;
      process.stdout.write(`\n${showExplanation(explanation)}${leftOut > 0 ? `\n${note}` : ''}`);
    }
    return 0;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  } finally {
    for (const engine of engines) await engine.dispose();
  }
}

function readConversation(file: string, { history = [], cursor, instruction }: PredictOptions): Conversation {
  const current = readText(file);
  const target = cursor === undefined ? undefined : locate(file, current, cursor);
  return {
    path: path.isAbsolute(file) ? path.basename(file) : file.split(path.sep).join('/'),
    languageId: languageIdOf(file),
    history: history.map(readText),
    current,
    ...(target ? { target } : {}),
    ...(instruction === undefined ? {} : { instruction }),
  };
}

/** What the engines see of it. Offsets are the same in both. */
function withoutSecrets(conversation: Conversation): Conversation {
  const { current, history, instruction } = conversation;
  const masked = findSecrets(current);
  return {
    ...conversation,
    current: mask(current, masked),
    history: history.map(maskSecrets),
    masked,
    ...(instruction === undefined ? {} : { instruction: maskSecrets(instruction) }),
  };
}

function locate(file: string, text: string, cursor: string): TargetArea {
  const [line = 1, column = 1] = cursor.split(':').map(Number);
  const index = new LineIndex(text);
  if (line > index.lineCount)
    throw new InputError(`--cursor: ${file} has ${counted(index.lineCount, 'line')}, none is ${line}`);
  const length = index.line(line - 1).length;
  if (column > length + 1) {
    throw new InputError(
      `--cursor: line ${line} of ${file} has ${counted(length, 'character')}, so the last column is ${length + 1}`,
    );
  }
  return { kind: 'cursor', offset: index.offsetAt({ line: line - 1, character: column - 1 }) };
}

function toText(file: string, { current }: Conversation, { edits, chat }: Prediction): string {
  const said = chat === undefined ? '' : `${printableText(chat)}\n`;
  return edits.length === 0
    ? `${said}No edit is predicted.\n`
    : said + showDiff(file, current, applyEdits(current, edits));
}

/** Offsets are UTF-16 code units of the file, ranges LSP's: lines and UTF-16 characters from 0. */
function toJson(
  file: string,
  engine: string,
  latencyMs: number,
  { current }: Conversation,
  { edits, chat }: Prediction,
) {
  const index = new LineIndex(current);
  return {
    file,
    engine,
    latencyMs: Math.round(latencyMs * 10) / 10,
    edits: edits.map((edit) => ({
      range: { start: index.positionAt(edit.start), end: index.positionAt(edit.end) },
      ...edit,
    })),
    newText: applyEdits(current, edits),
    ...(chat === undefined ? {} : { chat }),
  };
}

function fail(message: string, code = 1): number {
  return failure('predict', message, code);
}
