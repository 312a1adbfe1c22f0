// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code that interpolates
import { describe, expect, it } from 'vitest';
import type { PooledCandidate } from '../../../server/engines/pattern/candidate.ts';
import { collect } from '../../../server/engines/pattern/propose.ts';
import { buildScene } from '../../../server/engines/pattern/scene.ts';

/** What is proposed where `old` has become `now`, in the place that is marked: `«old→now»`, of any number of steps. */
function candidates(languageId: string, marked: string, kind: string): PooledCandidate[] {
  const steps = [...marked.matchAll(/«([^→]*)→([^»]*)»/g)];
  const texts = Array.from({ length: steps.length + 1 }, (_, done) => {
    let step = 0;
    return marked.replace(/«([^→]*)→([^»]*)»/g, (_all, old: string, now: string) => (step++ < done ? now : old));
  });
  const current = texts.pop() ?? '';
  const scene = buildScene({ path: '', languageId, history: texts, current });
  return scene ? collect(scene).filter(({ evidence }) => evidence.kind === kind) : [];
}

/** By line, counted from 1: what `of` says of the place there, the one proposal where there are more. */
function byLine<T>(languageId: string, marked: string, of: (candidate: PooledCandidate) => T, kind = 'replace') {
  return Object.fromEntries(candidates(languageId, marked, kind).map((one) => [one.start + 1, of(one)]));
}

const scope = ({ evidence }: PooledCandidate) => evidence.scope;

describe('how sure it is that a name stands for the one that was changed', () => {
  it.each([
    [
      '1 for the same parameter; another function’s is not changed',
      'typescript',
      `function a(«item→entry»: string) {
  use(item);
}
function b(item: string) {
  use(item);
}`,
      { 2: 1 },
    ],
    [
      '0.5 where it is declared nowhere',
      'typescript',
      `use(«item→entry»);
other(item);`,
      { 2: 0.5 },
    ],
    [
      '1 in a function of a call; that of its own parameter is not changed',
      'typescript',
      `const «item→entry» = 1;
items.forEach((item) => {
  use(item);
});
setTimeout(() => use(item), 1);`,
      { 5: 1 },
    ],
    [
      '0.9 where it is taken from the same, 0.5 from another',
      'typescript',
      `a.«item→entry»();
a.item();
b.item();`,
      { 2: 0.9, 3: 0.5 },
    ],
    [
      '0.75 where one type has such a member',
      'typescript',
      `class A {
  «item→entry»: string;
}
use(a.item);
use(item);`,
      { 4: 0.75 },
    ],
    [
      '0.4 where several have one',
      'typescript',
      `class A {
  «item→entry»: string;
}
class B {
  item: string;
}
use(a.item);`,
      { 5: 0.4, 7: 0.4 },
    ],
    [
      '1 for members without what they are taken from, inside their type',
      'java',
      `class A {
    private int «item→entry»;

    int a() {
        return item;
    }
}`,
      { 5: 1 },
    ],
    [
      '0.5 once two names have been changed',
      'python',
      `def a(«item→entry»):
    pass

def b(«item→entry»):
    pass

def c(item):
    use(item)`,
      { 7: 0.5, 8: 0.5 },
    ],
    [
      'Rust: only up to the let that hides it',
      'rust',
      `fn a() {
    let «item→entry» = b();
    use_it(item);
    let item = c();
    use_it(item);
}`,
      { 3: 1 },
    ],
  ])('%s', (_, languageId, marked, wanted) => {
    expect(byLine(languageId, marked, scope)).toEqual(wanted);
  });
});

describe('what a place is that the example is not', () => {
  it('a label', () => {
    const said = 'const «item→entry» = 1;\nuse(item);\nb({ item: 1 });\n';
    expect(byLine('typescript', said, ({ evidence }) => evidence.asLabel)).toEqual({ 2: 0, 3: 1 });
  });

  it('a member: not offered for a name', () => {
    const said = 'const «item→entry» = 1;\nuse(item);\nb.item();\n';
    expect(byLine('typescript', said, ({ lines }) => lines[0])).toEqual({ 2: 'use(entry);' });
  });

  it('a text or a remark: not offered for a name', () => {
    const said = 'const «item→entry» = 1;\nuse("item");\n// item\nuse(item, "item");\n';
    expect(byLine('typescript', said, ({ lines }) => lines[0])).toEqual({ 4: 'use(entry, "item");' });
  });

  it('nothing new once the name has been changed in a text', () => {
    const said = 'const «item→entry» = 1;\nuse("«item→entry»");\nuse("item");\n// item\n';
    expect(byLine('typescript', said, ({ lines }) => lines[0])).toEqual({ 3: 'use("entry");' });
  });

  it('what interpolates in a text is code', () => {
    const said = 'const «item→entry» = 1;\nuse(`item ${item}`);\n';
    expect(byLine('typescript', said, ({ lines }) => lines[0])).toEqual({ 2: 'use(`item ${entry}`);' });
  });

  it('is told for other replacements, too', () => {
    const said = 'a(«x.size()→x.length»);\nb("x.size()");\n// x.size()\nc(x.size());\n';
    const flags = ({ evidence: { inString, inComment, scope } }: PooledCandidate) => [inString, inComment, scope];
    expect(byLine('typescript', said, flags)).toMatchObject({ 2: [1, 0, 0.5], 3: [0, 1, 0.5], 4: [0, 0, 0.5] });
  });

  it('leaves other ways of writing a name open', () => {
    const said = 'class «UserName→AccountId» {}\nfn(user_name);\nconst USER_NAME = 1;\n';
    expect(byLine('rust', said, scope, 'rename')).toEqual({ 2: 0.5, 3: 0.5 });
  });
});
