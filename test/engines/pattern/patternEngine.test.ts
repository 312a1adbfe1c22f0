import { describe, expect, it } from 'vitest';
import { PatternEngine } from '../../../server/engines/pattern/patternEngine.ts';
import { accepted, firstHunk, predict, tabThrough } from './support.ts';

const python = `import os

def load(path, mode):
    data = read(path)
    return data

def main():
    first = load("a.txt", "r")
    second = load("b.txt", "r")
    print(first, second)
`;

describe('renames', () => {
  it('offers the other uses of a renamed definition, one after another', async () => {
    const renamed = python.replace('def load(', 'def fetch¦(');
    expect(await firstHunk({ texts: [python, renamed] })).toEqual({
      line: 7,
      old: ['    first = load("a.txt", "r")', '    second = load("b.txt", "r")'],
      now: ['    first = fetch("a.txt", "r")', '    second = fetch("b.txt", "r")'],
    });
    expect((await tabThrough({ texts: [python, renamed] })).text).toBe(python.replaceAll('load', 'fetch'));
  });

  it('goes on where uses are apart, down the file and then to those above', async () => {
    const rust = `fn total(items: &[Item]) -> u32 {
    let mut sum = 0;
    for item in items {
        sum += item.price;
    }
    log(sum);
    let taxed = tax(sum);
    if taxed > limit {
        warn("too much");
    }
    sum + taxed
}
`;
    const renamed = rust.replace('let mut sum', 'let mut amount¦');
    expect((await tabThrough({ texts: [rust, renamed] })).text).toBe(rust.replaceAll('sum', 'amount'));
  });

  it('finds the uses of a name whose first use was renamed', async () => {
    const go = `package main

func handle(w http.ResponseWriter, req *http.Request) {
	id := req.URL.Query().Get("id")
	if id == "" {
		http.Error(w, "missing id", 400)
		return
	}
	user, err := store.Find(req.Context(), id)
	if err != nil {
		log.Println(req.Method, err)
	}
	render(w, user)
}
`;
    const renamed = go.replace('req *http', 'request¦ *http');
    expect((await tabThrough({ texts: [go, renamed] })).text).toBe(go.replace(/\breq\b/g, 'request'));
  });
});

describe('the same change again', () => {
  it('replaces the same tokens in similar lines', async () => {
    const before = `test('a', () => {
  expect(sum(1, 2)).toBe(3);
});
test('b', () => {
  expect(sum(2, 2)).toBe(4);
});
test('c', () => {
  expect(sum(5, 2)).toBe(7);
});
`;
    const step = before.replace('toBe(3)', 'toEqual(3)');
    const next = step.replace('toBe(4)', 'toEqual¦(4)');
    expect(await firstHunk({ texts: [before, step, next] })).toMatchObject({
      now: ['  expect(sum(5, 2)).toEqual(7);'],
    });
  });

  it('adds the same argument to similar calls', async () => {
    const before = `void run(struct loop *loop) {
  open_file(loop, "a");
  close_all();
  open_file(loop, "b");
  close_all();
  open_file(loop, "c");
}
`;
    const step = before.replace('"a")', '"a", O_RDONLY)');
    const next = step.replace('"b")', '"b", O_RDONLY¦)');
    expect(await firstHunk({ texts: [before, step, next] })).toMatchObject({
      old: ['  open_file(loop, "c");'],
      now: ['  open_file(loop, "c", O_RDONLY);'],
    });
  });

  it('inserts the same line where the lines around are alike', async () => {
    const before = `class A:
    def start(self):
        self.check()
        self.begin()

    def stop(self):
        self.check()
        self.finish()

    def reset(self):
        self.check()
        self.clear()
`;
    const one = before.replace(
      'self.check()\n        self.begin',
      'self.check()\n        self.log("call")\n        self.begin',
    );
    const two = one.replace(
      'self.check()\n        self.finish',
      'self.check()\n        self.log("call")¦\n        self.finish',
    );
    const hunk = await firstHunk({ texts: [before, one, two] });
    expect(hunk).toMatchObject({ old: [], now: ['        self.log("call")'] });
    expect(hunk?.line).toBe(13);
  });

  it('takes a block written for the third time for a habit', async () => {
    const method = (name: string) => `func (s *Store) ${name}() int {\n\treturn s.${name}\n}\n\n`;
    const lock = '\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n';
    const names = ['Add', 'Get', 'Put', 'Del', 'Len'];
    const texts = [0, 1, 2, 3].map((done) =>
      names.map((name, i) => (i < done ? method(name).replace('{\n', `{\n${lock}`) : method(name))).join(''),
    );
    const at = (texts[3] ?? '').lastIndexOf('defer s.mu.Unlock()') + 'defer s.mu.Unlock()'.length;
    const last = `${texts[3]?.slice(0, at)}¦${texts[3]?.slice(at)}`;
    const done = names.map((name) => method(name).replace('{\n', `{\n${lock}`)).join('');
    expect(await accepted({ texts: [...texts.slice(0, 3), last] })).toBe(done);
  });

  it.each(['', '\t', '\ts', '\ts.mu'])(
    'finishes a block written twice before, of which "%s" is there',
    async (begun) => {
      const method = (name: string, lines: string) =>
        `func (s *Store) ${name}() int {\n${lines}\treturn s.${name}\n}\n\n`;
      const lock = '\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n';
      const store = (...lines: string[]) =>
        ['Add', 'Get', 'Put'].map((name, i) => method(name, lines[i] ?? '')).join('');
      const texts = [store(), store(lock), store(lock, lock), store(lock, lock, `${begun}¦\n`)];
      expect(await accepted({ texts })).toBe(store(lock, lock, lock));
      // Once is not yet a habit, though the line may be; and another beginning is another intention.
      const once = await predict({ texts: [store(), store(lock), store(lock, `${begun}¦\n`)] });
      expect(once.map(({ newText }) => newText).join('\n')).not.toContain('defer');
      expect(await predict({ texts: [...texts.slice(0, 3), store(lock, lock, '\tif¦\n')] })).toEqual([]);
    },
  );

  it('deletes lines like those deleted before', async () => {
    const before = `function a() {
  console.log('in a');
  work(1);
}
function b() {
  console.log('in b');
  work(2);
}
function c() {
  console.log('in c');
  work(3);
}
`;
    const one = before.replace("  console.log('in a');\n", '');
    const two = one.replace("  console.log('in b');\n", '¦');
    expect(await firstHunk({ texts: [before, one, two] })).toMatchObject({ old: ["  console.log('in c');"], now: [] });
  });

  it('removes what is left of code that was moved up', async () => {
    const before = `local M = {}

function M.run()
  return helper(1)
end

local function helper(n)
  return n + compute_offset(n)
end

return M
`;
    const moved = before.replace(
      'local M = {}\n',
      'local M = {}\n\nlocal function helper(n)\n  return n + compute_offset(n)\nend¦\n',
    );
    expect(await accepted({ texts: [before, moved] })).toBe(
      before
        .replace('\nlocal function helper(n)\n  return n + compute_offset(n)\nend\n', '')
        .replace('local M = {}\n', 'local M = {}\n\nlocal function helper(n)\n  return n + compute_offset(n)\nend\n'),
    );
  });
});

describe('ghost text', () => {
  it('finishes an edit that repeats an earlier one, and learns nothing from it before it is finished', async () => {
    const before = `fn main() {
    let a = parse(first).unwrap();
    run(a);
    let b = parse(second).unwrap();
    run(b);
    let c = load(third).unwrap();
    run(c);
}
`;
    const one = before.replace('parse(first).unwrap()', 'parse(first).expect("bad input")');
    const half = one.replace('parse(second).unwrap()', 'parse(second).ex¦');
    expect(await firstHunk({ texts: [before, one, half] })).toMatchObject({
      line: 3,
      now: ['    let b = parse(second).expect("bad input");'],
    });
    expect(await accepted({ texts: [before, one, half] })).not.toContain('load(third).ex;');
  });

  it('writes an inserted line again while it is being typed', async () => {
    const before = `def one():
    return 1

def two():
    return 2

def three():
    return 3
`;
    const one = before.replace('def one():\n', 'def one():\n    logger.info("called")\n');
    const two = one.replace('def two():\n', 'def two():\n    logger.inf¦\n');
    const [edit] = await predict({ texts: [before, one, two] });
    expect(edit).toMatchObject({ newText: 'o("called")' });
  });
});

describe('silence', () => {
  it.each([
    ['without history', ['const a = 1;\n¦']],
    ['when nothing was changed', [python, `${python}¦`]],
    ['after a new line of its own', [python, python.replace('import os\n', 'import os\nimport sys¦\n')]],
    ['after an undo', [python, python.replace('load', 'fetch'), `${python}¦`]],
    ['after formatting', [python, python.replaceAll('    ', '  ').replace('main', '¦main')]],
    ['for an empty file', [python, '¦']],
    ['when a name was deleted and nothing typed yet', [python, python.replace('def load(', 'def ¦(')]],
  ])('%s', async (_, texts) => {
    expect(await predict({ texts })).toEqual([]);
  });

  it('rejects with the reason when aborted', async () => {
    const reason = new Error('superseded');
    const signal = AbortSignal.abort(reason);
    const asked = { path: 'a', languageId: '', history: [python], current: python.replace('load', 'x') };
    await expect(new PatternEngine().predict(asked, signal)).rejects.toBe(reason);
  });

  it('gives the same answer to the same question', async () => {
    const texts = [python, python.replace('def load(', 'def fetch¦(')];
    expect(await predict({ texts })).toEqual(await predict({ texts }));
  });
});
