import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ModelEngine } from '../../../server/engines/model/modelEngine.ts';
import { ProcessModelHost, type ProcessModelHostOptions } from '../../../server/model-host/processModelHost.ts';
import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { formats } from '../../../shared/conversation/formats.ts';
import { EngineError } from '../../../shared/errors.ts';
import { built } from '../../built.ts';
import { eventually } from '../../eventually.ts';
import { type TinyModel, tinyModel } from '../../model-host/tinyModel.ts';

/** The engine over the host as built, whose process is killed at chosen moments. */
const script = pathToFileURL(built('modelHost.js'));
const never = new AbortController().signal;
const asked: Conversation = {
  path: 'a.ts',
  languageId: 'typescript',
  history: [],
  current: 'const a = 1;\nconst b = 2;\n',
  target: { kind: 'cursor', offset: 5 },
};

let model: TinyModel;
let engine: ModelEngine | undefined;

beforeAll(async () => {
  model = await tinyModel();
});
afterAll(() => model.remove());
afterEach(() => engine?.dispose());

function start(onLog: (message: string, kill: () => void) => void, options: Partial<ProcessModelHostOptions> = {}) {
  const loads: number[] = [];
  const host = new ProcessModelHost({
    setup: { folder: model.folder, device: 'cpu', deviceId: 0, gpuMemoryLimit: 0, threads: 1 },
    script,
    onReady: () => loads.push(host.pid ?? 0),
    ...options,
  });
  const kill = () => void process.kill(host.pid ?? 0, 'SIGKILL');
  const log = (message: string) => onLog(message, kill);
  const { wholeFile: format } = formats;
  const limits = { contextLength: 4096, maxPromptTokens: 0, maxNewTokens: 0, minConfidence: 0 };
  engine = new ModelEngine({ host, format, log, ...limits });
  return { engine, loads, kill };
}

const dyingWhileGenerating = (message: string, kill: () => void) => {
  if (/asked about/.test(message)) kill();
};

it('a host that dies whenever it generates is left alone after its second death', async () => {
  const { engine, loads } = start(dyingWhileGenerating, { backOff: { firstMs: 60_000 } });
  const failures: unknown[] = [];
  for (let questions = 0; questions < 6; questions++) {
    await engine.predict(asked, never).catch((error: unknown) => failures.push(error));
  }
  expect(failures).toHaveLength(6);
  expect(loads).toHaveLength(2);
});

it('what is said of it is about one thing, however long it is still left alone', async () => {
  const { engine } = start(dyingWhileGenerating, { backOff: { firstMs: 60_000 } });
  const failures: EngineError[] = [];
  const ask = () =>
    engine.predict(asked, never).catch((error: unknown) => {
      if (error instanceof EngineError) failures.push(error);
    });
  await ask();
  // The countdown goes on.
  await eventually(async () => {
    await ask();
    expect(new Set(failures.map(({ message }) => message)).size).toBeGreaterThan(2);
  });
  expect(new Set(failures.map(({ topic }) => topic)).size).toBe(1);
});

it('good answers make up for deaths once a while has passed without any', async () => {
  let left = 0;
  const { engine, loads } = start(
    (message, kill) => {
      if (/asked about/.test(message) && left-- > 0) kill();
    },
    { backOff: { firstMs: 60_000, calmMs: 0 } },
  );
  for (let times = 1; times <= 3; times++) {
    left = 1;
    await engine.predict(asked, never);
    expect(loads).toHaveLength(times + 1);
  }
});

it('a kill during the first load is no more than an accident', async () => {
  const { engine, loads, kill } = start(() => {});
  const answer = engine.predict(asked, never);
  kill();
  expect(await answer).toHaveProperty('edits');
  expect(loads).toHaveLength(1);
});
