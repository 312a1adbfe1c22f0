import type { Candidate } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { isName } from '../codeNames.ts';
import { evidence } from '../evidence.ts';
import { isSpace, isWord, tokenize } from '../lexer.ts';
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { findSites } from './replace.ts';
import { rewriteLines } from './rewrite.ts';

const minTokens = 3;

/** A new name for an expression (`name = expression`): replace the expression by the name below. */
export function* extractedGenerator(scene: Scene): Generator<Candidate> {
  for (const [index, change] of scene.changes.entries()) {
    for (const { name, expression } of definitions(change)) {
      const rule: Rule = {
        oldText: expression,
        newText: name,
        left: [],
        right: [],
        oldTokens: tokenize(expression).filter((token) => !isSpace(token)).length,
        newTokens: 1,
        share: 1,
        examples: [index],
        age: change.age,
        line: '',
        column: 0,
      };
      const sites = findSites(scene, rule).filter((site) => change.elsewhere || site.line >= change.end);
      for (const candidate of rewriteLines(scene, 'extracted', [{ rule, sites }])) {
        const known = { ...candidate.evidence, newTokens: name.length };
        yield { ...candidate, evidence: evidence('extracted', scene, index, known), reason: `use \`${name}\`` };
      }
    }
  }
}

function* definitions(change: Change): Iterable<{ name: string; expression: string }> {
  const old = new Set(change.oldLines);
  for (const line of change.newLines) {
    if (old.has(line)) continue;
    const tokens = tokenize(line);
    const at = tokens.findIndex((token, i) => token === '=' || (token === ':' && tokens[i + 1] === '='));
    if (at < 1) continue;
    const left = tokens.slice(0, at).filter((token) => !isSpace(token));
    const name = left.filter(isName).at(-1);
    let right = tokens.slice(tokens[at] === ':' ? at + 2 : at + 1);
    while (isSpace(right[0])) right = right.slice(1);
    while (right.length > 0 && /^[\s;,]/.test(right.at(-1) ?? '')) right = right.slice(0, -1);
    const solid = right.filter((token) => !isSpace(token));
    const quoted = /^["'`]/.test(right[0] ?? '');
    if (!name || !solid.some(isWord) || (solid.length < minTokens && !(quoted && solid.length > 2))) continue;
    yield { name, expression: right.join('') };
  }
}
