import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Where installZed.sh has put the compiled extension; empty where there is no Rust to compile it with. */
const folder = process.env.CURSORCORE_ZED_DIR ?? '';
const id = 'cursorcore-lsp';

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
}

/** Node has it; the types of the version that we build for do not. */
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: { compile(bytes: Uint8Array): Promise<object> };
};

/** What of the extension's exports is looked at. */
interface Extension {
  initExtension(): void;
  languageServerCommand(id: string, worktree: object): Command;
  languageServerInitializationOptions(id: string, worktree: object): string;
  languageServerWorkspaceConfiguration(id: string, worktree: object): string;
}

/** A user's machine, as Zed shows it to the extension. */
interface Machine {
  /** What is on the PATH, by name. */
  readonly path?: Readonly<Record<string, string>>;
  /** `lsp.cursorcore-lsp` in Zed's settings. */
  readonly settings?: object;
  readonly npmFails?: string;
}

/** The compiled extension, with the functions of its host that Zed would give it. */
async function loaded({ path = {}, settings = {}, npmFails }: Machine) {
  const asked: string[] = [];
  const installed = new Map<string, string>();
  class Worktree {
    id = () => 1n;
    which = (name: string) => path[name];
    shellEnv = () => [['HOME', '/home/user']];
  }
  const host = {
    'get-settings': {
      default: (_location: object, category: string, key: string) => {
        asked.push(`settings ${category} ${key}`);
        return JSON.stringify({ binary: null, settings: null, initialization_options: null, ...settings });
      },
    },
    'set-language-server-installation-status': {
      default: (_: string, status: { tag: string }) => asked.push(`status ${status.tag}`),
    },
    // What is not called has to be there all the same.
    'key-value-store': { default: class {} },
    project: { default: class {} },
    worktree: { default: Worktree },
    'zed:extension/nodejs': {
      nodeBinaryPath: () => '/zed/node',
      npmPackageInstalledVersion: (name: string) => installed.get(name),
      npmInstallPackage: (name: string, version: string) => {
        asked.push(`npm install ${name}@${version}`);
        if (npmFails !== undefined) throw npmFails;
        installed.set(name, version);
      },
    },
  };
  const require = createRequire(join(folder, 'package.json'));
  const { WASIShim } = await import(
    pathToFileURL(require.resolve('@bytecodealliance/preview2-shim/instantiation')).href
  );
  const shim = new WASIShim();
  const { instantiate } = await import(pathToFileURL(join(folder, 'out/cursorcore_zed.js')).href);
  const compile = (name: string) => wasm.compile(readFileSync(join(folder, 'out', name)));
  const wasi = shim.getImportObject();
  wasi['wasi:cli/environment'].getEnvironment = () => [['PWD', '/zed/extensions/work/cursorcore']];
  const extension: Extension = await instantiate(compile, { ...wasi, ...host });
  extension.initExtension();
  return { extension, worktree: new Worktree(), asked };
}

describe.skipIf(folder === '')('the extension for Zed, compiled', () => {
  const onPath = { path: { [id]: '/usr/bin/cursorcore-lsp' } };

  test('starts the server that is on the PATH, with the environment of the shell', async () => {
    const { extension, worktree, asked } = await loaded(onPath);
    expect(extension.languageServerCommand(id, worktree)).toEqual({
      command: '/usr/bin/cursorcore-lsp',
      args: ['--stdio'],
      env: [['HOME', '/home/user']],
    });
    expect(asked).toEqual([`settings lsp ${id}`]);
  });

  test('starts it with the arguments and the environment of the settings', async () => {
    const binary = { arguments: ['--stdio', '--completions'], env: { CURSORCORE_COMPLETIONS_TOKEN: 'a token' } };
    const { extension, worktree } = await loaded({ ...onPath, settings: { binary } });
    const { args, env } = extension.languageServerCommand(id, worktree);
    expect(args).toEqual(['--stdio', '--completions']);
    expect(env).toEqual([
      ['HOME', '/home/user'],
      ['CURSORCORE_COMPLETIONS_TOKEN', 'a token'],
    ]);
  });

  test('a server that is not there is said in one line, with what to do', async () => {
    const { extension, worktree, asked } = await loaded({});
    const message = errorOf(() => extension.languageServerCommand(id, worktree));
    expect(message).toMatch(
      /^cursorcore-lsp is not on the PATH that Zed sees\. Install it, or name it in Zed's settings/,
    );
    expect(message).not.toContain('\n');
    expect(asked).not.toContainEqual(expect.stringContaining('npm'));
  });

  test('has npm install the version that the settings name, once, and runs that with the Node that Zed has', async () => {
    const { extension, worktree, asked } = await loaded({ settings: { settings: { install: '0.1.0' } } });
    for (let time = 0; time < 2; time++) {
      const { command, args } = extension.languageServerCommand(id, worktree);
      expect([command, ...args]).toEqual([
        '/zed/node',
        '/zed/extensions/work/cursorcore/node_modules/cursorcore-lsp/dist/main.js',
        '--stdio',
      ]);
    }
    expect(asked.filter((one) => !one.startsWith('settings'))).toEqual([
      'status downloading',
      'npm install cursorcore-lsp@0.1.0',
      'status none',
    ]);
  });

  test('says why npm could not install it', async () => {
    const settings = { settings: { install: '9.9.9' } };
    const { extension, worktree, asked } = await loaded({ settings, npmFails: 'no such version' });
    const message = errorOf(() => extension.languageServerCommand(id, worktree));
    expect(message).toBe('npm could not install cursorcore-lsp@9.9.9: no such version');
    expect(asked.at(-1)).toBe('status failed');
  });

  test('hands the settings on, both ways that the server reads them, without its own', async () => {
    const settings = { settings: { engine: 'pattern', install: '0.1.0' } };
    const { extension, worktree } = await loaded({ settings });
    expect(JSON.parse(extension.languageServerInitializationOptions(id, worktree))).toEqual({ engine: 'pattern' });
    const served = JSON.parse(extension.languageServerWorkspaceConfiguration(id, worktree));
    expect(served).toEqual({ cursorcore: { engine: 'pattern' } });
  });

  test('initialization_options come before them', async () => {
    const settings = { settings: { engine: 'pattern' }, initialization_options: { debounceMs: 5 } };
    const { extension, worktree } = await loaded({ settings });
    expect(JSON.parse(extension.languageServerInitializationOptions(id, worktree))).toEqual({ debounceMs: 5 });
  });
});

/** What a function of the extension that fails says to Zed. */
function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return typeof error === 'object' && error && 'payload' in error ? error.payload : error;
  }
  return undefined;
}
