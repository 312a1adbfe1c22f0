import fc from 'fast-check';

/** Small texts as people write them, in languages that have little in common. */
const snippets: readonly (readonly [languageId: string, text: string])[] = [
  [
    'typescript',
    `import { readUser, User } from './users';

const maxUsers = 10;

export class UserList {
  private users: User[] = [];

  add(user: User): void {
    this.users.push(user);
    log('user', user.name);
  }

  find(userName: string): User | undefined {
    return this.users.find((user) => user.name === userName);
  }
}

function showUser(user: User, limit: number): string {
  // The user's name.
  const name = user.name.trim();
  return limit > maxUsers ? name : \`user \${name}\`;
}
`,
  ],
  [
    'python',
    `import os

class Store:
    def __init__(self, path, size=10):
        self.path = path
        self.size = size

    def load(self, path):
        data = read(path)
        if data is None:
            return None
        return data.get("path")

    def save(self, data):
        write(self.path, data)

def load_all(paths):
    return [load(path) for path in paths]
`,
  ],
  [
    'go',
    `package store

func (s *Store) Get(key string) (string, error) {
	s.mu.Lock()
	value, err := s.find(key)
	if err != nil {
		return "", err
	}
	return value, nil
}

func (s *Store) Put(key string, value string) error {
	s.mu.Lock()
	return s.write(key, value)
}
`,
  ],
  [
    'css',
    `.card {
  color: red;
  margin: 4px 8px;
}

.card-title {
  color: red;
  padding: 4px;
}

.card-body {
  color: blue;
}
`,
  ],
  [
    'html',
    `<ul class="list">
  <li class="item">One</li>
  <li class="item">Two</li>
  <li>Three</li>
</ul>
`,
  ],
  [
    'json',
    `{
  "name": "demo",
  "port": 8080,
  "hosts": [
    "a.example",
    "b.example"
  ],
  "debug": false
}
`,
  ],
  [
    'c',
    `static int read_item(struct item *it, int n)
{
\tif (it == NULL)
\t\treturn -1;
\tit->count += n;
\treturn it->count;
}

int sum(int a, int b);
int max(int a, int b);
`,
  ],
  [
    'shellscript',
    `name=demo
dir=/tmp/$name
mkdir -p "$dir"
for file in "$dir"/*; do
  echo "file: $file"
done
`,
  ],
  [
    'sql',
    `CREATE TABLE users (
  id INT,
  name TEXT
);
SELECT u.id, u.name FROM users u WHERE u.name = 'a';
SELECT o.id, o.total FROM orders o WHERE o.total > 1;
`,
  ],
  [
    'markdown',
    `# User list

- The user's name is shown.
- A user may be deleted, a user may be added.

Use \`user\` for one.
`,
  ],
];

/** What the eye does not see: `hostile` turns a text into one that has it. */
const hostilities: readonly ((text: string, at: number) => string)[] = [
  (text) => text,
  (text) => text,
  (text) => text.replaceAll('\n', '\r\n'),
  (text, at) => text.replace(/\n/g, (_, offset: number) => (offset % 3 === at % 3 ? '\r\n' : '\n')),
  (text, at) => text.replace(/\n/g, (_, offset: number) => (offset % 3 === at % 3 ? '\n' : '\r\n')),
  (text, at) => text.replace(/ /g, (_, offset: number) => (offset % 11 === at % 11 ? '\r' : ' ')),
  (text, at) => text.replace(/^( {2}|\t)/gm, (_, __, offset: number) => (offset % 2 === at % 2 ? '\t' : '    ')),
  (text, at) => text.replace(/name|value|path/g, (word, offset: number) => (offset % 2 === at % 2 ? '😀' : word)),
];

const words = ['account', 'users', 'entry', 'userId', 'x', 'file_path', 'MAX_SIZE', 'naïve', '😀', '12', 'item'];
const lines = [
  'log(user);',
  'return None',
  's.mu.Unlock()',
  'color: green;',
  '// note',
  'const a = 1;',
  '<li>New</li>',
  '"x": 1,',
];

interface State {
  readonly text: string;
  readonly cursor: number;
}

type Edit = (text: string, a: number, b: number) => State;

function put(text: string, start: number, end: number, added: string): State {
  return { text: text.slice(0, start) + added + text.slice(end), cursor: start + added.length };
}

function pick<T>(all: readonly T[], at: number): T | undefined {
  return all.length === 0 ? undefined : all[at % all.length];
}

function wordAt(text: string, at: number): { start: number; word: string } | undefined {
  const found = pick([...text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)], at);
  return found && { start: found.index, word: found[0] };
}

function lineAt(text: string, at: number): { start: number; end: number; line: string } {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const start = pick(starts, at) ?? 0;
  const next = text.indexOf('\n', start);
  const end = next < 0 ? text.length : next + 1;
  return { start, end, line: text.slice(start, end) };
}

const edits: readonly Edit[] = [
  // Another name, whole or begun.
  (text, a, b) => {
    const { start, word } = wordAt(text, a) ?? { start: 0, word: '' };
    const now = pick(words, b) ?? '';
    return put(text, start, start + word.length, b % 4 === 3 ? now.slice(0, 3) : now);
  },
  // Every one of them.
  (text, a, b) => {
    const { word } = wordAt(text, a) ?? { word: '' };
    const now = pick(words, b) ?? '';
    return word === ''
      ? put(text, 0, 0, '')
      : { text: text.replaceAll(word, () => now), cursor: text.indexOf(word) + now.length };
  },
  // A part of a name.
  (text, a, b) => {
    const { start, word } = wordAt(text, a) ?? { start: 0, word: '' };
    const at = start + (b % (word.length + 1));
    return put(text, at, at, pick(['New', '_old', 's', 'super'], a + b) ?? '');
  },
  // A line put in, copied, or taken out.
  (text, a, b) => {
    const { start, line } = lineAt(text, a);
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    const state = put(text, start, start, `${indent}${pick(lines, b) ?? ''}\n`);
    return { ...state, cursor: state.cursor - 1 };
  },
  (text, a) => {
    const { start, end, line } = lineAt(text, a);
    return put(text, start, start, text.slice(start, end) === '' ? '\n' : line);
  },
  (text, a) => {
    const { start, end } = lineAt(text, a);
    return put(text, start, end, '');
  },
  // Something around or behind a name.
  (text, a, b) => {
    const { start, word } = wordAt(text, a) ?? { start: 0, word: '' };
    return put(
      text,
      start,
      start + word.length,
      (pick(['f($)', '$, extra', '$.value', '*$', '"$"', '$?', 'a\r$'], b) ?? '$').replace('$', () => word),
    );
  },
  // A number, a mark.
  (text, a, b) => {
    const found = pick([...text.matchAll(/\d+/g)], a);
    return found ? put(text, found.index, found.index + found[0].length, String(b % 100)) : put(text, 0, 0, '1');
  },
  (text, a, b) => {
    const found = pick([...text.matchAll(/[;:,(){}=.<>]/g)], a);
    return put(text, found?.index ?? 0, (found?.index ?? -1) + 1, pick(['', ' => ', '::', '!=', '\t'], b) ?? '');
  },
  // A block pasted from elsewhere.
  (text, a, b) => {
    const [, other] = pick(snippets, b) ?? ['', ''];
    const block = b % 2 === 0 ? text : other;
    const from = lineAt(block, a).start;
    const size =
      block
        .slice(from)
        .split('\n')
        .slice(0, 2 + (b % 4))
        .join('\n').length + 1;
    const { start } = lineAt(text, a + b);
    return put(text, start, start, block.slice(from, from + size));
  },
];

export interface LiveSession {
  readonly languageId: string;
  readonly history: readonly string[];
  readonly current: string;
  readonly cursor: number;
}

/** A few edits of a text, each a snapshot, often one that repeats what another did; the cursor behind the last. */
export const liveSession: fc.Arbitrary<LiveSession> = fc
  .tuple(
    fc.constantFrom(...snippets),
    fc.nat(hostilities.length - 1),
    fc.nat(20),
    fc.array(fc.tuple(fc.nat(edits.length - 1), fc.nat(400), fc.nat(60)), { minLength: 1, maxLength: 4 }),
  )
  .map(([[languageId, plain], hostility, at, steps]) => {
    const texts = [hostilities[hostility]?.(plain, at) ?? plain];
    let cursor = 0;
    for (const [kind, a, b] of steps) {
      const state = edits[kind]?.(texts.at(-1) ?? '', a, b);
      if (!state) continue;
      texts.push(state.text);
      cursor = state.cursor;
    }
    const current = texts.pop() ?? '';
    return { languageId, history: texts, current, cursor: Math.min(cursor, current.length) };
  });
