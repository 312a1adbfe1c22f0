import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Job, runSolution, type TestVerdict } from '../../../server/eval/apeval/harness.ts';
import { pythonHere } from './python.ts';

const python = pythonHere();
const job: Omit<Job, 'solution'> = {
  entry: 'twice',
  prompt: 'def helper(x):\n    return x\n\ndef twice(x):\n    """Twice x."""\n',
  tests: { test: 'def check(candidate):\n    assert candidate(helper(2)) == 4\n    assert twice(3) == 6\n' },
};
const limits = { cpuSeconds: 2, wallMs: 30_000, memoryBytes: 512 * 1024 ** 2, outputBytes: 100_000 };
const run = (solution: string): Promise<TestVerdict> => runSolution(python ?? '', { ...job, solution }, limits);
const doing = (body: string) => run(`def twice(x):\n${body.replace(/^/gm, '    ')}\n    return x + x`);

describe.skipIf(python === undefined)('running solutions (needs Python 3.8 or later)', () => {
  let folder: string;
  let precious: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cursorcore-precious-'));
    precious = path.join(folder, 'file');
    writeFileSync(precious, 'precious');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('passes what is right, with the helpers that the tests take from the task', async () => {
    expect(await run('twice = lambda x: x * 2')).toMatchObject({ passed: true });
  });

  it('says what held the solution', async () => {
    const { layers } = await run('twice = lambda x: x * 2');
    expect(layers).toContain('guard');
    if (process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)) {
      expect(layers).toEqual(expect.arrayContaining(['limits', 'filter']));
    }
  });

  it.each([
    ['a wrong answer', 'twice = lambda x: x + 2', /^a test failed$/],
    ['no function', 'thrice = lambda x: 3 * x', /^there is no function twice$/],
    ['no function but a value', 'twice = 4', /^there is no function twice$/],
    ['a syntax error', 'def twice(x:', /^the solution cannot be read: SyntaxError: /],
    ['an error when it is loaded', 'import nothing_of_this_name', /^ModuleNotFoundError: /],
    ['an error in the function', 'def twice(x): return x + y', /^NameError: name 'y' is not defined$/],
    ['the helpers of the task, which it has not', 'def twice(x): return helper(x) * 2', /^NameError: /],
    ['an early end', 'import os\nos._exit(0)', /^ended the process \(exit code 0\)$/],
    ['an early end that raises', 'raise SystemExit(0)', /^SystemExit: 0$/],
    ['a verdict of its own', 'import os\nos.write(3, b\'{"passed": true}\\n\')\nos._exit(0)', /^ended the process/],
    ['a loop', 'while True: pass', /^used 2 s of processor time$/],
    ['a loop in native code', 'sum(range(10 ** 13))', /^used 2 s of processor time$/],
    [
      'a signal to itself ignored',
      'import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile 1: pass',
      /^used 2 s/,
    ],
    ['endless recursion', 'def twice(x): return twice(x)', /^recurred too deeply$/],
    [
      'endless recursion without a limit',
      'import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): return [*map(lambda _: f(), [1])]\nf()',
      /crashed|memory|processor|Recursion/,
    ],
    ['full memory', 'x = [0]\nwhile True: x += x', /^ran out of memory$/],
    ['full memory at once', 'b"x" * 10 ** 12', /^ran out of memory$/],
    ['a gigabyte printed', 'for _ in range(1024): print("x" * 1024 ** 2)', /^printed more than /],
    [
      'a gigabyte printed as an error',
      'import sys\nfor _ in range(1024): sys.stderr.write("x" * 1024 ** 2)',
      /^printed more/,
    ],
  ])('fails %s, and says so', async (_, solution, reason) => {
    const { passed, reason: said = '' } = await run(solution);
    expect(passed).toBe(false);
    expect(said).toMatch(reason);
  });

  it.each([
    ['forks', 'import os\nos.fork()', /^tried to start a process/],
    [
      'forks until nothing goes',
      'import os\nwhile True:\n    try:\n        os.fork()\n    except Exception:\n        pass',
      /^tried to start a process/,
    ],
    ['starts a program', 'import subprocess\nsubprocess.run(["true"])', /^tried to start a process/],
    [
      'starts a program past the audit hook',
      'import _posixsubprocess as p\np.fork_exec()',
      /^tried to start a process/,
    ],
    ['starts a shell', 'import os\nos.system("true")', /^tried to start a process/],
    ['opens a socket', 'import socket\nsocket.socket()', /^tried to open a socket/],
    [
      'asks the network',
      'import urllib.request\nurllib.request.urlopen("http://127.0.0.1:9/")',
      /^tried to open a socket/,
    ],
    ['deletes its folder', 'import os, shutil\nshutil.rmtree(os.getcwd())', /^tried to delete files/],
    ['changes a mode', 'import os\nos.chmod(".", 0)', /^tried to change files/],
    ['writes a file', 'open("x", "w").write("x")', /^tried to write a file$/],
    [
      'catches what is said to it',
      'try:\n    open("x", "w")\nexcept BaseException:\n    pass',
      /^tried to write a file$/,
    ],
    ['raises its limits', 'import resource as r\nr.setrlimit(r.RLIMIT_CPU, (-1, -1))', /^tried to change its limits/],
    ['calls native code', 'import ctypes\nctypes.CDLL("libc.so.6").fork()', /^tried to call native code/],
    ['kills', 'import os\nos.kill(os.getppid(), 9)', /^tried to send a signal/],
  ])('fails a solution that %s, with the reason', async (_, body, reason) => {
    const { passed, reason: said = '' } = await doing(body);
    expect(passed).toBe(false);
    expect(said).toMatch(reason);
  });

  it('leaves the files of others alone', async () => {
    const { passed } = await doing(`import os, shutil\nos.remove(${JSON.stringify(precious)})`);
    expect(passed).toBe(false);
    const { reason } = await doing(`open(${JSON.stringify(precious)}, "r+")`);
    expect(reason).toBe('tried to write a file');
    expect(existsSync(precious)).toBe(true);
  });

  it('removes the folder that it ran in', async () => {
    // A folder of its own: other tests run solutions at the same time.
    const own = mkdtempSync(path.join(tmpdir(), 'cursorcore-own-'));
    vi.stubEnv('TMPDIR', own);
    try {
      expect(tmpdir()).toBe(own);
      await run('while True: pass');
      expect(readdirSync(own)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      rmSync(own, { recursive: true });
    }
  });

  it('compares with the outputs of a right solution where the tests are inputs', async () => {
    const compare = {
      inputs: [[[1.5, 2.5]], [[0.1]]],
      solution: 'def twice(x): return [2 * y for y in x]',
      tolerance: 0,
    };
    const compared = (solution: string) => runSolution(python ?? '', { ...job, solution, tests: { compare } }, limits);
    expect(await compared('def twice(x): return [y + y for y in x]')).toMatchObject({ passed: true });
    expect(await compared('def twice(x): return [y + y + 1e-9 for y in x]')).toMatchObject({ passed: true });
    expect(await compared('def twice(x): return [y + y + 1e-3 for y in x]')).toMatchObject({ reason: 'a test failed' });
    expect(await compared('def twice(x): return x + x')).toMatchObject({ passed: false });
    // What the solution does to its arguments is not seen by the reference.
    expect(await compared('def twice(x):\n    r = [2 * y for y in x]\n    x.clear()\n    return r')).toMatchObject({
      passed: true,
    });
  });
});
