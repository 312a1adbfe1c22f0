import { describe, expect, it } from 'vitest';
import type { GeneratorKind } from '../../../server/engines/pattern/candidate.ts';
import { generatorKinds } from '../../../server/engines/pattern/candidate.ts';
import { collect } from '../../../server/engines/pattern/propose.ts';
import { buildScene } from '../../../server/engines/pattern/scene.ts';
import type { RelatedChange } from '../../../shared/conversation/conversation.ts';
import { cursorMark } from './support.ts';

/** The texts that a generator's candidates would lead to, each candidate by itself. */
function outcomes(kind: GeneratorKind, texts: readonly string[], related: readonly RelatedChange[] = []): string[] {
  const marked = texts.at(-1) ?? '';
  const offset = marked.indexOf(cursorMark);
  const current = marked.replace(cursorMark, '');
  const scene = buildScene({
    path: 'example',
    languageId: '',
    history: texts.slice(0, -1),
    current,
    related,
    ...(offset < 0 ? {} : { target: { kind: 'cursor', offset } }),
  });
  if (!scene) return [];
  const bit = 1 << generatorKinds.indexOf(kind);
  return collect(scene)
    .filter((candidate) => (candidate.kinds & bit) !== 0)
    .map(({ start, end, lines }) =>
      current
        .split('\n')
        .toSpliced(start, end - start, ...lines)
        .join('\n'),
    );
}

describe('replace', () => {
  it('carries a token replacement to other lines, and several at once', () => {
    const before = 'x = a.size()\ny = 1\nz = b.size() + c.size()\n';
    const now = before.replace('a.size()', 'a.length');
    expect(outcomes('replace', [before, now])).toContain(now.replaceAll('.size()', '.length'));
  });

  it('applies all rules of a line together', () => {
    const before = 'foo(a, 1)\nnext()\nfoo(b, 1)\n';
    const now = before.replace('foo(a, 1)', 'bar(a, 2)');
    expect(outcomes('replaceAll', [before, now])).toContain('bar(a, 2)\nnext()\nbar(b, 2)\n');
  });

  it('does not indent a line by what came in with white space before it', () => {
    const before = 'a<b\n<b\nc<b\n';
    const found = outcomes('replace', [before, before.replace('a<', 'a => ')]);
    expect(found).toContain('a => b\n<b\nc => b\n');
    expect(found.every((text) => text.includes('\n<b\n'))).toBe(true);
  });

  it('takes changes of other documents as examples', () => {
    const related = [{ path: 'b.go', languageId: 'go', before: 'log.Printf(x)\n', after: 'slog.Info(x)\n' }];
    const before = 'a\nlog.Printf(y)\nb\n';
    expect(
      outcomes('replaceAll', [before, before.replace('b\n', 'c\n')], related).concat(
        outcomes('replace', [before, before.replace('b\n', 'c\n')], related),
      ),
    ).toContain('a\nslog.Info(y)\nc\n');
  });
});

describe('rename', () => {
  it('follows a name in every way of writing it', () => {
    const before = 'struct UserName { }\nlet user_name = 1;\nconst USER_NAME = 2;\nfn userName() {}\n';
    const now = before.replace('UserName', 'AccountId');
    const found = outcomes('rename', [before, now]);
    expect(found).toContain(now.replace('user_name', 'account_id'));
    expect(found).toContain(now.replace('USER_NAME', 'ACCOUNT_ID'));
    expect(found).toContain(now.replace('userName', 'accountId'));
  });

  it('follows the part that changed into other names, plurals included', () => {
    const before = 'def get_user(): pass\n\ndef list_users(): pass\n';
    const now = before.replace('get_user', 'get_member');
    expect(outcomes('renamePart', [before, now])).toContain('def get_member(): pass\n\ndef list_members(): pass\n');
  });
});

describe('analogy', () => {
  it('changes a block of several lines the way its like was changed, with its own names', () => {
    const before = `if (width < 0) {
  fail("width");
}
draw();
  if (height < 0) {
    fail("height");
  }
`;
    const now = before.replace('if (width < 0) {\n  fail("width");\n}', 'require(width >= 0,\n  "width");');
    expect(outcomes('analogy', [before, now])).toContain(
      now.replace('if (height < 0) {\n    fail("height");\n  }', 'require(height >= 0,\n    "height");'),
    );
  });

  it('counts on where the example counted', () => {
    const before = 'A = 1,\nx\nB = 2,\n';
    expect(outcomes('analogy', [before, before.replace('A = 1', 'A = 2')])).toContain('A = 2,\nx\nB = 3,\n');
  });
});

describe('blocks', () => {
  it('are inserted again with the names of their surroundings, and indented like them', () => {
    const before = 'open(a)\nread(a)\n\n  open(b)\n  read(b)\n';
    const now = before.replace('open(a)\n', 'open(a)\ncheck(a)\n');
    expect(outcomes('insertBlock', [before, now])).toContain(
      'open(a)\ncheck(a)\nread(a)\n\n  open(b)\n  check(b)\n  read(b)\n',
    );
  });

  it('are deleted where they are alike', () => {
    const before = 'print("one")\nf()\nprint("two")\n';
    expect(outcomes('deleteBlock', [before, 'f()\nprint("two")\n'])).toContain('f()\n');
  });

  it('that were moved up are deleted where they stood', () => {
    const before = 'start\nfn helper() {\n  work()\n}\nend\n';
    const now = `fn helper() {\n  work()\n}\n${before}`;
    expect(outcomes('moved', [before, now])).toContain('fn helper() {\n  work()\n}\nstart\nend\n');
  });
});

describe('names', () => {
  it('added beside another are added beside it elsewhere, in every spelling', () => {
    const before = 'enum E {\n  Alpha,\n}\n\n  "alpha" => E::Alpha,\n';
    const now = before.replace('  Alpha,\n', '  Alpha,\n  Gamma,\n');
    expect(outcomes('sibling', [before, now])).toContain(
      now.replace('  "alpha" => E::Alpha,\n', '  "alpha" => E::Alpha,\n  "gamma" => E::Gamma,\n'),
    );
  });

  it('of several functions are listed together', () => {
    const before = 'local function jump(a)\n  go(a)\nend\n\nreturn {\n  jump = jump,\n}\n';
    const added = 'local function walk(a)\n  step(a)\nend\n\nlocal function swim(a)\n  dive(a)\nend\n\n';
    const now = before.replace('return {', `${added}return {`);
    expect(outcomes('sibling', [before, now])).toContain(
      now.replace('  jump = jump,\n', '  jump = jump,\n  walk = walk,\n  swim = swim,\n'),
    );
  });

  it('that were deleted take their other uses with them', () => {
    const before =
      'import { a, helper, b } from "x";\n\nlist(a, helper, b);\nhelper();\nfunction f() throws Helper {}\n';
    const now = before.replace('a, helper, b }', 'a, b }');
    const found = outcomes('removedName', [before, now]);
    expect(found).toContain(now.replace('list(a, helper, b)', 'list(a, b)'));
    expect(found).toContain(now.replace('helper();\n', ''));
  });

  it('for an expression take its place', () => {
    const before = 'def f(request):\n    a(request.user.name)\n    b(request.user.name)\n';
    const now = before.replace('    a(request', '    name = request.user.name\n    a(request');
    const found = outcomes('extracted', [before, now]);
    expect(found).toContain(now.replace('a(request.user.name)', 'a(name)'));
    expect(found).toContain(now.replace('b(request.user.name)', 'b(name)'));
  });
});

describe('argument', () => {
  it('reaches the calls when a parameter is added or removed', () => {
    const before = 'fn send(to: &str, body: &str) {}\n\nsend("a", text(1, 2));\nsend(b, c);\n';
    const now = before.replace('body: &str)', 'body: &str, retry: bool)');
    expect(outcomes('argument', [before, now])).toContain(now.replace('send(b, c)', 'send(b, c, retry)'));
    const fewer = before.replace('to: &str, ', '');
    expect(outcomes('argument', [before, fewer])).toContain(fewer.replace('"a", text', 'text'));
  });
});

describe('completion', () => {
  it('finishes a line on its way to a known change', () => {
    const before = 'a = get(1)\nx\nb = get(2)\n';
    const one = before.replace('get(1)', 'fetch(1, cached)');
    const half = one.replace('get(2)', 'fet¦(2)');
    expect(outcomes('completion', [before, one, half])).toContain('a = fetch(1, cached)\nx\nb = fetch(2, cached)\n');
  });
});
