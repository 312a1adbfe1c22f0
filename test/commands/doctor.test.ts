import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyCursorCore } from '../fixtures/tinyCursorCore.ts';
import { type TinyModel, tinyModel } from '../model-host/tinyModel.ts';
import { folderWith, runIn } from './cli.ts';

let tiny: TinyModel;
const { folder, remove } = folderWith({ 'prompt.txt': 'the text = in <|im_end|>' });
const env = { CURSORCORE_CACHE: path.join(folder, 'cache') };

beforeAll(async () => {
  tiny = await tinyModel();
});
afterAll(() => {
  tiny.remove();
  remove();
});

describe('doctor', () => {
  it('measures a model and ends with 0', () => {
    const { code, stdout, stderr } = runIn({ env }, 'doctor', tiny.folder, '--device', 'cpu', '--json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.runtime).toMatchObject({ installed: true });
    expect(report.measured.device).toBe('cpu');
    expect(report.measured.prefillTokensPerSecond).toBeGreaterThan(0);
    expect(report.measured.decodeTokensPerSecond).toBeGreaterThan(0);
  });

  it("keeps ONNX Runtime's telemetry off: it leaves no device id and no events behind", () => {
    const home = path.join(folder, 'home');
    mkdirSync(home);
    const places = { HOME: home, XDG_CACHE_HOME: home, TMPDIR: home };
    // Set around the tests, these would keep it off too.
    const elsewhere = { CI: undefined, ORT_DISABLE_TELEMETRY: undefined };
    const { code } = runIn({ env: { ...env, ...places, ...elsewhere } }, 'doctor', tiny.folder, '--device', 'cpu');
    expect(code).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  });

  it('takes the model that the server would take, not the first by name', () => {
    const two = { CURSORCORE_CACHE: path.join(folder, 'two') };
    runIn({ env: two }, 'model', 'import', tinyCursorCore, '--name', 'a', '--format', 'fewShotBase');
    runIn({ env: two }, 'model', 'import', tinyCursorCore, '--name', 'b');
    const { stdout } = runIn({ env: two }, 'doctor', '--device', 'cpu', '--json');
    expect(JSON.parse(stdout).measured.model).toBe('b');
  });

  it('says what is missing and ends with 1', () => {
    const { code, stdout } = runIn({ env }, 'doctor');
    expect(code).toBe(1);
    expect(stdout).toMatch(/no model can predict: no model is installed: `cursorcore-lsp model pull`/);
    expect(runIn({ env }, 'doctor', 'nonsense').stdout).toMatch(/no model nonsense is installed/);
    expect(runIn({ env }, 'doctor', '--device', 'tpu')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--device: should be auto, cpu or cuda, not "tpu"'),
    });
  });
});

describe('model run', () => {
  const prompt = path.join(folder, 'prompt.txt');

  it('goes on with a text, greedily, the same each time', () => {
    const args = ['model', 'run', tiny.folder, '--prompt-file', prompt, '--max-tokens', '12', '--device', 'cpu'];
    const { code, stdout } = runIn({ env }, ...args, '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.ids).toHaveLength(12);
    expect(report.logProbabilities).toHaveLength(12);
    const shown = runIn({ env }, ...args);
    expect(shown.stdout).toBe(report.text);
    expect(shown.stderr).toMatch(
      /^\ncpu: \d+ prompt tokens \(0 reused\) at [\d.]+ a second, 12 decoded at [\d.]+ a second, ended by length\n$/,
    );
  });

  it('refuses what it cannot use, in a sentence', () => {
    const run = (...args: string[]) => runIn({ env }, 'model', 'run', ...args);
    expect(run('nonsense', '--prompt-file', prompt)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no model nonsense is installed'),
    });
    expect(run(tiny.folder, '--prompt-file', path.join(folder, 'none'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/none cannot be read: no such file/),
    });
    expect(run(tiny.folder, '--prompt-file', prompt, '--max-tokens', '0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--max-tokens: should be a whole number from 1, not "0"'),
    });
    const manifest = path.join(tiny.folder, 'model.json');
    const whole = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, '{}');
    expect(run(tiny.folder, '--prompt-file', prompt).stderr).toMatch(
      /^cursorcore-lsp model run: the model .* is damaged/,
    );
    writeFileSync(manifest, whole);
  });
});
