"""Checks simulated cases and shows some: what was done, and what is to follow.

Usage: check_simulated.py [--kind KIND] [--lang LANG] [--show N] [--seed N] CASES.jsonl.gz...
Applies all that remains of every case and counts, by kind, texts that no longer parse though they did before the edits.
"""
from __future__ import annotations

import argparse
import difflib
import gzip
import json
import random
from collections import Counter

from sim.tree import LANGS, build

GRAMMAR = {lang: grammar for lang, grammar in LANGS.values()} | {'javascriptreact': 'tsx'}


def first_hunks(case: dict) -> list[dict]:
    """Of every place the first entry: single pieces come before runs and alternatives."""
    out, taken = [], set()
    for hunk in case['remaining']:
        rows = set(range(hunk['start'], hunk['end']))
        key = (hunk['start'], hunk['end'])
        if key not in taken and not rows & {r for a, b in taken for r in range(a, b)}:
            taken.add(key)
            out.append(hunk)
    return out


def finished(case: dict) -> str:
    lines = case['current'].split('\n')
    for hunk in sorted(first_hunks(case), key=lambda h: (h['start'], h['end']), reverse=True):
        lines[hunk['start']:hunk['end']] = hunk['lines']
    return '\n'.join(lines)


def changes(a: str, b: str) -> list[str]:
    return [l[:150] for l in difflib.unified_diff(a.split('\n'), b.split('\n'), lineterm='', n=0)][2:]


def show(case: dict) -> None:
    print('=' * 12, case['id'], case['lang'])
    texts = [*case['history'], case['current']]
    for a, b in zip(texts, texts[1:]):
        print('\n'.join(changes(a, b)[:16]), '\n .')
    rows = case['current'][:case['cursor']].split('\n')
    rest = case['current'][case['cursor']:].split('\n')[0]
    print(f'cursor {len(rows) - 1}: {rows[-1][-30:]}|{rest[:30]}')
    print('\n'.join('   ' + l for l in changes(case['current'], finished(case))) if case['remaining'] else '   silence')


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--kind', default='')
    parser.add_argument('--lang')
    parser.add_argument('--show', type=int, default=0)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('files', nargs='+')
    args = parser.parse_args()
    cases = [c for f in args.files for c in map(json.loads, gzip.open(f, 'rt')) if c['set'].startswith(args.kind) and args.lang in (None, c['lang'])]
    random.seed(args.seed)
    if args.show:
        for case in random.sample(cases, min(args.show, len(cases))):
            show(case)
        return
    total, broken, examples = Counter(), Counter(), {}
    for case in cases:
        total[case['set']] += 1
        if case['remaining']:
            grammar = GRAMMAR[case['lang']]
            start = case['history'][0] or case['history'][-1]
            if not build(grammar, start.encode()).error and build(grammar, finished(case).encode()).error:
                broken[case['set']] += 1
                examples.setdefault(case['set'], []).append(case['id'])
    for kind in sorted(total):
        print(f'{kind:24}{total[kind]:7}{broken[kind]:6}  {" ".join(examples.get(kind, [])[:3])}')


if __name__ == '__main__':
    main()
