import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const mit =
  'MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software\n';

/** A new folder that is removed by `remove`. */
export function scratch(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-data-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A real git repository. Nothing of the machine's own settings reaches it, and times are fixed. */
export class TestRepository {
  readonly folder: string;
  #seconds = 1_700_000_000;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.git('init', '-q', '-b', 'main');
  }

  git(...args: string[]): string {
    return gitIn(this.folder, this.#seconds, ...args);
  }

  write(file: string, content: string | Uint8Array): void {
    const place = path.join(this.folder, file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, content);
  }

  /** Commits all that is there, and what is given. */
  commit(message: string, files: Readonly<Record<string, string | Uint8Array>> = {}): void {
    this.#seconds += 60;
    for (const [file, content] of Object.entries(files)) this.write(file, content);
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', message);
  }
}

export function gitIn(folder: string, seconds: number, ...args: string[]): string {
  return execFileSync('git', ['-C', folder, '-c', 'protocol.file.allow=always', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.org',
      GIT_AUTHOR_DATE: `${seconds} +0000`,
      GIT_COMMITTER_DATE: `${seconds} +0000`,
    },
  });
}

/** A file of code long enough to be taken; `change` says what its lines are. */
export function code(lines: number, change: (line: string, at: number) => string = (line) => line): string {
  return Array.from({ length: lines }, (_, i) => `${change(`value_${i} = compute_${i}(${i})`, i)}\n`).join('');
}

/** A repository of `commits` commits of `files` files, each of which changes some lines of one. */
export function madeRepository(folder: string, commits: number, files = 5): TestRepository {
  const repository = new TestRepository(folder);
  const texts = Array.from({ length: files }, (_, file) => code(40, (line) => line.replace('value', `value_${file}`)));
  const contents = Object.fromEntries(texts.map((text, i) => [`src/m${i}.py`, text]));
  repository.commit('First version of everything', { LICENSE: mit, ...contents });
  for (let i = 0; i < commits; i++) {
    const file = i % files;
    const lines = (texts[file] ?? '').split('\n');
    for (const at of [i % 40, (i * 7 + 3) % 40, (i * 11 + 17) % 40])
      lines[at] = `value_${file}_${at} = rework_${i}(${at})`;
    texts[file] = lines.join('\n');
    repository.commit(`Rework how the values number ${i} are made`, { [`src/m${file}.py`]: texts[file] });
  }
  return repository;
}
