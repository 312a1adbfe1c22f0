import type { Change } from './changes.ts';
import type { Rule } from './generators/rules.ts';
import { isIdentifier } from './lexer.ts';
import { linesWith } from './names.ts';
import type { Scene } from './scene.ts';
import { NameScopes, type Occurrence } from './scopes.ts';
import { textKind } from './textKinds.ts';

/** How a name is declared, as numbers for the ranker. Append, never reorder, or fit again. */
export const declarationKinds = ['line', 'header', 'local', 'callable', 'member'] as const;

/** What a place has in common with the example of a rule, beside its text. */
export interface SiteLook {
  /** Whether the name here stands for what the example's did: 1 yes, 0 no, 0.5 where that cannot be told. */
  readonly scope: number;
  readonly declared: number;
  readonly inString: boolean;
  readonly inComment: boolean;
  readonly asMember: boolean;
  readonly asLabel: boolean;
}

export type LookAt = (line: number, column: number) => SiteLook;

/** Looks at places with the eyes of a rule: what is its example's kind, and what is not. */
export function looksOf(scene: Scene, rule: Rule): LookAt {
  scene.looks ??= new Map();
  const key = `${rule.oldText}\0${rule.newText}\0${rule.examples.join()}`;
  const known = scene.looks.get(key);
  if (known) return known;
  const made = isRename(rule) ? nameLooks(scene, rule) : textLooks(scene, rule);
  scene.looks.set(key, made);
  return made;
}

/** Whether one name took another's place. */
export function isRename(rule: Rule): boolean {
  return rule.oldTokens === 1 && rule.newTokens === 1 && isIdentifier(rule.oldText) && isIdentifier(rule.newText);
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
  const example = exampleOf(scene, rule, scopes);
  return (line, column) => {
    const here = scopes.occurrence(line, column, scene.lines[line] ?? '');
    return compare(here, example);
  };
}

/** What the rule's name is in the newest example in this document. */
function exampleOf(scene: Scene, rule: Rule, scopes: NameScopes): Occurrence | undefined {
  const [newest] = examplesOf(scene, rule);
  if (!newest) return undefined;
  const line = newest.start + newest.oldLines.indexOf(rule.line);
  if (line < newest.start) return undefined;
  return scopes.occurrence(line, rule.column, rule.line);
}

/** One-for-one changes of this document that show the rule, newest first. */
function examplesOf(scene: Scene, rule: Rule): Change[] {
  return rule.examples
    .flatMap((index) => scene.changes[index] ?? [])
    .filter((change) => !change.elsewhere && change.oldLines.length === change.newLines.length)
    .sort((a, b) => a.age - b.age);
}

function compare(here: Occurrence, example: Occurrence | undefined): SiteLook {
  const exampleText = example?.text ?? textKind.code;
  return {
    scope: scopeOf(here, example),
    declared: example?.declaration ? declarationKinds.indexOf(example.declaration.kind) : -1,
    inString: here.text === textKind.string && exampleText !== textKind.string,
    inComment: here.text === textKind.comment && exampleText !== textKind.comment,
    asMember: example !== undefined && here.member !== example.member,
    asLabel: here.label && !(example?.label ?? false),
  };
}

function scopeOf(here: Occurrence, example: Occurrence | undefined): number {
  if (!example) return 0.5;
  const [a, b] = [example.declaration, here.declaration];
  if (a === b) return a ? 1 : 0.5;
  // Members are told by what they are taken from, which nobody declares on a line of its own.
  if (example.member || here.member || a?.kind === 'member') return 0.5;
  return 0;
}

/** A rule that is about no single name: only strings and comments are told apart. */
function textLooks(scene: Scene, rule: Rule): LookAt {
  const [newest] = examplesOf(scene, rule);
  const exampleText = newest ? scene.kinds.at(newest.start, rule.column) : textKind.code;
  return (line, column) => {
    const text = scene.kinds.at(line, column);
    return {
      scope: 0.5,
      declared: -1,
      inString: text === textKind.string && exampleText !== textKind.string,
      inComment: text === textKind.comment && exampleText !== textKind.comment,
      asMember: false,
      asLabel: false,
    };
  };
}
