import type { Change } from './changes.ts';
import { linesWith } from './codeNames.ts';
import { isIdentifier, isWord } from './lexer.ts';
import type { LookAt, Rule, SiteLook } from './rule.ts';
import type { Scene } from './scene.ts';
import { type Declaration, NameScopes, type Occurrence } from './scopes.ts';
import { type TextKind, textKind } from './textKinds.ts';

/** How a name is declared, as numbers for the ranker. Append, never reorder, or fit again. */
export const declarationKinds = ['line', 'header', 'local', 'callable', 'member'] as const;

/** Classifies places for a rule: which are of its example's kind, and which are not. */
export function looksOf(scene: Scene, rule: Rule): LookAt {
  scene.looks ??= new Map();
  const key = `${rule.oldText}\0${rule.newText}\0${rule.examples.join()}`;
  const known = scene.looks.get(key);
  if (known) return known;
  const made = isRename(rule) ? nameLooks(scene, rule) : textLooks(scene, rule);
  scene.looks.set(key, made);
  return made;
}

/** Words that are not names in any language here. */
const statementWords =
  /^(const|let|var|import|export|return|if|else|while|for|class|public|private|protected|static|async|await|def|fn|function|switch|case)$/;

/** Whether one name replaced another. */
export function isRename(rule: Rule): boolean {
  const { oldTokens, newTokens, oldText, newText } = rule;
  if (oldTokens !== 1 || newTokens !== 1) return false;
  return (
    isIdentifier(oldText) && isIdentifier(newText) && !statementWords.test(oldText) && !statementWords.test(newText)
  );
}

function nameLooks(scene: Scene, rule: Rule): LookAt {
  const name = rule.oldText;
  // The text as it was before the name was changed anywhere.
  const old = new Map<number, string>();
  for (const change of examplesOf(scene, rule)) {
    change.oldLines.forEach((line, i) => {
      old.set(change.start + i, line);
    });
  }
  const lineAt = (line: number) => old.get(line) ?? scene.lines[line] ?? '';
  const where = new Set([...linesWith(scene, name), ...linesWith(scene, `$${name}`), ...old.keys()]);
  const scopes = new NameScopes(
    name,
    { lineAt, widths: scene.widths, languageId: scene.languageId, kinds: scene.kinds },
    [...where].sort((a, b) => a - b),
  );
  const examples = learnt(examplesOf(scene, rule).flatMap((change) => occurrencesIn(change, rule, scopes)));
  const members = scopes.declarations.filter(({ kind }) => kind === 'member').length;
  // Several generators look at the same places.
  const known = new Map<number, SiteLook>();
  return (line, column) => {
    const place = line * 2 ** 31 + column;
    const seen = known.get(place);
    if (seen) return seen;
    const here = scopes.occurrence(line, column, scene.lines[line] ?? '');
    const look = compare(here, examples, members);
    look.orphaned = look.scope === 1 && here.declaration !== undefined && old.has(here.declaration.line);
    known.set(place, look);
    return look;
  };
}

/** What the examples of a name show, the newest first. */
interface Examples {
  readonly all: readonly Occurrence[];
  readonly declared: number;
  readonly texts: ReadonlySet<TextKind>;
  readonly declarations: ReadonlySet<Declaration | undefined>;
  /** The first that is a member of something. */
  readonly member: Occurrence | undefined;
  /** The owners of those that are members. */
  readonly receivers: ReadonlySet<string>;
}

function learnt(all: readonly Occurrence[]): Examples {
  const kind = all[0]?.declaration?.kind;
  return {
    all,
    declared: kind ? declarationKinds.indexOf(kind) : -1,
    texts: new Set(all.length > 0 ? all.map(({ text }) => text) : [textKind.code]),
    declarations: new Set(all.map(({ declaration }) => declaration)),
    member: all.find((one) => one.label || isMember(one)),
    receivers: new Set(all.map(({ receiver }) => receiver).filter((receiver) => receiver !== '')),
  };
}

/** The look of the rule's name where a change shows it: its first occurrence on the line that was changed. */
function occurrencesIn(change: Change, rule: Rule, scopes: NameScopes): Occurrence[] {
  return change.oldLines.flatMap((text, i) => {
    if (text === rule.line) return [scopes.occurrence(change.start + i, rule.column, text)];
    const column = columnOf(text, rule.oldText);
    return column < 0 || text === change.newLines[i] ? [] : [scopes.occurrence(change.start + i, column, text)];
  });
}

/** The column of a name as a whole word, -1 where it is not on the line. */
function columnOf(line: string, name: string): number {
  for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1)) {
    if (!isWord(line[at - 1]) && !isWord(line[at + name.length])) return at;
  }
  return -1;
}

/** One-for-one changes of this document that show the rule, newest first. */
function examplesOf(scene: Scene, rule: Rule): Change[] {
  return rule.examples
    .flatMap((index) => scene.changes[index] ?? [])
    .filter((change) => !change.elsewhere && change.oldLines.length === change.newLines.length)
    .sort((a, b) => a.age - b.age);
}

/** `members`: how many types have a member of that name here. Whether the place is orphaned is left open. */
function compare(
  here: Occurrence,
  examples: Examples,
  members: number,
): { -readonly [K in keyof SiteLook]: SiteLook[K] } {
  const { all, declared, texts } = examples;
  return {
    scope: scopeOf(here, examples, members),
    declared,
    orphaned: false,
    member: all.some((one) => isMember(here, one)),
    inString: here.text === textKind.string && !texts.has(textKind.string),
    inComment: here.text === textKind.comment && !texts.has(textKind.comment),
    asMember: all.length > 0 && all.every((one) => isMember(one, here) !== isMember(here, one)),
    asLabel: here.label && !all.some((one) => one.label || isMember(one)),
  };
}

/** Whether a name is a member of something; a label is one beside a member. */
function isMember(one: Occurrence, beside?: Occurrence): boolean {
  if (one.member || one.declaration?.kind === 'member') return true;
  return one.label && beside !== undefined && (beside.label || isMember(beside));
}

function scopeOf(here: Occurrence, { all, declarations, member, receivers }: Examples, members: number): number {
  if (all.length === 0) return 0.5;
  // If a name was changed in several places, the name itself was meant, not what it refers to in one place.
  const isDeclared = here.declaration !== undefined && declarations.has(here.declaration);
  if (isDeclared && here.declaration?.kind !== 'member') return 1;
  if (member && isMember(here, member)) return memberScope(here, receivers, isDeclared, members);
  if (declarations.size > 1) return 0.5;
  if (here.declaration === undefined && declarations.has(undefined) && !here.member && !member) return 0.5;
  return 0;
}

/** Members with the same name may be of other types: decided by their owners and by how many types have one. */
function memberScope(here: Occurrence, receivers: ReadonlySet<string>, isDeclared: boolean, members: number): number {
  if (isDeclared) return 1;
  if (here.receiver !== '' && receivers.has(here.receiver)) return 0.9;
  if (members === 1) return 0.75;
  return members > 1 ? 0.4 : 0.5;
}

/** Classifies places that are not about one name: only strings and comments are distinguished. */
export function textLooks(scene: Scene, rule: Rule): LookAt {
  const texts = new Set(
    examplesOf(scene, rule).map((change) => {
      const row = Math.max(0, change.oldLines.indexOf(rule.line));
      return scene.kinds.at(change.start + row, rule.column);
    }),
  );
  return (line, column) => {
    const text = scene.kinds.at(line, column);
    return {
      scope: 0.5,
      declared: -1,
      orphaned: false,
      member: false,
      inString: text === textKind.string && texts.size > 0 && !texts.has(text),
      inComment: text === textKind.comment && texts.size > 0 && !texts.has(text),
      asMember: false,
      asLabel: false,
    };
  };
}
